"""Checkouts: a cart of ten products of three sellers becomes three orders, by eight buyers at once.

The limit writes the same rows (checkout, orders, lines, shares, promises, steps, what is recorded of them),
takes the same numbers and the same units from the same stock through the bare driver, by as many threads, one
durable commit each. It asks nothing: no price, no terms, no right.

On PostgreSQL two processes share the buyers, as WEB_PROCESSES=2 does on two cores: Python fills one each.

Both are measured in a shop that has sold before, and that PostgreSQL knows as such: tables that it has only
seen empty it reads from end to end to check each reference, so that the figure would fall with every order.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, update

from bench.harness import NOON, City, Measured, benchmark
from bench.ledger import fill_registry, run_in_processes, run_writers
from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.db import db, unit_of_work
from marketplace.orders.models import PaymentPlan, ReadyStock, ShippingKind
from marketplace.orders.rules.drafts import CheckoutDraft, LineDraft, SellerDraft
from marketplace.orders.services.checkout import place
from marketplace.permissions import Actor, Role
from tests import factories

CLIENTS, PRODUCTS, EARLIER, BEFORE = 8, 2_000, 300, 12
PROCESSES = {"sqlite": 1, "postgres": 2}
"""SQLite has one writer, however many processes ask."""
LINES = (4, 3, 3)
UNITS = 2
FIRST_DAY, LAST_DAY = date(2026, 11, 25), date(2026, 11, 28)
WEEK = FIRST_DAY - timedelta(days=FIRST_DAY.weekday())


@benchmark("checkout")
def checkout(city: City) -> Measured:
    """Ten-line checkouts of three sellers per second."""
    with city.scratch() as scratch:
        buyers, goods = prepare(scratch)
        db.session.remove()
        db.engine.dispose()
        count = PROCESSES[scratch.database]
        served = [through_services(scratch, buyers[first::count], goods) for first in range(count)]
        ours = run_in_processes(CLIENTS, served, [(0, 0, 0)], "ours", before=BEFORE)
    with city.scratch() as scratch:
        buyers, goods = prepare(scratch)
        db.session.remove()
        posts = through_driver(scratch, buyers, goods)
        bare = run_writers(CLIENTS, posts, [(0, 0, 0)], "bare", before=BEFORE)
    note = f"p99 {ours.p99_ms:.0f} ms, {ours.starving} starving; bare p99 {bare.p99_ms:.0f} ms"
    return Measured(ours.rate, bare.rate, "per s", note)


Goods = dict[int, list[tuple[int, int]]]
"""By seller: (product id, price)."""


def prepare(scratch: City) -> tuple[list[Actor], Goods]:
    """Eight buyers, sellers with plenty of everything at hand, and what was ordered before."""
    fill_registry(scratch)
    with scratch.raw() as connection:
        found = connection.execute(OPEN).fetchall()
    goods: Goods = {}
    for product_id, seller_id, price in found[:PRODUCTS]:
        goods.setdefault(seller_id, []).append((product_id, price))
    goods = {seller_id: own for seller_id, own in goods.items() if len(own) >= max(LINES)}
    with unit_of_work() as session:
        session.execute(update(Product).values(capacity_per_week=1_000_000))
        stock = [
            {"product_id": product_id, "on_hand": 1_000_000, "reserved": 0}
            for own in goods.values()
            for product_id, _price in own
        ]
        session.execute(insert(ReadyStock), stock)
    buyers = [
        factories.member(Role.BUYER_MANAGER, operator_id=factories.operator().id) for _each in range(CLIENTS)
    ]
    with through_services(scratch, buyers, goods)() as post:
        for number in range(EARLIER):
            post(f"earlier-{number}", "", None)
    if scratch.database == "postgres":
        with scratch.raw() as connection:
            connection.execute("VACUUM (ANALYZE)")
    return buyers, goods


OPEN = """SELECT id, seller_id, price_rupiah FROM products WHERE seller_id NOT IN
    (SELECT seller_id FROM seller_facts WHERE closed_on IS NOT NULL) ORDER BY id"""


def chosen(rng: random.Random, goods: Goods) -> list[tuple[int, list[tuple[int, int]]]]:
    """What somebody buys: of three sellers, ten products."""
    sellers = rng.sample(sorted(goods), len(LINES))
    return [
        (seller_id, rng.sample(goods[seller_id], count))
        for seller_id, count in zip(sellers, LINES, strict=True)
    ]


Post = Callable[[str, str, Any], None]
Posts = Callable[[], Any]


def through_services(scratch: City, buyers: list[Actor], goods: Goods) -> Posts:
    """Buyers as the product has them."""
    turn = itertools.count()

    @contextmanager
    def posts() -> Iterator[Post]:
        buyer = buyers[next(turn) % len(buyers)]
        rng = random.Random(buyer.user_id)
        with scratch.app.app_context(), clock.frozen(NOON):
            yield lambda ref, _kind, _shelf: _place(ref, buyer, chosen(rng, goods))
            db.session.remove()

    return posts


def _place(key: str, buyer: Actor, wanted: list[tuple[int, list[tuple[int, int]]]]) -> None:
    parts = [
        SellerDraft(
            seller_id=seller_id,
            lines=[LineDraft(product_id, UNITS, price) for product_id, price in lines],
            deliver_from=FIRST_DAY,
            deliver_to=LAST_DAY,
            shipping_kind=ShippingKind.PICKUP,
            payment_plan=PaymentPlan.ON_DELIVERY,
        )
        for seller_id, lines in wanted
    ]
    place(actor=buyer, draft=CheckoutDraft(key, parts))


# --- the same through the bare driver ----------------------------------------------------------------------

MOMENT = "2026-11-22 05:00:00.000000"
CHECKOUT = """INSERT INTO checkouts (operator_id, client_key, content_hash, order_count, total_rupiah,
    needs_approval, made_at, made_by, maker_name, decider_name, decision_reason)
    VALUES ({0}, {0}, {0}, 3, {0}, {1}, {0}, {0}, {0}, '', '') RETURNING id"""
NUMBER = """INSERT INTO document_sequences (series, last_number) VALUES ({0}, 3) ON CONFLICT (series)
    DO UPDATE SET last_number = document_sequences.last_number + 3 RETURNING last_number"""
ORDER = """INSERT INTO orders (order_ref, number, checkout_id, operator_id, seller_id, state, due_at,
    recipient, phone, address, deliver_from, deliver_to, shipping_kind, payment_plan, due_days, accept_days,
    claim_days, is_pre_order, goods_rupiah, shipping_rupiah, tax_rupiah, total_rupiah, advance_rupiah,
    procurement_ref, note, placed_at, created_at, created_by)
    VALUES ({0}, {0}, {0}, {0}, {0}, 'placed', {0}, '', '', '', {0},
    {0}, 'pickup', 'on_delivery', 0, 5, 3, {1}, {0}, 0, 0, {0}, 0, '', '', {0}, {0}, {0}) RETURNING id"""
LINE = """INSERT INTO order_lines (order_id, position, product_id, name, sku, unit, quantity,
    unit_price_rupiah, amount_rupiah, is_parcel, card_text, sent, accepted, billed)
    VALUES ({0}, {0}, {0}, {0}, {0}, '', {0}, {0}, {0}, {1}, '', 0, 0, 0) RETURNING id"""
PROMISE = """INSERT INTO reservations (order_line_id, product_id, quantity, week, from_stock, state,
    made_at) VALUES ({0}, {0}, {0}, {0}, {0}, 'held', {0})"""
STOCK = "UPDATE ready_stocks SET reserved = reserved + {0} WHERE product_id = {0}"
SHARE = """INSERT INTO order_shares (order_id, seller_id, amount_rupiah, advance_rupiah, billed_rupiah)
    VALUES ({0}, {0}, {0}, 0, 0)"""
STEP = """INSERT INTO order_steps (order_id, position, verb, to_state, side, user_id, user_name, reason,
    happened_at) VALUES ({0}, 1, 'place', 'placed', 'buyer', {0}, {0}, '', {0})"""
EVENT = """INSERT INTO audit_events (recorded_at, user_id, actor_name, action, subject_kind, subject_id,
    subject_name, office_region, reason, changes)
    VALUES ({0}, {0}, {0}, 'order.place', 'orders', {0}, {0}, '33.72', '', {0})"""
CHANGES = json.dumps({"before": {}, "after": {"state": "placed"}})


def through_driver(scratch: City, buyers: list[Actor], goods: Goods) -> Posts:
    """Buyers with a bare connection each."""
    is_postgres = scratch.database == "postgres"
    words = ("%s", "false") if is_postgres else ("?", "0")
    turn, guard = itertools.count(), threading.Lock()

    @contextmanager
    def posts() -> Iterator[Post]:
        with guard:
            buyer = buyers[next(turn) % len(buyers)]
        rng = random.Random(buyer.user_id)
        with scratch.raw() as connection:

            def post(ref: str, _kind: str, _shelf: object) -> None:
                wanted = chosen(rng, goods)
                if is_postgres:
                    with connection.transaction():
                        _write(connection.cursor(), words, ref, buyer, wanted)
                    return
                connection.execute("BEGIN IMMEDIATE")
                _write(connection.cursor(), words, ref, buyer, wanted)
                connection.execute("COMMIT")

            yield post

    return posts


def _write(
    cursor: Any,
    words: tuple[str, str],
    key: str,
    buyer: Actor,
    wanted: list[tuple[int, list[tuple[int, int]]]],
) -> None:
    def one(statement: str, row: tuple[Any, ...]) -> int:
        return int(cursor.execute(statement.format(*words), row).fetchone()[0])

    total = sum(UNITS * price for _seller, lines in wanted for _product, price in lines)
    made = one(CHECKOUT, (buyer.operator_id, key, "0" * 64, total, MOMENT, buyer.user_id, buyer.name))
    last = one(NUMBER, (f"order:{buyer.operator_id}:2026",))
    promises, shares, orders, units = [], [], [], []
    for place_, (seller_id, lines) in enumerate(wanted):
        amount = sum(UNITS * price for _product, price in lines)
        number = f"PO/2026/{last - 2 + place_:04d}"
        order_id = one(
            ORDER,
            (
                f"{key}-{place_}"[-24:], number, made, buyer.operator_id, seller_id, MOMENT,
                FIRST_DAY.isoformat(), LAST_DAY.isoformat(), amount, amount, MOMENT, MOMENT, buyer.user_id,
            ),
        )  # fmt: skip
        for position, (product_id, price) in enumerate(lines, start=1):
            row = (order_id, position, product_id, "Keripik", "SKU", UNITS, price, UNITS * price)
            promises.append((one(LINE, row), product_id, UNITS, WEEK.isoformat(), UNITS, MOMENT))
            units.append(product_id)
        shares.append((order_id, seller_id, amount))
        orders.append((order_id, number))
    units.sort()
    cursor.executemany(STOCK.format(*words), [(UNITS, product_id) for product_id in units])
    cursor.executemany(PROMISE.format(*words), promises)
    cursor.executemany(SHARE.format(*words), shares)
    steps = [(order_id, buyer.user_id, buyer.name, MOMENT) for order_id, _number in orders]
    cursor.executemany(STEP.format(*words), steps)
    cursor.executemany(
        EVENT.format(*words),
        [(MOMENT, buyer.user_id, buyer.name, order_id, number, CHANGES) for order_id, number in orders],
    )
