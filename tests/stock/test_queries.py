"""What stands where, what moved, what sold last and what expires: as each person may see it."""

from __future__ import annotations

from datetime import date

from flask import Flask

from marketplace.permissions import NOBODY, SYSTEM, Actor, Role
from marketplace.stock import queries
from marketplace.stock.models import MovementKind
from marketplace.stock.queries import MovementFilter, Spell
from marketplace.stock.services import reverse_movement
from tests import factories
from tests.stock.conftest import Shop


def november(day: int) -> date:
    return date(2026, 11, day)


def people(shop: Shop) -> dict[str, Actor]:
    """Everybody who might look at the shop's shelf."""
    operator_id = factories.operator().id
    return {
        "system": SYSTEM,
        "office": factories.officer(),
        "far office": factories.officer(region_code="12.71"),
        "seller": factories.member(Role.SELLER_OWNER, seller_id=shop.seller.id),
        "other seller": factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id),
        "other buyer": factories.member(Role.BUYER_OWNER, operator_id=operator_id),
        "nobody": NOBODY,
    }


def test_on_hand_is_told_for_the_end_of_any_day(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 10)
    shop.post("sale", 5, 4)
    shop.post("sale", 9, 6)
    by_day = {
        day: sum(row.on_hand for row in queries.on_hand(SYSTEM, november(day)))
        for day in (1, 2, 4, 5, 8, 9, 22)
    }
    assert by_day == {1: 0, 2: 10, 4: 10, 5: 6, 8: 6, 9: 0, 22: 0}
    assert queries.pair_on_hand(shop.outlet.id, shop.seller.id, november(5)) == 6
    (row,) = queries.on_hand(SYSTEM, november(5), outlet_id=shop.outlet.id, seller_id=shop.seller.id)
    assert (row.product_id, row.on_hand) == (shop.product.id, 6)
    assert queries.on_hand(SYSTEM, november(5), product_ids=[shop.product.id + 1]) == []


def test_each_person_sees_only_what_is_theirs(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 10, lot="A", expires_on=november(30))
    sees = {
        name: (
            len(queries.on_hand(actor, november(22))),
            queries.movements(actor, MovementFilter())[1],
            len(queries.lots_near_expiry(actor)),
            queries.outlet_for(actor, shop.outlet.outlet_ref) is not None,
        )
        for name, actor in people(shop).items()
    }
    everything, nothing = (1, 1, 1, True), (0, 0, 0, False)
    assert sees == {
        "system": everything,
        "office": everything,
        "far office": nothing,
        "seller": everything,
        "other seller": (0, 0, 0, True),
        "other buyer": nothing,
        "nobody": nothing,
    }


def test_movements_are_listed_newest_first_with_filters(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 10, ref="d", lot="A", expires_on=november(30), note="pagi")
    shop.post("sale", 5, 4, ref="s")
    reverse_movement("s", actor=SYSTEM, occurred_on=november(6), reversal_ref="r")
    rows, total = queries.movements(SYSTEM, MovementFilter())
    assert (total, [row.movement_ref for row in rows]) == (3, ["r", "s", "d"])
    assert (rows[0].reverses_ref, rows[0].change, rows[2].lot, rows[2].note) == ("s", 4, "A", "pagi")
    assert queries.movements(SYSTEM, MovementFilter(kind=MovementKind.DELIVERY))[1] == 1
    assert queries.movements(SYSTEM, MovementFilter(first_day=november(5), last_day=november(5)))[1] == 1
    assert queries.movements(SYSTEM, MovementFilter(outlet_id=shop.outlet.id + 1))[1] == 0
    assert [row.movement_ref for row in queries.movements(SYSTEM, MovementFilter(), page=2, size=2)[0]] == [
        "d"
    ]


def test_a_reversed_sale_is_the_last_one_only_before_its_reversal(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 10)
    shop.post("sale", 3, 1)
    shop.post("sale", 8, 1, ref="s")
    reverse_movement("s", actor=SYSTEM, occurred_on=november(12))
    last = {
        day: queries.last_on(MovementKind.SALE, shop.outlet.id, november(day)).get(shop.seller.id)
        for day in (2, 7, 8, 11, 12)
    }
    assert last == {2: None, 7: november(3), 8: november(8), 11: november(8), 12: november(3)}


def test_lots_that_expire_soon_come_soonest_first_and_empty_ones_not(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 1, lot="LATE", expires_on=date(2027, 6, 1))
    shop.post("delivery", 2, 2, lot="SOON", expires_on=date(2026, 12, 1))
    shop.post("delivery", 2, 3, lot="PAST", expires_on=november(20))
    shop.post("delivery", 2, 1, lot="GONE", expires_on=november(25))
    shop.post("loss", 3, 1, lot="GONE")
    assert [(lot.code, lot.on_hand) for lot in queries.lots_near_expiry(SYSTEM)] == [("PAST", 3), ("SOON", 2)]
    assert queries.lots_near_expiry(SYSTEM, outlet_id=shop.outlet.id + 1) == []


def test_days_of_display_are_told_as_spells(app: Flask, shop: Shop) -> None:
    shop.post("delivery", 2, 1)
    shop.post("sale", 5, 1)
    shop.post("delivery", 9, 1)
    pair = (shop.outlet.id, shop.seller.id)
    product = shop.product.id
    assert queries.spells(*pair) == [
        Spell(product, november(2), november(5)),
        Spell(product, november(9), None),
    ]
    assert queries.spells(*pair, since=november(6)) == [Spell(product, november(9), None)]
