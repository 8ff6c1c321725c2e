"""The ledger through its services: what goes in, what is refused, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marketplace import signals
from marketplace.db import db
from marketplace.errors import Conflict, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import SYSTEM
from marketplace.stock.models import MovementKind, ShelfBalance, StockMovement
from marketplace.stock.services import post_movements, reverse_movement
from tests import factories
from tests.stock.conftest import Shop


def test_a_delivery_and_a_sale_move_the_shelf(shop: Shop) -> None:
    shop.post("delivery", 1, 10)
    shop.post("sale", 3, 4)
    assert shop.on_hand() == 6
    assert shop.spells() == [(1, None)]


def test_what_is_sold_on_the_day_it_came_was_not_there_at_the_days_end(shop: Shop) -> None:
    shop.post("delivery", 1, 10)
    shop.post("sale", 1, 10)
    assert shop.spells() == []
    shop.post("found", 1, 1)
    assert shop.spells() == [(1, None)]


def test_a_sale_beyond_the_shelf_is_refused_with_the_numbers(shop: Shop) -> None:
    shop.post("delivery", 2, 5)
    with pytest.raises(RuleBroken, match="Rak hanya punya 5") as refused:
        shop.post("sale", 2, 6)
    assert refused.value.details == {"free": 5, "wanted": 6}
    assert shop.on_hand() == 5


def test_a_back_dated_sale_may_not_take_what_a_later_day_needed(shop: Shop) -> None:
    shop.post("delivery", 1, 10)
    shop.post("sale", 5, 10)
    shop.post("delivery", 7, 10)
    with pytest.raises(RuleBroken):
        shop.post("sale", 3, 1)
    shop.post("sale", 8, 10)
    assert shop.spells() == [(1, 5), (7, 8)]


def test_back_dated_rows_rebuild_the_spells_from_that_day(shop: Shop) -> None:
    shop.post("delivery", 10, 5)
    shop.post("sale", 12, 5)
    assert shop.spells() == [(10, 12)]
    shop.post("delivery", 5, 3)
    assert shop.spells() == [(5, None)]
    shop.post("sale", 6, 3)
    assert shop.spells() == [(5, 6), (10, 12)]
    shop.post("found", 11, 1)
    assert shop.spells() == [(5, 6), (10, None)]


def test_the_same_movement_again_changes_nothing(shop: Shop) -> None:
    first = shop.post("delivery", 1, 10, ref="d", lot="L1", expires_on=date(2026, 12, 1), note="pagi")
    again = shop.post("delivery", 1, 10, ref="d", lot="L1", expires_on=date(2026, 12, 1), note="pagi")
    assert (first.is_new, again.is_new) == (True, False)
    assert [part.id for part in first.parts] == [part.id for part in again.parts]
    assert shop.on_hand() == 10


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 9},
        {"occurred_on": date(2026, 11, 2)},
        {"kind": MovementKind.FOUND},
        {"unit_price_rupiah": 1},
        {"lot": "L2"},
        {"lot": None},
        {"expires_on": date(2026, 12, 2)},
        {"note": "sore"},
    ],
)
def test_other_content_under_the_same_reference_is_a_conflict(shop: Shop, change: dict) -> None:
    values = {"lot": "L1", "expires_on": date(2026, 12, 1), "note": "pagi"}
    shop.post("delivery", 1, 10, ref="d", **values)
    other = replace(shop.movement("delivery", 1, 10, ref="d", **values), **change)
    with pytest.raises(Conflict):
        post_movements(actor=SYSTEM, movements=[other])
    assert shop.on_hand() == 10


def test_outbound_rows_without_lot_take_first_expired_first_out(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="B", expires_on=date(2027, 2, 1))
    shop.post("delivery", 1, 5, lot="A", expires_on=date(2027, 1, 1))
    shop.post("delivery", 1, 5)
    sale = shop.post("sale", 2, 12, ref="s")
    assert [(part.lot_code, part.change) for part in sale.parts] == [("A", -5), ("B", -5), (None, -2)]
    assert shop.lots() == {"A": 0, "B": 0}
    assert shop.post("sale", 2, 12, ref="s").is_new is False
    with pytest.raises(Conflict):
        shop.post("sale", 2, 12, ref="s", lot="A")


def test_a_back_dated_sale_takes_only_what_no_later_day_took_from_the_lot(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="A", expires_on=date(2027, 1, 1))
    shop.post("delivery", 1, 5, lot="B", expires_on=date(2027, 2, 1))
    shop.post("return", 9, 4, lot="A")
    sale = shop.post("sale", 3, 3)
    assert [(part.lot_code, part.change) for part in sale.parts] == [("A", -1), ("B", -2)]


def test_a_lot_that_came_later_is_not_sold_before(shop: Shop) -> None:
    shop.post("delivery", 1, 5)
    shop.post("delivery", 8, 5, lot="A", expires_on=date(2027, 1, 1))
    sale = shop.post("sale", 3, 2)
    assert [(part.lot_code, part.change) for part in sale.parts] == [(None, -2)]


def test_a_named_lot_with_too_little_left_is_refused(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="A", expires_on=date(2027, 1, 1))
    shop.post("delivery", 1, 5)
    with pytest.raises(RuleBroken) as refused:
        shop.post("sale", 2, 6, lot="A")
    assert refused.value.code == "lot_short"
    assert shop.lots() == {"A": 5}


def test_screens_refuse_to_sell_what_has_expired_and_files_are_warned(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="A", expires_on=date(2026, 11, 10))
    with pytest.raises(RuleBroken) as refused:
        post_movements(actor=SYSTEM, movements=[shop.movement("sale", 11, 1)], sells_expired=False)
    assert refused.value.code == "expired"
    post_movements(actor=SYSTEM, movements=[shop.movement("sale", 10, 1)], sells_expired=False)
    assert shop.post("sale", 11, 1).took_expired


def test_a_sale_takes_what_is_good_before_what_has_expired(shop: Shop) -> None:
    shop.post("delivery", 1, 6, lot="OLD", expires_on=date(2026, 11, 10))
    shop.post("delivery", 1, 4, lot="NEW", expires_on=date(2027, 2, 1))
    shop.post("delivery", 1, 2)
    good = [shop.movement("sale", 11, 5, ref="good")]
    sale = post_movements(actor=SYSTEM, movements=good, sells_expired=False)[0]
    assert [(part.lot_code, part.change) for part in sale.parts] == [("NEW", -4), (None, -1)]
    late = shop.post("sale", 11, 2)
    assert late.took_expired
    assert [(part.lot_code, part.change) for part in late.parts] == [("OLD", -1), (None, -1)]
    assert [part.lot_code for part in shop.post("return", 11, 5).parts] == ["OLD"]


def test_a_posting_is_recorded_whole_or_not_at_all(shop: Shop) -> None:
    shop.post("delivery", 1, 5)
    batch = [shop.movement("delivery", 2, 3, lot="X")]
    batch += [shop.movement("sale", 2, 4), shop.movement("sale", 3, 5)]
    with pytest.raises(RuleBroken):
        post_movements(actor=SYSTEM, movements=batch)
    assert shop.on_hand() == 5
    assert db.session.query(StockMovement).count() == 1
    assert shop.lots() == {}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"quantity": 0}, "bad_quantity"),
        ({"quantity": -1}, "bad_quantity"),
        ({"quantity": 2**63}, "bad_quantity"),
        ({"unit_price_rupiah": -1}, "bad_price"),
        ({"movement_ref": "x" * 65}, "bad_ref"),
        ({"movement_ref": "x\0"}, "bad_text"),
        ({"note": "\ud800"}, "bad_text"),
        ({"lot": "x" * 65}, "bad_lot"),
    ],
)
def test_values_that_cannot_be_are_refused(shop: Shop, values: dict, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        post_movements(actor=SYSTEM, movements=[replace(shop.movement("delivery", 1, 1), **values)])
    assert refused.value.code == code


def test_tomorrow_is_refused_and_today_is_not(shop: Shop) -> None:
    with pytest.raises(RuleBroken) as refused:
        shop.post("delivery", 23, 1)
    assert refused.value.code == "future_date"
    shop.post("delivery", 22, 1)


def test_unknown_places_and_strangers_products_are_refused(shop: Shop) -> None:
    stranger = factories.seller()
    with pytest.raises(NotFound):
        shop.post("delivery", 1, 1, outlet_id=999_999)
    with pytest.raises(NotFound):
        shop.post("delivery", 1, 1, product_id=999_999)
    with pytest.raises(RuleBroken) as refused:
        shop.post("delivery", 1, 1, seller_id=stranger.id)
    assert refused.value.code == "not_of_seller"
    assert db.session.query(ShelfBalance).count() == 0


def test_a_reversed_sale_comes_back_to_its_lots_on_the_day_of_the_reversal(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="A", expires_on=date(2027, 1, 1))
    shop.post("sale", 3, 5, ref="s")
    assert shop.spells() == [(1, 3)]
    with pytest.raises(RuleBroken) as early:
        reverse_movement("s", actor=SYSTEM, occurred_on=date(2026, 11, 2))
    assert early.value.code == "before_original"
    back = reverse_movement("s", actor=SYSTEM, occurred_on=date(2026, 11, 6))
    assert (back.is_new, back.quantity) == (True, 5)
    assert shop.spells() == [(1, 3), (6, None)]
    assert shop.lots() == {"A": 5}
    assert not reverse_movement("s", actor=SYSTEM, occurred_on=date(2026, 11, 6)).is_new
    with pytest.raises(Conflict) as twice:
        reverse_movement("s", actor=SYSTEM, occurred_on=date(2026, 11, 6), reversal_ref="other")
    assert twice.value.code == "already_reversed"
    with pytest.raises(RuleBroken) as again:
        reverse_movement("reversal:s", actor=SYSTEM, occurred_on=date(2026, 11, 7))
    assert again.value.code == "reversal_of_reversal"
    with pytest.raises(NotFound):
        reverse_movement("nobody", actor=SYSTEM, occurred_on=date(2026, 11, 7))


def test_a_delivery_whose_goods_were_sold_cannot_be_reversed(shop: Shop) -> None:
    shop.post("delivery", 1, 5, ref="d", lot="A")
    shop.post("sale", 3, 2)
    with pytest.raises(RuleBroken) as refused:
        reverse_movement("d", actor=SYSTEM, occurred_on=date(2026, 11, 6))
    assert refused.value.details == {"free": 3, "wanted": 5}
    shop.post("delivery", 4, 9)
    with pytest.raises(RuleBroken) as lot_short:
        reverse_movement("d", actor=SYSTEM, occurred_on=date(2026, 11, 6))
    assert lot_short.value.code == "lot_short"


def test_evidence_is_told_from_the_first_day_it_can_differ(shop: Shop) -> None:
    told: list[list[tuple[int, date]]] = []

    def listen(_session: object, outlets: list[tuple[int, date]]) -> None:
        told.append(outlets)

    with signals.evidence_changed.connected_to(listen):
        shop.post("delivery", 10, 5)
        shop.post("loss", 12, 1)
        shop.post("return", 11, 4)
    place = shop.outlet.id
    assert told == [[(place, date(2026, 11, 10))], [(place, date(2026, 11, 11))]]
