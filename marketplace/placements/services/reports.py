"""Sales reports: the registry of all of them, and the report that a person types on a phone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _, format_number
from ...organizations.models import Outlet, Seller
from ...permissions import Actor, Permission
from ...stock.hooks import LineWarning, Told
from ...stock.rules import MAX_QUANTITY, MAX_RUPIAH, derived_ref
from ...stock.rules.sales import Line
from ...stock.services import Sales, take_sales
from ..models import DifferenceKind, ReportSilence, ReportSource, SalesReport
from ..queries.reporting import cycle_of, outlet_of
from ..rules.reporting import late_days
from . import excess
from .differences import DifferentLine, open_differences
from .prices import flag_low_prices

KEY_LENGTHS = (8, 64)
MAX_DAYS = 92
"""The longest period that one report on a screen may cover."""
DOCUMENT = "sales_report"


class Registry:
    """Keeps a row for each report, whatever way it came; stock calls it inside the unit that writes."""

    def open(self, session: Session, *, outlet_id: int, user_id: int, key: str) -> int:
        """A new report that a program sends."""
        return open_report(session, outlet_id, ReportSource.API, user_id=user_id, client_key=key).id

    def settled(self, session: Session, outlet_id: int, line_refs: Collection[str]) -> set[str]:
        """Those of an outlet's lines whose difference was settled, whichever way."""
        return excess.settled_lines(session, outlet_id, line_refs)

    def close(self, session: Session, report_id: int, told: Told) -> Sequence[LineWarning]:
        """Add what was told: days, units, differences, prices below the agreed ones; a silence ends."""
        report = session.get_one(SalesReport, report_id)
        _add_days(report, told)
        report.line_count += len(told.taken)
        report.refused_count += told.refused_count
        sales = [line for line in told.taken if line.reverses is None]
        report.units += sum(line.accepted for line in sales)
        report.missing_units += sum(line.difference for line in sales)
        report.is_zero = told.asked_count == 0 and report.line_count == 0 and report.refused_count == 0
        if report.first_on is not None:
            cycle = cycle_of(session, told.outlet_id)
            report.late_days = late_days(report.first_on, clock.today(), cycle)
        again = {line.line_ref: line.difference for line in sales if line.is_again}
        waiting = excess.tell_again(session, told.outlet_id, told.user_id, again) if again else set()
        different = [
            DifferentLine(line.seller_id, line.line_ref, line.product_id, line.difference)
            for line in sales
            if line.difference > 0 and line.seller_id is not None and line.line_ref not in waiting
        ]
        open_differences(
            session,
            different,
            kind=DifferenceKind.SALE_EXCESS,
            outlet_id=told.outlet_id,
            document_kind=DOCUMENT,
            document_id=report_id,
            actor=Actor(told.user_id, ""),
        )
        session.flush()
        end_silence(session, report)
        return flag_low_prices(session, report_id, told.outlet_id, sales)


def open_report(
    session: Session,
    outlet_id: int,
    source: ReportSource,
    *,
    user_id: int | None,
    client_key: str | None = None,
    import_run_id: int | None = None,
    corrects_id: int | None = None,
) -> SalesReport:
    """A report that nothing was told to yet."""
    report = SalesReport(
        outlet_id=outlet_id,
        source=source.value,
        client_key=client_key,
        import_run_id=import_run_id,
        corrects_id=corrects_id,
        is_zero=False,
        late_days=0,
        line_count=0,
        units=0,
        missing_units=0,
        refused_count=0,
        recorded_at=clock.now(),
        recorded_by=user_id,
        reverse_reason="",
    )
    session.add(report)
    session.flush()
    return report


def _add_days(report: SalesReport, told: Told) -> None:
    """Widen a report's days to those of the lines, or those that were named; an empty one speaks of today."""
    days = [line.occurred_on for line in told.taken if line.reverses is None]
    days += [day for day in (told.first_on, told.last_on, report.first_on, report.last_on) if day is not None]
    if not days and told.asked_count == 0:
        days = [clock.today()]
    if days:
        report.first_on, report.last_on = min(days), max(days)


def end_silence(session: Session, report: SalesReport) -> None:
    """A report came: what was silent up to its days is not any more."""
    if report.last_on is not None:
        session.execute(
            update(ReportSilence)
            .where(
                ReportSilence.outlet_id == report.outlet_id,
                ReportSilence.ended_on.is_(None),
                ReportSilence.since <= report.last_on,
            )
            .values(ended_on=clock.today())
        )


# --- by hand ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sold:
    """Units of one product that a person typed, maybe with another price than the agreed one."""

    product_id: int
    quantity: int
    unit_price_rupiah: int | None = None


@dataclass(frozen=True)
class HandReport:
    """A report of an outlet for a day or a period. What is not in `sold` was not sold.

    `client_key` is made with the page: sent twice it counts once. `is_zero` says that nothing sold.
    """

    outlet_id: int
    client_key: str
    first_on: date
    last_on: date
    sold: tuple[Sold, ...]
    is_zero: bool = False


@retry_on_conflict
def report_by_hand(*, actor: Actor, report: HandReport) -> SalesReport:
    """Record what a person typed, all or nothing; units sold are dated on the period's last day.

    Raises NotFound for another's outlet, InvalidInput for numbers, days or goods that cannot be. Units that
    the shelf does not hold are kept as a difference, expired ones are refused.
    """
    actor.require(Permission.SALES_REPORT)
    with unit_of_work() as session:
        outlet = lock_outlet(session, actor, report.outlet_id)
        _check(report)
        lines = _lines(session, report)
        row = session.scalar(
            select(SalesReport).where(
                SalesReport.recorded_by == actor.user_id, SalesReport.client_key == report.client_key
            )
        ) or open_report(
            session, outlet.id, ReportSource.SCREEN, user_id=actor.user_id, client_key=report.client_key
        )
        answer = take_sales(
            actor=actor,
            idempotency_key=derived_ref("screen", report.client_key),
            sales=Sales(outlet.id, lines, report.first_on, report.last_on, row.id, sells_expired=False),
        )
        refuse_all(answer, lines, [f"sold-{one.product_id}" for one in report.sold])
        return row


def lock_outlet(session: Session, actor: Actor, outlet_id: int) -> Outlet:
    """An outlet that the actor works for, under its lock. NotFound for a stranger."""
    if outlet_of(actor, outlet_id) is None:
        raise NotFound(_("Toko ini tidak ada, atau bukan toko Anda."))
    query = select(Outlet).where(Outlet.id == outlet_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def check_key(key: str) -> None:
    """Raise InvalidInput for a key that no page of ours made."""
    low, high = KEY_LENGTHS
    if not (low <= len(key) <= high and key.isascii() and key.replace("-", "").isalnum()):
        raise InvalidInput(_("Halaman ini sudah lama terbuka. Muat ulang, lalu kirim lagi."))


def _check(report: HandReport) -> None:
    check_key(report.client_key)
    today, wrong = clock.today(), {}
    if report.first_on > report.last_on:
        wrong["last_on"] = _("Hari terakhir tidak boleh sebelum hari pertama.")
    elif report.last_on > today:
        wrong["last_on"] = _("Tanggal itu belum tiba. Laporkan paling jauh sampai hari ini.")
    elif report.last_on - report.first_on > timedelta(days=MAX_DAYS):
        wrong["first_on"] = _("Satu laporan paling panjang %(count)d hari. Bagi menjadi dua.", count=MAX_DAYS)
    for one in report.sold:
        if not 0 < one.quantity <= MAX_QUANTITY:
            wrong[f"sold-{one.product_id}"] = _(
                "Isi jumlah sebagai angka bulat dari 1 sampai %(limit)s.", limit=format_number(MAX_QUANTITY)
            )
        price = one.unit_price_rupiah
        if price is not None and not 0 <= price <= MAX_RUPIAH:
            wrong[f"price-{one.product_id}"] = _(
                "Isi harga satuan dari Rp0 sampai Rp%(limit)s.", limit=format_number(MAX_RUPIAH)
            )
    if not report.sold and not report.is_zero:
        wrong["sold"] = _("Isi jumlah yang terjual, atau pilih “Tidak ada yang terjual”.")
    if report.sold and report.is_zero:
        wrong["sold"] = _("Anda mengisi jumlah, tetapi memilih “Tidak ada yang terjual”. Pilih salah satu.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)


def _lines(session: Session, report: HandReport) -> list[Line]:
    """The report as lines that stock takes. NotFound for a product that is not there."""
    names = refs_of(session, [one.product_id for one in report.sold])
    lines = []
    for one in report.sold:
        if one.product_id not in names:
            raise NotFound(_("Produk ini tidak ada."))
        seller_ref, sku = names[one.product_id]
        lines.append(
            Line(
                line_ref=derived_ref("screen", report.client_key, one.product_id),
                occurred_on=report.last_on.isoformat(),
                seller_ref=seller_ref,
                sku=sku,
                quantity=one.quantity,
                unit_price_rupiah=one.unit_price_rupiah,
            )
        )
    return lines


def refs_of(session: Session, product_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The references by which stock knows products: (seller_ref, sku) by id."""
    query = select(Product.id, Seller.seller_ref, Product.sku).join(Seller, Seller.id == Product.seller_id)
    found: dict[int, tuple[str, str]] = {}
    for start in range(0, len(product_ids), 900):
        rows = session.execute(query.where(Product.id.in_(product_ids[start : start + 900])))
        found |= {product_id: (seller_ref, sku) for product_id, seller_ref, sku in rows}
    return found


def refuse_all(answer: dict[str, Any], lines: Sequence[Line], fields: Sequence[str]) -> None:
    """Raise InvalidInput, so that nothing is written, when one line was refused."""
    if not answer["refused"]:
        return
    names = {line.line_ref: name for line, name in zip(lines, fields, strict=True)}
    wrong = {names[one["line_ref"]]: one["message"] for one in answer["refused"]}
    raise InvalidInput(_("Ada baris yang tidak bisa dicatat; belum ada yang tersimpan."), wrong)
