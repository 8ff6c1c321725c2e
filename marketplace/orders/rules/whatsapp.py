"""What one side of an order may send the other by WhatsApp with one tap: the words for where it stands.

Many makers have no e-mail. The draft opens with everything typed; its sender reads it and sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from ...i18n import _, format_day
from ...money import format_rupiah
from ...organizations.rules import whatsapp_url
from ...texts import lines, one_line
from ..models import OrderState
from .states import OrderSide

MOST_NAME = 80
MOST_TEXT = 900
ANYBODY = "https://wa.me/"


@dataclass(frozen=True, slots=True)
class Said:
    """What a draft may say of an order: `writer` writes to `reader`; `due_on` ends its state."""

    number: str
    writer: str
    reader: str
    total_rupiah: int
    url: str
    due_on: date | None = None
    deliver_to: date | None = None
    shipping_rupiah: int = 0
    advance_rupiah: int = 0
    due_rupiah: int = 0
    note: str = ""


def draft_url(phone: str | None, text: str) -> str:
    """The link that opens WhatsApp with these words: to a mobile number, else to whomever is picked there."""
    return f"{whatsapp_url(phone) or ANYBODY}?text={quote(lines(text)[:MOST_TEXT], safe='')}"


def order_draft(state: OrderState, side: OrderSide, said: Said) -> str:
    """The words that this side would send now; empty where it has nothing to say."""
    sentence = (_from_seller if side is OrderSide.SELLER else _from_buyer)(state, said)
    if not sentence:
        return ""
    greeting = _("Halo %(reader)s, ini %(writer)s.", reader=_name(said.reader), writer=_name(said.writer))
    return f"{greeting} {sentence}\n{said.url}"


def _name(text: str) -> str:
    """A name as it can stand in a message: one line, no marks that WhatsApp takes for bold and the like."""
    bare = one_line(text).translate(str.maketrans("", "", "*_~`"))
    return bare if len(bare) <= MOST_NAME else bare[: MOST_NAME - 1].rstrip() + "…"


def _from_seller(state: OrderState, said: Said) -> str:
    total, number = format_rupiah(said.total_rupiah), said.number
    due = format_day(said.due_on) if said.due_on else ""
    last = format_day(said.deliver_to) if said.deliver_to else ""
    s = OrderState
    if state is s.PLACED:
        return _(
            "Pesanan %(number)s (%(total)s) sudah kami terima dan sedang kami periksa.",
            number=number,
            total=total,
        )
    if state is s.QUOTED:
        return _(
            "Ongkos kirim pesanan %(number)s %(shipping)s, jadi totalnya %(total)s. Mohon disetujui paling "
            "lambat %(day)s.",
            number=number,
            shipping=format_rupiah(said.shipping_rupiah),
            total=total,
            day=due,
        )
    if state is s.AWAITING_PAYMENT:
        return _(
            "Pesanan %(number)s kami terima. Mohon dibayar %(amount)s paling lambat %(day)s, lalu kami "
            "kemas.",
            number=number,
            amount=format_rupiah(said.advance_rupiah),
            day=due,
        )
    if state in {s.CONFIRMED, s.PAID}:
        return _(
            "Pesanan %(number)s kami terima dan kami kirim paling lambat %(day)s.", number=number, day=last
        )
    if state is s.PACKED:
        return _("Pesanan %(number)s sudah dikemas dan segera kami kirim.", number=number)
    if state is s.SHIPPED:
        return _(
            "Pesanan %(number)s sudah kami kirim dengan surat jalan %(note)s. Mohon dicatat penerimaannya "
            "paling lambat %(day)s.",
            number=number,
            note=said.note,
            day=due,
        )
    if state is s.INVOICED and said.due_rupiah:
        return _(
            "Pesanan %(number)s sudah ditagih. Sisa yang dibayar %(amount)s. Terima kasih.",
            number=number,
            amount=format_rupiah(said.due_rupiah),
        )
    if state is s.DECLINED:
        return _("Mohon maaf, pesanan %(number)s belum bisa kami penuhi.", number=number)
    if state is s.CANCELLED:
        return _("Pesanan %(number)s sudah dibatalkan.", number=number)
    return ""


def _from_buyer(state: OrderState, said: Said) -> str:
    total, number = format_rupiah(said.total_rupiah), said.number
    due = format_day(said.due_on) if said.due_on else ""
    last = format_day(said.deliver_to) if said.deliver_to else ""
    s = OrderState
    if state is s.PLACED:
        return _(
            "Kami memesan barang Anda di Etalase, nomor %(number)s, %(total)s, untuk dikirim paling lambat "
            "%(last)s. Mohon dijawab paling lambat %(day)s.",
            number=number,
            total=total,
            last=last,
            day=due,
        )
    if state is s.QUOTED:
        return _("Ongkos kirim pesanan %(number)s sedang kami pertimbangkan.", number=number)
    if state is s.AWAITING_PAYMENT:
        return _("Pesanan %(number)s segera kami bayar.", number=number)
    if state in {s.CONFIRMED, s.PAID, s.PACKED}:
        return _(
            "Kami menunggu pesanan %(number)s, paling lambat %(day)s. Apakah ada kendala?",
            number=number,
            day=last,
        )
    if state is s.SHIPPED:
        return _("Pesanan %(number)s kami tunggu. Kapan barangnya sampai?", number=number)
    if state in {s.INVOICED, s.SETTLED}:
        return _("Barang pesanan %(number)s sudah kami terima. Terima kasih.", number=number)
    if state is s.CANCELLED:
        return _("Pesanan %(number)s kami batalkan. Mohon maaf.", number=number)
    return ""
