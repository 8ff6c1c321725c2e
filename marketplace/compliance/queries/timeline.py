"""What happened at an outlet, newest first: each entry names its proof."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, bindparam, func, or_, select

from ...catalog.models import Product
from ...db import db, is_postgres
from ...i18n import N_, _, format_day
from ...stock.models import ORDER_CAUSE, StockMovement
from .evidence import OutletEvidence
from .places import is_one_of_named, one_value

ENTRIES = 40
LOOK_BACK_DAYS = 120
MARKS = {"loss": "count", "found": "count"}
"""Losses and finds come out of stock counts."""
MOVED = {
    "delivery": N_("%(product)s dikirim, %(units)d unit"),
    "sale": N_("%(product)s terjual %(units)d"),
    "return": N_("%(product)s ditarik pemasok, %(units)d unit"),
    "loss": N_("%(product)s hilang atau rusak, %(units)d unit"),
    "found": N_("%(product)s ditemukan saat hitung stok, %(units)d unit"),
}


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: the day, when it was recorded (None for a date in a contract), words."""

    on: date
    recorded_at: datetime | None
    kind: str
    title: str
    text: str
    seller_id: int | None


def timeline(found: OutletEvidence, day: date) -> tuple[TimelineEntry, ...]:
    """The latest entries up to the day: movements of the outlet's sellers, and turns of their agreements."""
    entries = [*_agreement_turns(found, day), *_movements(found, day)]
    entries.sort(key=lambda entry: (entry.on, entry.recorded_at is not None, entry.title), reverse=True)
    return tuple(entries[:ENTRIES])


def _movements(found: OutletEvidence, day: date) -> Iterator[TimelineEntry]:
    names = {seller.seller_id: seller.name for seller in found.sellers}
    if not names:
        return
    on_postgres = is_postgres()
    asked = {
        "outlet_id": found.place.outlet_id,
        "seller_ids": one_value(names, on_postgres),
        "day": day,
        "since": date.fromordinal(max(day.toordinal() - LOOK_BACK_DAYS, 1)),
    }
    rows = db.session.execute(_latest(on_postgres), asked)
    for on, kind, seller_id, product, units, recorded_at, reverses_id in rows:
        title = _what_moved(kind, product, abs(int(units)), reverses_id is not None)
        mark = "reversal" if reverses_id is not None else MARKS.get(kind, kind)
        yield TimelineEntry(on, _as_moment(recorded_at), mark, title, names[seller_id], seller_id)


@functools.cache
def _latest(on_postgres: bool) -> Any:
    """Built once: building it takes longer than running it."""
    return (
        select(
            StockMovement.occurred_on,
            StockMovement.kind,
            StockMovement.seller_id,
            Product.name,
            func.sum(StockMovement.change),
            func.max(StockMovement.recorded_at),
            func.max(StockMovement.reverses_id),
        )
        .join(Product, Product.id == StockMovement.product_id)
        .where(
            StockMovement.outlet_id == bindparam("outlet_id"),
            is_one_of_named(StockMovement.seller_id, "seller_ids", on_postgres),
            StockMovement.occurred_on <= bindparam("day", type_=Date),
            StockMovement.occurred_on > bindparam("since", type_=Date),
            or_(StockMovement.kind != "sale", StockMovement.cause_kind != ORDER_CAUSE),
        )
        .group_by(
            StockMovement.occurred_on,
            StockMovement.kind,
            StockMovement.seller_id,
            Product.name,
            StockMovement.reverses_id.is_(None),
        )
        .order_by(StockMovement.occurred_on.desc())
        .limit(ENTRIES)
    )


def _as_moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _what_moved(kind: str, product: str, units: int, is_reversal: bool) -> str:
    what = MOVED[kind] % {"product": product, "units": units}
    return _("Dibatalkan: %(what)s", what=what) if is_reversal else what


def _agreement_turns(found: OutletEvidence, day: date) -> Iterator[TimelineEntry]:
    for seller in found.sellers:
        for agreement in seller.agreements:
            for on, kind, title, text in _turns(agreement.days):
                if on <= day:
                    words = f"{agreement.agreement_ref}. {text}".strip()
                    yield TimelineEntry(on, None, kind, f"{title}: {seller.name}", words, seller.seller_id)


def _turns(days: Any) -> Iterator[tuple[date, str, str, str]]:
    yield days.starts_on, "agreement", _("Perjanjian mulai"), ""
    if days.terminated_on is not None:
        text = _("Hari pertama tanpa perjanjian: %(day)s.", day=format_day(days.terminated_on))
        yield days.terminated_on, "ended", _("Perjanjian dihentikan"), text
    elif days.ends_on is not None:
        yield days.ends_on, "ended", _("Hari terakhir perjanjian"), ""
    for first, end in days.suspensions:
        yield first, "suspended", _("Perjanjian ditangguhkan"), ""
        if end.year < date.max.year:
            yield end, "agreement", _("Perjanjian berlaku kembali"), ""
