"""The one writer of what makers have ready, what of it is promised, and what their weeks hold.

Rows are locked in order of the product's id, ready stock before weeks. Nothing here commits.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from ... import clock
from ...bulk import Change, Rows, moment_text, write_rows
from ...catalog.services.access import own_product
from ...db import among, is_postgres, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_number
from ...permissions import Actor, Permission
from ..models import (
    CapacityWeek,
    OrderLine,
    Parcel,
    ReadyStock,
    ReadyStockEntry,
    Reservation,
    ReservationState,
)
from ..rules.reserving import Lacking, NotEnough, Wanted, over_capacity, share_out, to_make

MAX_STOCK = 100_000_000
PROMISE_COLUMNS = ("order_line_id", "product_id", "quantity", "week", "from_stock", "state", "made_at")

WEEKS_SQLITE = """INSERT INTO capacity_weeks (product_id, week, booked)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?) WHERE true
    ON CONFLICT (product_id, week) DO UPDATE SET booked = capacity_weeks.booked + excluded.booked
    RETURNING product_id, week, booked"""
WEEKS_POSTGRES = """INSERT INTO capacity_weeks (product_id, week, booked)
    SELECT (value ->> 0)::bigint, (value ->> 1)::date, (value ->> 2)::bigint
    FROM jsonb_array_elements(%s) WITH ORDINALITY AS w(value, turn) ORDER BY turn
    ON CONFLICT (product_id, week) DO UPDATE SET booked = capacity_weeks.booked + excluded.booked
    RETURNING product_id, week, booked"""

STOCKS_SQLITE = """UPDATE ready_stocks SET on_hand = on_hand + c.more, reserved = reserved + c.held
    FROM (SELECT json_extract(value, '$[0]') AS product, json_extract(value, '$[1]') AS more,
        json_extract(value, '$[2]') AS held FROM json_each(?)) AS c
    WHERE product_id = c.product"""
STOCKS_POSTGRES = """UPDATE ready_stocks SET on_hand = on_hand + c.more, reserved = reserved + c.held
    FROM (SELECT (value ->> 0)::bigint AS product, (value ->> 1)::bigint AS more,
        (value ->> 2)::bigint AS held FROM jsonb_array_elements(%s)) AS c
    WHERE product_id = c.product"""


def reserve(session: Session, wanted: Sequence[Wanted]) -> tuple[Rows, Change]:
    """Promise units to order lines, all or none: answers the promises and what they take of the stock, which
    is locked, for whoever writes the lines.

    A product with ready stock gives of that; one without is made to order, and so is the rest where its maker
    said so. Only what is made counts against the week. Raises NotEnough, with every product that lacks some.
    """
    promises = Rows("reservations", PROMISE_COLUMNS, [])
    if not wanted:
        return promises, _of_stocks({})
    session.flush()
    connection = session.connection()
    ids = sorted({one.product_id for one in wanted})
    stocks = {row.product_id: row for row in connection.execute(_free_stocks(), {"ids": ids})}
    given, lacking = share_out(wanted, {key: stock.on_hand - stock.reserved for key, stock in stocks.items()})
    lacking += _book_weeks(session, wanted, to_make(wanted, given))
    if lacking:
        raise NotEnough(lacking)
    held: defaultdict[int, int] = defaultdict(int)
    moment = moment_text(connection, clock.now())
    for one, taken in zip(wanted, given, strict=True):
        held[one.product_id] += taken
        promises.rows.append(
            (
                one.order_line_id, one.product_id, one.quantity, one.week.isoformat(),
                taken, ReservationState.HELD.value, moment,
            )
        )  # fmt: skip
    return promises, _of_stocks({key: (0, held[key]) for key in stocks if held[key]})


def release(session: Session, order_ids: Sequence[int]) -> None:
    """Give back what orders hold: stock, and room in their weeks. Done again it does nothing."""
    held = _lock_held(session, order_ids)
    _end(session, held, dict.fromkeys((row.id for row in held), 0), ReservationState.RELEASED)


def take_out(session: Session, order_id: int, sent: Mapping[int, int], *, actor: Actor) -> None:
    """Goods left the maker: `sent` units by order line. What was held beyond them is free again.

    Stock at hand falls by what was sent of it, once for each reservation; the others were made for the order.
    """
    held = _lock_held(session, [order_id])
    lines = dict(
        session.execute(select(OrderLine.id, OrderLine.quantity).where(OrderLine.order_id == order_id)).all()
    )
    gone = {row.id: row.quantity // lines[row.order_line_id] * sent.get(row.order_line_id, 0) for row in held}
    _end(session, held, gone, ReservationState.SENT)
    now = clock.now()
    session.add_all(
        ReadyStockEntry(
            ref=f"reservation:{row.id}:sent",
            product_id=row.product_id,
            kind="sent",
            change=-min(gone[row.id], row.from_stock),
            recorded_at=now,
            recorded_by=actor.user_id,
        )
        for row in held
        if min(gone[row.id], row.from_stock)
    )
    session.flush()


@retry_on_conflict
def count_ready(*, actor: Actor, product_id: int, on_hand: int) -> ReadyStock:
    """The maker says how many units it has at hand; from now on orders are held against that.

    Raises NotFound for somebody else's product, InvalidInput for a number that cannot be, RuleBroken for
    fewer than are promised already.
    """
    actor.require(Permission.PRODUCT_EDIT)
    if not 0 <= on_hand <= MAX_STOCK:
        sentence = _("Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(MAX_STOCK))
        raise InvalidInput(sentence, {"on_hand": sentence})
    with unit_of_work() as session:
        own_product(session, actor, product_id)
        if session.get(Parcel, product_id) is not None:
            raise RuleBroken(_("Stok parsel dihitung dari isinya."), code="stock_of_parcel")
        stock = _lock_stocks(session, {product_id}).get(product_id)
        if stock is None:
            stock = ReadyStock(product_id=product_id, on_hand=0, reserved=0)
            session.add(stock)
            session.flush()
        if on_hand < stock.reserved:
            raise RuleBroken(
                _(
                    "%(count)s sudah dijanjikan untuk pesanan. Tulis paling sedikit %(count)s; batalkan "
                    "pesanannya dulu bila barangnya memang tidak ada.",
                    count=format_number(stock.reserved),
                ),
                code="stock_promised",
                reserved=stock.reserved,
            )
        _enter_count(session, actor, product_id, on_hand - stock.on_hand)
        stock.on_hand = on_hand
        return stock


@retry_on_conflict
def make_to_order(*, actor: Actor, product_id: int) -> None:
    """The maker keeps no units ready any more: from now on only its weekly capacity limits orders.

    Raises NotFound for somebody else's product, RuleBroken while units at hand are promised.
    """
    actor.require(Permission.PRODUCT_EDIT)
    with unit_of_work() as session:
        own_product(session, actor, product_id)
        stock = _lock_stocks(session, {product_id}).get(product_id)
        if stock is None:
            return
        if stock.reserved:
            raise RuleBroken(
                _(
                    "%(count)s sudah dijanjikan untuk pesanan. Tulis %(count)s bila selebihnya tidak ada; "
                    "kosongkan setelah pesanannya dikirim.",
                    count=format_number(stock.reserved),
                ),
                code="stock_promised",
                reserved=stock.reserved,
            )
        _enter_count(session, actor, product_id, -stock.on_hand)
        session.delete(stock)


def _enter_count(session: Session, actor: Actor, product_id: int, change: int) -> None:
    if change == 0:
        return
    earlier = select(func.count()).where(ReadyStockEntry.product_id == product_id)
    session.add(
        ReadyStockEntry(
            ref=f"product:{product_id}:{session.scalar(earlier)}",
            product_id=product_id,
            kind="counted",
            change=change,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
        )
    )


def _lock_stocks(session: Session, product_ids: set[int]) -> dict[int, ReadyStock]:
    query = select(ReadyStock).where(ReadyStock.product_id.in_(product_ids)).order_by(ReadyStock.product_id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.product_id: row for row in rows}


def _book_weeks(
    session: Session, wanted: Sequence[Wanted], made: Mapping[tuple[int, date], int]
) -> list[Lacking]:
    """Add to the weeks; what is over a capacity comes back, for the caller to refuse the whole unit."""
    if not made:
        return []
    before = {
        (product_id, week): total - made[product_id, week]
        for product_id, week, total in _add_to_weeks(session, made)
    }
    return over_capacity(wanted, made, before)


def _add_to_weeks(session: Session, units: Mapping[tuple[int, date], int]) -> list[tuple[int, date, int]]:
    """Lock and fill the weeks in one order; answers what each holds now."""
    rows = [(product, week.isoformat(), count) for (product, week), count in sorted(units.items())]
    statement = WEEKS_POSTGRES if is_postgres(session) else WEEKS_SQLITE
    found = session.connection().exec_driver_sql(statement, (json.dumps(rows),))
    return [
        (product, week if isinstance(week, date) else date.fromisoformat(week), booked)
        for product, week, booked in found.all()
    ]


def _of_stocks(changes: Mapping[int, tuple[int, int]]) -> Change:
    """What is added to what is at hand and to what is promised of it, by product; the rows are locked."""
    rows: list[Sequence[Any]] = [(key, more, held) for key, (more, held) in changes.items()]
    return Change(STOCKS_SQLITE, STOCKS_POSTGRES, rows)


@functools.cache
def _free_stocks() -> Any:
    columns = ReadyStock.product_id, ReadyStock.on_hand, ReadyStock.reserved
    query = select(*columns).where(among(ReadyStock.product_id, "ids")).order_by(ReadyStock.product_id)
    return query.with_for_update()


def _free_weeks(session: Session, units: Mapping[tuple[int, date], int]) -> None:
    """Take units out of the weeks again, in the order in which they are filled."""
    statement = (
        update(CapacityWeek)
        .where(CapacityWeek.product_id == bindparam("key"), CapacityWeek.week == bindparam("monday"))
        .values(booked=CapacityWeek.booked - bindparam("count"))
    )
    rows = [
        {"key": product, "monday": week, "count": count}
        for (product, week), count in sorted(units.items())
        if count
    ]
    if rows:
        session.connection().execute(statement, rows)


def _lock_held(session: Session, order_ids: Sequence[int]) -> list[Reservation]:
    session.flush()
    query = (
        select(Reservation)
        .join(OrderLine, OrderLine.id == Reservation.order_line_id)
        .where(OrderLine.order_id.in_(order_ids), Reservation.state == ReservationState.HELD.value)
        .order_by(Reservation.product_id, Reservation.id)
    )
    return list(
        session.scalars(query.with_for_update(of=Reservation).execution_options(populate_existing=True))
    )


def _end(
    session: Session, held: Sequence[Reservation], gone: Mapping[int, int], state: ReservationState
) -> None:
    """End reservations of which `gone` units left: the rest of what they held is free."""
    stocks = _lock_stocks(session, {row.product_id for row in held if row.from_stock})
    changes: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    weeks: defaultdict[tuple[int, date], int] = defaultdict(int)
    now = clock.now()
    for row in held:
        out = min(gone[row.id], row.from_stock)
        if row.from_stock and row.product_id in stocks:
            on_hand, reserved = changes[row.product_id]
            changes[row.product_id] = (on_hand - out, reserved - row.from_stock)
        made, left = row.quantity - row.from_stock, gone[row.id] - out
        weeks[row.product_id, row.week] += made - left
        row.state, row.ended_at = state.value, now
    session.flush()
    write_rows(session.connection(), _of_stocks(changes))
    _free_weeks(session, weeks)
