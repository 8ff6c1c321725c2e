"""What was spent, in parts that come to the whole, each figure with its orders; a public version that tells
of nobody."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.orders.models import ClaimKind, Order, SellerTaxFact
from marketplace.orders.queries.spend_reports import (
    category_rows,
    local_rows,
    local_spend,
    spending_of,
    spending_rows,
)
from marketplace.orders.queries.spending import NONE, SHIPPING, TAX, SpentFilter
from marketplace.orders.rules.spending import SMALLEST_CELL, Piece, cut, published
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.checkout import place
from marketplace.orders.services.claims import ClaimDraft, accept_claim, make_claim
from marketplace.orders.services.receiving import receive
from marketplace.orders.services.shipping import ship
from marketplace.organizations.models import Seller, SellerFacts
from marketplace.organizations.services.purchasing import buyer_of
from marketplace.organizations.versions import change_facts
from marketplace.permissions import SYSTEM, Actor, Role
from tests import factories as make
from tests.orders.made import note_of, received
from tests.orders.support import Trade, buyable, draft_of, draft_part, lines_of, orders_of, sells
from tests.support.questions import questions
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)
YEAR = (date(2026, 1, 1), TODAY)

pieces = st.lists(
    st.builds(
        Piece,
        st.sampled_from("abcdef"),
        st.integers(1, 30),
        st.integers(1, 99),
        st.integers(1, 10**9),
    ),
    max_size=80,
)


@given(pieces)
def test_the_parts_of_every_cut_come_to_the_whole(found):
    whole = cut(found, str)
    assert whole.is_whole
    assert whole.rupiah == sum(piece.rupiah for piece in found)
    assert whole.sellers == len({piece.seller for piece in found})


@given(pieces)
@example(
    [
        Piece("a", 1, 1, 1),
        *(Piece("b", n, n, 1) for n in (1, 2, 3, 4)),
        *(Piece("c", n, n, 1) for n in range(9)),
    ]
)
def test_nothing_of_fewer_than_five_sellers_can_be_read_or_reckoned_from_what_is_published(found):
    whole = cut(found, str)
    shown = published(whole)
    open_parts = [part for part in shown.parts if not part.is_hidden]
    hidden = {part.key for part in shown.parts if part.is_hidden}
    assert all(part.sellers >= SMALLEST_CELL for part in open_parts)
    assert all(
        (part.rupiah, part.sellers, part.orders) == (0, 0, 0) for part in shown.parts if part.is_hidden
    )
    behind = [part for part in whole.parts if part.key in hidden]
    if shown.rupiah and hidden:  # what is left of the whole is what all hidden parts are together
        assert len(behind) >= 2
        together = {piece.seller for piece in found if piece.key in hidden}
        assert len(together) >= SMALLEST_CELL or not open_parts, "whoever sold in two parts is one"
    if whole.sellers < SMALLEST_CELL:
        assert shown.rupiah == 0


def test_a_cut_without_small_parts_is_published_as_it_is():
    found = [Piece(key, seller, seller, 100) for key in "ab" for seller in range(6)]
    assert published(cut(found, str)) == cut(found, str)


def billed(trade: Trade, quantity: int = 10, **how: Any) -> Order:
    return received(trade, quantity, **how)


def grant(trade: Trade, order: Order, quantity: int) -> None:
    (line,) = lines_of(order)
    draft = ClaimDraft(line.id, ClaimKind.SHORT, quantity, "Kurang.", f"k-{order.id}")
    claim = make_claim(actor=trade.buyer, order_id=order.id, draft=draft)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=quantity)


def is_pkp(seller: Seller) -> None:
    with unit_of_work() as session:
        session.add(
            SellerTaxFact(
                seller_id=seller.id, valid_from=date(2026, 1, 1), is_pkp=True, recorded_at=clock.now()
            )
        )


@pytest.fixture
def city(trade: Trade) -> Trade:
    """The trade's seller is micro in Laweyan; a second, medium one elsewhere; shipping, tax and a credit."""
    sells(trade.seller, shipping_rupiah=12_000)
    billed(trade, 10, shipping_kind="seller_rate")
    second = make.seller(name="Batik Contoh", region_code="33.72.04.1001", annual_sales_rupiah=20_000_000_000)
    is_pkp(second)
    goods = buyable(second, name="Kain", price_rupiah=200_000)
    maker = make.member(Role.SELLER_OWNER, seller_id=second.id)
    other = Trade(second, goods, trade.operator, trade.outlet, maker, trade.buyer, trade.staff)
    grant(other, billed(other, 5), 2)
    return trade


def test_a_buyer_sees_what_it_spent_in_parts_that_come_to_the_whole(city):
    found = spending_of(city.buyer, *YEAR)
    assert found.is_whole
    assert found.whole.rupiah == 150_000 + 12_000 + 600_000 + 66_000
    assert {part.name: part.rupiah for part in found.cuts["seller"].parts} == {
        "Dapur Contoh": 162_000,
        "Batik Contoh": 666_000,
    }
    beside = {part.key: part.rupiah for part in found.cuts["category"].parts}
    assert (beside[SHIPPING], beside[TAX]) == (12_000, 66_000)
    assert NONE not in beside
    assert {part.key: part.rupiah for part in found.cuts["size"].parts} == {
        "micro": 162_000,
        "medium": 666_000,
    }
    assert found.smaller_share == pytest.approx(162 / 828)
    assert [part.key for part in found.cuts["district"].parts] == ["33.72.04", "33.72.01"]


def test_another_company_sees_nothing_of_it(city):
    other = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    assert spending_of(other, *YEAR).rows == []
    assert spending_rows(other, *YEAR, SpentFilter()) == []
    assert category_rows(other, *YEAR, SHIPPING) == []


def test_every_figure_is_that_of_the_rows_it_leads_to(city):
    found = spending_of(city.buyer, *YEAR)
    for name in ("seller", "district", "size", "month"):
        for part in found.cuts[name].parts:
            rows = spending_rows(city.buyer, *YEAR, SpentFilter({name: part.key}))
            assert sum(row.rupiah for row in rows) == part.rupiah


def test_size_and_place_are_those_of_the_day_of_the_invoice(trade):
    billed(trade)
    tomorrow = clock.now() + timedelta(days=1)
    with clock.frozen(tomorrow):
        with unit_of_work() as session:
            change_facts(
                session,
                SellerFacts,
                trade.seller.id,
                valid_from=clock.today(),
                changes={"annual_sales_rupiah": 10_000_000_000, "region_code": "33.72.05.1001"},
                actor=SYSTEM,
                reason="Tumbuh dan pindah.",
            )
        billed(trade)
        found = spending_of(trade.buyer, date(2026, 1, 1), clock.today())
    assert {part.key: part.orders for part in found.cuts["size"].parts} == {"micro": 1, "small": 1}
    assert {part.key for part in found.cuts["district"].parts} == {"33.72.01", "33.72.05"}
    assert found.whole.sellers == 1


def test_what_was_credited_whole_was_not_spent(trade):
    order = billed(trade)
    grant(trade, order, 10)
    found = spending_of(trade.buyer, *YEAR)
    assert found.rows == []
    assert found.is_whole


def test_an_invoice_counts_on_its_day_and_on_no_other(trade):
    billed(trade)
    assert spending_of(trade.buyer, TODAY, TODAY).whole.orders == 1
    assert spending_of(trade.buyer, date(2026, 1, 1), TODAY - timedelta(days=1)).rows == []


# --- an office ---------------------------------------------------------------------------------------------


def office_buys(trade: Trade, reference: str) -> Actor:
    """The office buys of the trade's seller, under a number of procurement; answers its head."""
    head = make.officer(Role.HEAD)
    with unit_of_work() as session:
        buyer_id = buyer_of(session, head)
    head = Actor(
        head.user_id,
        head.name,
        head.role,
        office_id=head.office_id,
        region=head.region,
        purchasing_id=buyer_id,
    )
    part = draft_part(
        trade.seller.id,
        [(trade.product.id, 4)],
        procurement_ref=reference,
        recipient="Bu Retno",
        phone="081234567890",
        address="Balai Kota",
    )
    (order,) = orders_of(place(actor=head, draft=draft_of(part)))
    confirm(actor=trade.maker, order_id=order.id)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    receive(actor=head, order_id=order.id)
    return head


def test_an_office_sees_its_region_and_its_own_purchases_apart(city):
    head = office_buys(city, "EP-2026-17")
    outside = make.seller(name="Madiun Contoh", region_code="35.77.01.1001")
    maker = make.member(Role.SELLER_OWNER, seller_id=outside.id)
    billed(Trade(outside, buyable(outside), city.operator, city.outlet, maker, city.buyer, city.staff))
    found = local_spend(head, *YEAR)
    assert found.is_whole
    assert found.whole.rupiah == 828_000 + 60_000, "what was made elsewhere is no local spending"
    assert {part.key: part.rupiah for part in found.cuts["buyer_kind"].parts} == {
        "minimarket": 828_000,
        "office": 60_000,
    }
    assert [(part.name, part.rupiah) for part in found.own.parts] == [("EP-2026-17", 60_000)]
    assert found.own_local_share == 1.0
    for name in ("district", "size", "buyer_kind", "seller", "month"):
        for part in found.cuts[name].parts:
            rows = local_rows(head, *YEAR, SpentFilter({name: part.key}), is_own=False)
            assert sum(row.rupiah for row in rows) == part.rupiah
    (row,) = local_rows(head, *YEAR, SpentFilter({"procurement": "EP-2026-17"}), is_own=True)
    assert row.procurement_ref == "EP-2026-17"


def test_another_region_s_office_sees_none_of_it(city):
    officer = make.officer(region_code="35.77")
    assert local_spend(officer, *YEAR).rows == []
    assert local_rows(officer, *YEAR, SpentFilter(), is_own=False) == []
    assert local_rows(officer, *YEAR, SpentFilter(), is_own=True) == []


def test_the_files_are_whole_and_the_public_one_hides_what_is_of_fewer_than_five(app, city):
    head = office_buys(city, "EP-2026-17")
    client = sign_in(app.test_client(), head)

    def rows(address: str) -> list[dict[str, str]]:
        answer = client.get(address)
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))

    whole = rows("/office/local-spend/report.csv")
    total = next(row for row in whole if row["by"] == "total")
    for name in ("district", "size", "buyer_kind", "seller", "month"):
        parts = [int(row["amount_rupiah"]) for row in whole if row["by"] == name]
        assert sum(parts) == int(total["amount_rupiah"]) == 888_000
    public = rows("/office/local-spend/report.csv?public=1")
    assert {row["by"] for row in public} >= {"total", "district", "size", "month"}
    assert "seller" not in {row["by"] for row in public}, "no names where it is for everybody"
    assert {row["amount_rupiah"] for row in public} == {""}, "two sellers in all: nothing is told"
    assert {row["note"] for row in public} == {"<5"}
    for form in ("xlsx", "pdf"):
        for public_too in ("", "?public=1"):
            assert client.get(f"/office/local-spend/report.{form}{public_too}").status_code == 200


def test_the_pages_say_it_and_lead_to_the_orders(app, city):
    head = office_buys(city, "EP-2026-17")
    page = sign_in(app.test_client(), head).get("/office/local-spend").text
    assert "Rp888.000 dibelanjakan ke 2 UMKM" in page
    assert "Diperiksa: setiap pembagian berjumlah Rp888.000" in page
    assert "EP-2026-17" in page
    rows = sign_in(app.test_client(), head).get("/office/local-spend/orders?size=micro").text
    assert "PO/2026/0001" in rows
    assert 'href="/orders/1"' in rows
    buyer = sign_in(app.test_client(), city.buyer)
    assert "Rp828.000 belanja dari UMKM" in buyer.get("/spending").text
    assert "Ongkos kirim" in buyer.get("/spending?by=category").text
    assert "Rp12.000 dari 1 nota" in buyer.get(f"/spending/orders?category={SHIPPING}").text
    assert buyer.get("/office/local-spend").status_code == 404
    assert sign_in(app.test_client(), city.staff).get("/spending").status_code == 403
    for address in ("/spending?from=x&to=9999-99-99", "/spending?by=x", "/spending/orders?month=x&page=9"):
        assert buyer.get(address).status_code == 200


def test_an_order_that_an_office_may_not_open_is_named_and_not_led_to(app, trade):
    order = billed(trade)
    client = sign_in(app.test_client(), make.officer())
    assert f'href="/orders/{order.id}"' in client.get("/office/local-spend/orders").text
    with clock.frozen(clock.now() + timedelta(days=1)):
        with unit_of_work() as session:
            change_facts(
                session,
                SellerFacts,
                trade.seller.id,
                valid_from=clock.today(),
                changes={"region_code": "35.77.01.1001"},
                actor=SYSTEM,
                reason="Pindah.",
            )
        page = sign_in(app.test_client(), make.officer()).get("/office/local-spend/orders").text
    assert str(order.number) in page
    assert f'href="/orders/{order.id}"' not in page


def test_however_much_was_spent_the_report_asks_the_same_number_of_questions(city):
    head = office_buys(city, "EP-1")
    local_spend(head, *YEAR)
    with questions() as few:
        local_spend(head, *YEAR)
    for _time in range(3):
        billed(city)
    db.session.rollback()
    with questions() as many:
        local_spend(head, *YEAR)
    assert len(many) == len(few)
