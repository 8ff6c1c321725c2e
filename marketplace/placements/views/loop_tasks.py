"""What the loop asks of a seller, each thing in one sentence with the way to where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from flask import url_for

from ... import clock
from ...i18n import _, format_day, format_number, ngettext
from ...money import format_rupiah
from ...payments.queries import PaymentListRow
from ..queries import AgreementRow, OutletShelf
from ..queries.debts import Debt
from ..queries.deliveries import DeliveryRow
from ..queries.differences import DifferenceRow
from ..queries.markdowns import MarkdownRow
from ..queries.messages import LastWord
from ..queries.reporting import SilentOutlet
from ..queries.returns import ReturnRow
from ..queries.settlements import SettlementRow
from ..queries.waiting import Expiring, Offer, SellerWaits
from ..rules import urgency
from ..rules.differences import DIFFERENCE_WORDS
from ..rules.shelf import Level
from ..rules.urgency import Urgency
from ..wording import commission_words
from .links import document_url, document_words
from .tasks import ORDER, Task

SHORT, GRACE, INFO = Urgency.SHORT.value, Urgency.GRACE.value, Urgency.INFO.value


def with_loop(
    tasks: Sequence[Task],
    waits: SellerWaits,
    undelivered: Sequence[AgreementRow],
    shelves: Sequence[OutletShelf],
    day: date,
) -> list[Task]:
    """The seller's tasks with all that the loop asks, the most urgent first."""
    makers: tuple[tuple[Callable[..., Task], Sequence[object]], ...] = (
        (offer_task, waits.offers),
        (_overdue, [overdue] if (overdue := [one for one in waits.debts if one.overdue_rupiah > 0]) else []),
        (_payment, waits.payments),
        (settlement_task, waits.settlements),
        (difference_task, waits.differences),
        (_markdown, waits.markdowns),
        (_draft, waits.drafts),
        (_return, waits.returns),
        (_expiring, waits.expiring),
        (_silent, waits.silent),
        (message_task, waits.messages),
    )
    found = [make(row, day) for make, rows in makers for row in rows]
    found += _deliveries_wanted(waits, undelivered, shelves, day)
    return sorted([*found, *tasks], key=lambda task: ORDER.index(task.kind))


def _deliveries_wanted(
    waits: SellerWaits, undelivered: Sequence[AgreementRow], shelves: Sequence[OutletShelf], day: date
) -> Iterator[Task]:
    """Shelves that are empty or soon will be; not those that goods are written for or on their way to."""
    coming = waits.sent_to
    for row in undelivered:
        if row.outlet_id not in coming:
            yield _deliver_first(row, day)
    for shelf in shelves:
        is_low = shelf.outlook.level in (Level.OUT, Level.SOON)
        if shelf.is_in_force and is_low and shelf.outlet_id not in coming:
            yield _refill(shelf, waits.agreement_at(shelf.outlet_id))


# --- answers -----------------------------------------------------------------------------------------------


def offer_task(row: Offer, day: date, *, for_outlet: bool = False) -> Task:
    """Terms on the table: a proposal, a counter-offer, or a change of what is in force."""
    who = row.seller_name if for_outlet else row.outlet_name
    if row.is_change:
        title = _("Jawab usulan perubahan perjanjian dari %(who)s", who=who)
    elif row.number > 1:
        title = _("Jawab tawaran balik dari %(who)s", who=who)
    else:
        title = _("Jawab tawaran titip jual dari %(who)s", who=who)
    return Task(
        title=title,
        body=_(
            "%(commission)s, mulai %(day)s. Tanpa jawaban tawaran ini gugur.",
            commission=commission_words(row.terms),
            day=format_day(row.terms.valid_from),
        ),
        icon="journal-text",
        kind=urgency.answer_urgency(row.reply_by, day).value,
        url=url_for("agreements.agreement", agreement_id=row.agreement_id),
        action=_("Baca dan jawab"),
        when=days_words(row.reply_by, day),
    )


def days_words(until: date | None, day: date) -> str:
    """Time that is left until the end of a day."""
    if until is None:
        return ""
    left = (until - day).days
    if left < 0:
        return _("Lewat %(count)d hari.", count=-left)
    return _("Hari ini terakhir.") if left == 0 else _("Sisa %(count)d hari.", count=left)


def _markdown(row: MarkdownRow, day: date) -> Task:
    return Task(
        title=_("Jawab permintaan harga turun %(product)s", product=row.product_name),
        body=_(
            "%(outlet)s minta menjual %(price)s, bukan %(agreed)s, sampai %(day)s. "
            "Tanpa jawaban Anda harga tetap.",
            outlet=row.outlet_name,
            price=format_rupiah(row.price_rupiah),
            agreed=format_rupiah(row.agreed_rupiah),
            day=format_day(row.last_day),
        ),
        icon="tags",
        kind=urgency.answer_urgency(row.last_day, day).value,
        url=url_for("markdowns.markdown", markdown_id=row.id),
        action=_("Lihat dan jawab"),
    )


# --- goods -------------------------------------------------------------------------------------------------


def _draft(row: DeliveryRow, day: date) -> Task:
    return Task(
        title=_("Kirim surat jalan untuk %(outlet)s", outlet=row.outlet_name),
        body=_(
            "%(count)s barang untuk %(day)s sudah ditulis, tetapi toko belum melihatnya.",
            count=format_number(row.units),
            day=format_day(row.deliver_on),
        ),
        icon="truck",
        kind=urgency.sending_urgency(row.deliver_on, day).value,
        url=url_for("deliveries.delivery", delivery_id=row.id),
        action=_("Periksa dan kirim"),
        when=days_words(row.deliver_on, day) if row.deliver_on < day else "",
    )


FIRST_DELIVERY_DAYS = 7
"""So long may the first goods be on their way before it is urgent."""


def _deliver_first(row: AgreementRow, day: date) -> Task:
    return Task(
        title=_("Antar barang pertama ke %(outlet)s", outlet=row.outlet_name),
        body=_(
            "Perjanjian berlaku sejak %(day)s, tetapi belum ada barang yang tercatat di rak. "
            "Selama itu Anda belum dihitung.",
            day=format_day(row.starts_on),
        ),
        icon="truck",
        kind=SHORT if (day - row.starts_on).days >= FIRST_DELIVERY_DAYS else GRACE,
        url=url_for("deliveries.new", agreement=row.id),
        action=_("Tulis surat jalan"),
    )


def _refill(shelf: OutletShelf, agreement_id: int | None) -> Task:
    if shelf.outlook.level is Level.OUT:
        body = (
            _("Rak Anda di sana kosong sejak %(day)s.", day=format_day(shelf.last_on))
            if shelf.last_on
            else _("Rak Anda di sana kosong.")
        )
    else:
        body = _(
            "Sisa %(count)s, kira-kira cukup %(days)d hari.",
            count=format_number(shelf.on_hand),
            days=shelf.outlook.days or 0,
        )
    return Task(
        title=_("Kirim lagi ke %(outlet)s", outlet=shelf.outlet_name),
        body=body,
        icon="box-seam",
        kind=SHORT if shelf.outlook.level is Level.OUT else GRACE,
        url=url_for("deliveries.new", agreement=agreement_id),
        action=_("Tulis surat jalan"),
    )


def _return(row: ReturnRow, day: date) -> Task:
    return Task(
        title=_("Ambil retur di %(outlet)s", outlet=row.outlet_name),
        body=_(
            "%(count)s barang disisihkan dengan nota %(number)s dan menunggu Anda.",
            count=format_number(row.units),
            number=row.number,
        ),
        icon="arrow-return-left",
        kind=urgency.fetching_urgency(row.fetch_by, day).value,
        url=url_for("returns.return_note", return_id=row.id),
        action=_("Lihat retur"),
        when=days_words(row.fetch_by, day),
    )


def _expiring(row: Expiring, day: date) -> Task:
    left = row.days_left(day)
    what = row.product_name if row.lots == 1 else _("%(count)d lot", count=row.lots)
    if row.expired:
        body = _(
            "%(units)s barang (%(what)s) hampir habis umurnya; %(expired)s di antaranya sudah kedaluwarsa "
            "dan tidak boleh dijual.",
            units=format_number(row.units),
            what=what,
            expired=format_number(row.expired),
        )
    else:
        body = _(
            "%(units)s barang (%(what)s) kedaluwarsa dalam 30 hari, yang pertama %(day)s.",
            units=format_number(row.units),
            what=what,
            day=format_day(row.expires_on),
        )
    return Task(
        title=_("Periksa barang yang hampir kedaluwarsa di %(outlet)s", outlet=row.outlet_name),
        body=body,
        icon="clock-history",
        kind=urgency.expiry_urgency(left).value,
        url=url_for("goods.goods", outlet=row.outlet_id, life="expired" if row.expired else "near"),
        action=_("Lihat lotnya"),
        when="" if row.expired else days_words(row.expires_on, day),
    )


def _silent(row: SilentOutlet, _day: date) -> Task:
    return Task(
        title=_("%(outlet)s belum melaporkan penjualan", outlet=row.outlet_name),
        body=_(
            "Tidak ada laporan sejak %(day)s, padahal disepakati tiap %(cycle)d hari. "
            "Toko sudah kami ingatkan; Anda boleh menghubunginya.",
            day=format_day(row.since),
            cycle=row.cycle_days,
        ),
        icon="bell",
        kind=urgency.silence_urgency(row.silent_days, row.cycle_days).value,
        url=url_for("sales.silent"),
        action=_("Lihat toko yang diam"),
        when=_("Terlambat %(count)d hari.", count=row.silent_days),
    )


# --- what both must agree on -------------------------------------------------------------------------------


def difference_task(row: DifferenceRow, day: date, *, for_outlet: bool = False) -> Task:
    """Something that both see differently; what waits for the office can only be followed."""
    amount = (
        _("%(count)s %(product)s", count=format_number(row.quantity), product=row.product_name or _("barang"))
        if row.quantity is not None
        else format_rupiah(row.rupiah or 0)
    )
    who = row.seller_name if for_outlet else row.outlet_name
    kind = INFO if row.referred_at else urgency.word_urgency(row.days_open).value
    return Task(
        title=_("Selesaikan selisih dengan %(who)s", who=who),
        body=_(
            "%(kind)s: %(amount)s. Dinas diminta memutuskan.", kind=DIFFERENCE_WORDS[row.kind], amount=amount
        )
        if row.referred_at
        else _(
            "%(kind)s: %(amount)s, terbuka sejak %(day)s.",
            kind=DIFFERENCE_WORDS[row.kind],
            amount=amount,
            day=format_day(clock.wib_day(row.opened_at)),
        ),
        icon="exclamation-circle-fill",
        kind=kind,
        url=url_for("differences.difference", difference_id=row.id),
        action=_("Lihat selisih"),
    )


def settlement_task(row: SettlementRow, day: date) -> Task:
    """An issued settlement that waits for the seller's word."""
    return Task(
        title=_("Periksa penyelesaian dari %(outlet)s", outlet=row.outlet_name),
        body=_(
            "%(number)s: %(net)s untuk penjualan %(first)s sampai %(last)s. "
            "Benarkan, atau bantah baris yang keliru.",
            number=row.number or "",
            net=format_rupiah(row.net_rupiah),
            first=format_day(row.first_day),
            last=format_day(row.last_day),
        ),
        icon="receipt",
        kind=urgency.word_urgency((day - row.last_day).days).value,
        url=url_for("settlements.settlement", settlement_id=row.id),
        action=_("Periksa"),
    )


def _payment(row: PaymentListRow, day: date) -> Task:
    return Task(
        title=_(
            "Pastikan bayaran %(rupiah)s dari %(who)s",
            rupiah=format_rupiah(row.amount_rupiah),
            who=row.operator_name,
        ),
        body=_(
            "Toko mencatat membayar %(day)s. Katakan sudah masuk atau belum, supaya tagihannya jelas.",
            day=format_day(row.paid_on),
        ),
        icon="bank",
        kind=urgency.word_urgency((day - row.paid_on).days).value,
        url=url_for("payments.payment", payment_id=row.id),
        action=_("Sudah masuk atau belum"),
    )


def _overdue(rows: Sequence[Debt], day: date) -> Task:
    """Money that stores and buyers should have paid by now: one thing to do, however many they are."""
    oldest = min(rows, key=lambda row: row.due_on or day)
    due_on, rupiah = oldest.due_on or day, format_rupiah(sum(row.overdue_rupiah for row in rows))
    one, of_orders = len(rows) == 1, any(row.outlet_id is None for row in rows)
    return Task(
        title=_("Tagih %(rupiah)s dari %(outlet)s", rupiah=rupiah, outlet=oldest.payer_name)
        if one
        else _("Tagih %(rupiah)s dari %(count)d toko dan pembeli", rupiah=rupiah, count=len(rows))
        if of_orders
        else _("Tagih %(rupiah)s dari %(count)d toko", rupiah=rupiah, count=len(rows)),
        body=_("Jatuh tempo %(day)s dan belum dibayar.", day=format_day(due_on))
        if one
        else _(
            "Lewat jatuh tempo dan belum dibayar. Yang tertua dari %(outlet)s, %(day)s.",
            outlet=oldest.payer_name,
            day=format_day(due_on),
        ),
        icon="exclamation-triangle-fill",
        kind=SHORT,
        url=url_for("dues.dues", state="overdue")
        if of_orders
        else url_for("settlements.settlements", status="overdue", outlet=oldest.outlet_id if one else None),
        action=_("Lihat tagihan"),
        when=days_words(due_on, day),
    )


def message_task(last: LastWord, day: date) -> Task:
    """A document on which the other side had the last word."""
    row = last.message
    unread = ngettext("%(num)d pesan belum dibaca.", "%(num)d pesan belum dibaca.", last.unread)
    sent_on = clock.wib_day(row.sent_at)
    waited = ngettext("Menunggu %(num)d hari.", "Menunggu %(num)d hari.", (day - sent_on).days)
    text = row.body.replace("\n", " ")
    return Task(
        title=_("Balas pesan %(name)s", name=row.author_name),
        body=_("Pada %(document)s: %(text)s", document=document_words(row.document_kind), text=text[:140]),
        icon="chat-left-text",
        kind=urgency.message_urgency((day - sent_on).days).value,
        url=document_url(row.document_kind, row.document_id, anchor="pesan"),
        action=_("Baca dan balas"),
        when=" ".join(one for one in (unread if last.unread else "", waited if sent_on < day else "") if one),
    )
