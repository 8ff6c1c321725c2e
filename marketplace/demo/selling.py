"""Sales reports, counts and lower prices in the demo city: typed, sent by a program, late, wrong, silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..organizations.models import Outlet, Seller
from ..permissions import Actor
from ..placements.models import LossReason
from ..placements.queries.markdowns import Choice, choices_at
from ..placements.queries.reporting import outlets_worked_by
from ..placements.queries.sales import ShelfItem, lines_of, shelf_of
from ..placements.services.corrections import Correction, correct_line, reverse_report
from ..placements.services.counts import Count, Counted, record_count
from ..placements.services.markdowns import Asked, answer_markdown, ask_markdown, withdraw_markdown
from ..placements.services.reports import HandReport, Sold, report_by_hand
from ..placements.services.silence import remind_silent_outlets
from ..stock.rules.sales import Line
from ..stock.services import record_sales
from .people import Cast, on

ENOUGH = 12
"""Units that a shelf should hold to take part."""


@dataclass(frozen=True)
class Shelf:
    """An outlet of Rukun Mart with goods that may be sold."""

    outlet: Outlet
    items: list[ShelfItem]


def fill(session: Session, cast: Cast, today: date) -> None:
    """What Rukun Mart tells of its sales, what it counts, and which prices it asks Bu Sri to lower."""
    shelves = _shelves(session, cast.bagas)
    if len(shelves) < 4:
        return
    _typed(cast, shelves, today)
    _sent(session, cast, shelves[1], today)
    _counted(cast, shelves, today)
    _cheaper(cast, shelves, today)
    with clock.frozen(on(today - timedelta(days=2))):
        remind_silent_outlets()


def _shelves(session: Session, actor: Actor) -> list[Shelf]:
    found = []
    for worked in outlets_worked_by(actor):
        items = [item for item in shelf_of(worked.id) if item.on_hand >= ENOUGH and not item.expired]
        if len(items) >= 3:
            found.append(Shelf(session.get_one(Outlet, worked.id), items))
    return found


def _report(actor: Actor, shelf: Shelf, day: date, sold: dict[int, int], first: date | None = None) -> int:
    """A report typed in the evening of a day: units by the place of the product on the shelf."""
    with clock.frozen(on(day) + timedelta(hours=8)):
        row = report_by_hand(
            actor=actor,
            report=HandReport(
                shelf.outlet.id,
                f"peraga-{shelf.outlet.id}-{day:%Y%m%d}",
                first or day,
                day,
                tuple(Sold(shelf.items[place].product_id, units) for place, units in sold.items()),
                is_zero=not sold,
            ),
        )
    return row.id


def _typed(cast: Cast, shelves: list[Shelf], today: date) -> None:
    """Two weeks typed by hand: days with sales, one without, one late, one wrong, one taken back."""
    first, _second, third, fourth = shelves[:4]
    for back in (6, 5, 3, 2):
        _report(cast.bagas, first, today - timedelta(days=back), {0: 1, 1: 1 + back % 2})
    _report(cast.bagas, first, today - timedelta(days=4), {})
    yesterday = today - timedelta(days=1)
    wrong = _report(cast.bagas, first, yesterday, {0: 4, 2: 1})
    line = lines_of(wrong, size=1)[0]
    with clock.frozen(on(today)):
        correct_line(
            actor=cast.bagas,
            correction=Correction(
                wrong, line.line_ref, 1, None, "Salah ketik, satu bukan empat.", "peraga-fix-1"
            ),
        )
    other = _report(cast.bagas, third, yesterday, {0: 2})
    with clock.frozen(on(today)):
        reverse_report(actor=cast.bagas, report_id=other, reason="Ini penjualan cabang lain.")
    late = today - timedelta(days=1)
    _report(cast.bagas, fourth, late, {0: 3, 1: 2}, first=today - timedelta(days=19))


def _sent(session: Session, cast: Cast, shelf: Shelf, today: date) -> None:
    """A till's program: one batch, one line beyond what the shelf holds."""
    yesterday = today - timedelta(days=1)
    lines = []
    for number, item in enumerate(shelf.items[:3]):
        units = item.on_hand + 2 if number == 2 else 1
        lines.append(
            Line(
                f"K1-{yesterday:%y%m%d}-{number}",
                yesterday.isoformat(),
                _seller_ref(session, item.seller_id),
                item.sku,
                units,
                item.agreed_rupiah,
            )
        )
    with clock.frozen(on(today)):
        record_sales(
            actor=cast.bagas,
            idempotency_key=f"kasir-1-{yesterday:%Y%m%d}",
            outlet_ref=shelf.outlet.outlet_ref,
            lines=lines,
        )


def _seller_ref(session: Session, seller_id: int) -> str:
    return session.scalars(select(Seller.seller_ref).where(Seller.id == seller_id)).one()


def _counted(cast: Cast, shelves: list[Shelf], today: date) -> None:
    """A count with something missing and something over, and one where all agreed."""
    for number, shelf in enumerate((shelves[0], shelves[2])):
        day = today - timedelta(days=1 - number)
        with clock.frozen(on(day) + timedelta(hours=9)):
            places = [(item, place) for item in shelf_of(shelf.outlet.id)[:4] for place in item.places]
            lines = []
            for order, (item, place) in enumerate(places):
                off = (-1, 0, 2)[order % 3] if number == 0 and place.on_hand > 2 else 0
                lines.append(Counted(item.product_id, place.lot_id, place.on_hand + off, LossReason.MISSING))
            record_count(
                actor=cast.bagas,
                count=Count(
                    shelf.outlet.id,
                    f"peraga-hitung-{shelf.outlet.id}",
                    tuple(lines),
                    "Rak depan kasir." if number == 0 else "",
                ),
            )


def _cheaper(cast: Cast, shelves: list[Shelf], today: date) -> None:
    """Questions for lower prices in every state, for Bu Sri's goods."""
    choices: list[Choice] = []
    for shelf in shelves:
        choices += [
            choice
            for item in shelf.items
            if item.seller_id == cast.sri.seller_id
            for choice in choices_at(shelf.outlet.id, [item]).values()
        ]
    reasons = (
        "Mendekati kedaluwarsa.",
        "Kurang laku sesudah Lebaran.",
        "Kemasan lama.",
        "Promo akhir pekan.",
    )
    for number, choice in enumerate(choices[:4]):
        day = today - timedelta(days=3)
        with clock.frozen(on(day)):
            row = ask_markdown(
                actor=cast.bagas,
                asked=Asked(
                    choice.agreement_id,
                    choice.product_id,
                    choice.price_rupiah * 3 // 4,
                    day,
                    today + timedelta(days=4 + number),
                    reasons[number],
                    f"peraga-turun-{number}",
                ),
            )
        with clock.frozen(on(today - timedelta(days=1))):
            if number == 1:
                answer_markdown(actor=cast.sri, markdown_id=row.id, agrees=True)
            elif number == 2:
                answer_markdown(
                    actor=cast.sri,
                    markdown_id=row.id,
                    agrees=False,
                    reason="Saya ambil saja, masih laku di pasar.",
                )
            elif number == 3:
                withdraw_markdown(actor=cast.bagas, markdown_id=row.id)
