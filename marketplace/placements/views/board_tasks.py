"""What waits at an outlet, by kind, each thing in one sentence with the way to where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for

from ...i18n import _, format_day, format_number, ngettext
from ...money import format_rupiah
from ...permissions import Actor, Permission
from ..hooks import more_work
from ..queries.board import SHOWN, OutletBoard
from ..queries.counts import CountDue
from ..queries.deliveries import DeliveryRow
from ..queries.goods import GoodsRow
from ..queries.returns import ReturnRow
from ..queries.settlements import SettlementRow
from ..queries.waiting import ReportDue
from ..rules import urgency
from ..rules.returns import NEAR_DAYS, Advice
from ..rules.urgency import Urgency
from .loop_tasks import days_words, difference_task, message_task, offer_task
from .tasks import ORDER, Task

MARKDOWN_DAYS = 7
"""With less life than this a lower price comes too late; the goods go back."""


@dataclass(frozen=True)
class Section:
    """One kind of thing that waits: its tasks, and where the whole list stands."""

    id: str
    title: str
    tasks: Sequence[Task]
    all_url: str = ""

    @property
    def is_full(self) -> bool:
        """Whether there may be more than what is shown."""
        return len(self.tasks) >= SHOWN

    @property
    def place(self) -> int:
        """Its place on the board: that of its most urgent task."""
        return min(ORDER.index(task.kind) for task in self.tasks)


def board_sections(board: OutletBoard, actor: Actor, day: date) -> list[Section]:
    """The kinds of things that wait at an outlet, the most urgent first; kinds without any are left out."""
    name, outlet_id = board.outlet.name, board.outlet.id
    found = [
        Section(
            "kiriman",
            _("Kiriman yang datang"),
            [_arrival(row, day) for row in board.deliveries],
            url_for("deliveries.deliveries", state="sent", outlet=outlet_id),
        ),
        Section("laporan", _("Laporan dan hitung stok"), _duties(board, day)),
        Section(
            "umur",
            _("Hampir kedaluwarsa"),
            [_lot(row, actor, day) for row in board.expiring],
            url_for("goods.goods", outlet=outlet_id),
        ),
        Section(
            "tagihan",
            _("Tagihan yang harus dibayar"),
            [_bill(row, day) for row in board.bills],
            url_for("settlements.settlements", outlet=outlet_id, sort="due_on"),
        ),
        Section(
            "penyelesaian",
            _("Penyelesaian yang harus diterbitkan"),
            [_draft(row, day) for row in board.drafts],
            url_for("settlements.settlements", outlet=outlet_id, status="draft"),
        ),
        Section(
            "selisih",
            _("Selisih"),
            [difference_task(row, day, for_outlet=True) for row in board.differences],
            url_for("differences.differences", state="open", q=name),
        ),
        Section(
            "tawaran", _("Tawaran"), [offer_task(row, day, for_outlet=True) for row in board.offers],
            url_for("agreements.agreements", condition="proposed", q=name),
        ),
        Section(
            "retur",
            _("Retur yang menunggu diambil"),
            [_kept(row, day) for row in board.returns],
            url_for("returns.returns", state="waiting", q=name),
        ),
        Section("pesan", _("Pesan"), [message_task(row, day) for row in board.messages]),
        *(one for work in more_work() for one in work.at_outlet(actor, outlet_id, day)),
    ]  # fmt: skip
    return sorted((section for section in found if section.tasks), key=lambda section: section.place)


def _arrival(row: DeliveryRow, day: date) -> Task:
    return Task(
        title=_("Terima kiriman dari %(seller)s", seller=row.seller_name),
        body=_(
            "%(number)s, %(count)s barang untuk %(day)s. Hitung bersama pengantarnya.",
            number=row.number,
            count=format_number(row.units),
            day=format_day(row.deliver_on),
        ),
        icon="truck",
        kind=urgency.arrival_urgency(row.deliver_on, day).value,
        url=url_for("deliveries.receive", delivery_id=row.id),
        action=_("Terima"),
        when=days_words(row.deliver_on, day) if row.deliver_on < day else "",
    )


def _duties(board: OutletBoard, day: date) -> list[Task]:
    tasks = []
    if board.report is not None and (kind := urgency.report_urgency(board.report.due_on, day)):
        tasks.append(_report(board.report, board.outlet.id, kind, day))
    if board.count is not None:
        tasks.append(_count(board.count))
    return tasks


def _report(due: ReportDue, outlet_id: int, kind: Urgency, day: date) -> Task:
    return Task(
        title=_("Laporkan penjualan"),
        body=_(
            "Yang terjual sejak %(day)s belum dilaporkan. Tidak ada yang terjual pun perlu dikatakan.",
            day=format_day(due.since),
        ),
        icon="clipboard-check",
        kind=kind.value,
        url=url_for("sales.new", outlet_id=outlet_id),
        action=_("Lapor sekarang"),
        when=days_words(due.due_on, day),
    )


def _count(due: CountDue) -> Task:
    products = ngettext("%(num)d produk", "%(num)d produk", due.products)
    return Task(
        title=_("Hitung barang di rak"),
        body=_(
            "%(products)s di rak; terakhir dihitung %(day)s.", products=products, day=format_day(due.last_on)
        )
        if due.last_on
        else _("%(products)s di rak; belum pernah dihitung.", products=products),
        icon="list-check",
        kind=Urgency.GRACE.value,
        url=url_for("counts.new", outlet_id=due.outlet_id),
        action=_("Mulai hitung"),
    )


def _lot(row: GoodsRow, actor: Actor, day: date) -> Task:
    left = row.days_left if row.days_left is not None else NEAR_DAYS
    url, action = _way_out(row, actor, left)
    body = _(
        "%(count)s barang dari %(seller)s, lot %(lot)s.",
        count=format_number(row.on_hand),
        seller=row.seller_name,
        lot=row.holding.lot_code or "–",
    )
    return Task(
        title=_("Tarik %(product)s dari rak", product=row.product_name)
        if left < 0
        else _(
            "%(product)s kedaluwarsa %(day)s", product=row.product_name, day=format_day(day + timedelta(left))
        ),
        body=f"{body} {row.advice.why}".strip(),
        icon="clock-history",
        kind=urgency.expiry_urgency(left).value,
        url=url,
        action=action,
    )


def _way_out(row: GoodsRow, actor: Actor, left: int) -> tuple[str, str]:
    """Where to do what is advised: give it back, ask for a lower price while that still helps, or look."""
    where = row.holding
    if row.advice.advice is not Advice.RETURN:
        return url_for("goods.goods", outlet=where.outlet_id, life="near"), _("Taruh paling depan")
    if left >= MARKDOWN_DAYS and actor.can(Permission.MARKDOWN_ASK):
        ask = url_for("markdowns.new", outlet_id=where.outlet_id, product=where.product_id)
        return ask, _("Minta harga turun")
    return url_for("returns.new", outlet=where.outlet_id, seller=where.seller_id), _("Buat retur")


def _kept(row: ReturnRow, day: date) -> Task:
    return Task(
        title=_("Simpan retur untuk %(seller)s", seller=row.seller_name),
        body=_(
            "%(number)s, %(count)s barang disisihkan sampai diambil.",
            number=row.number,
            count=format_number(row.units),
        ),
        icon="arrow-return-left",
        kind=urgency.keeping_urgency(row.fetch_by, day).value,
        url=url_for("returns.return_note", return_id=row.id),
        action=_("Lihat retur"),
        when=days_words(row.fetch_by, day),
    )


def _draft(row: SettlementRow, day: date) -> Task:
    return Task(
        title=_("Terbitkan penyelesaian untuk %(seller)s", seller=row.seller_name),
        body=_(
            "Penjualan %(first)s sampai %(last)s, %(net)s untuk penjual. Periksa, lalu kirim.",
            first=format_day(row.first_day),
            last=format_day(row.last_day),
            net=format_rupiah(row.net_rupiah),
        ),
        icon="receipt",
        kind=urgency.word_urgency((day - row.last_day).days).value,
        url=url_for("settlements.settlement", settlement_id=row.id),
        action=_("Periksa dan terbitkan"),
    )


def _bill(row: SettlementRow, day: date) -> Task:
    due_on = row.due_on or day
    return Task(
        title=_(
            "Bayar %(rupiah)s kepada %(seller)s",
            rupiah=format_rupiah(row.open_rupiah),
            seller=row.seller_name,
        ),
        body=_(
            "Tagihan %(number)s, jatuh tempo %(day)s.", number=row.bill_number or "", day=format_day(due_on)
        ),
        icon="bank",
        kind=urgency.debt_urgency(due_on, day).value,
        url=url_for("settlements.settlement", settlement_id=row.id),
        action=_("Lihat dan bayar"),
        when=days_words(due_on, day),
    )
