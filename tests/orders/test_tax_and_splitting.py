"""What is taxed, and what of an order is whose: exact for any values."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.orders.rules.splitting import Billable, Part, split_advance, split_order, unit_shares
from marketplace.orders.rules.tax import NO_TAX, Tax, TaxTerms, tax_of

SINCE_2025 = TaxTerms(12, 11, 12)
AMOUNTS = st.integers(0, 10**13)
SELLERS = st.integers(1, 5)
PARTS = st.lists(st.builds(Part, SELLERS, st.integers(0, 10**7)), max_size=6)
LINES = st.lists(st.builds(Billable, st.integers(0, 5000), st.integers(0, 10**8), PARTS), max_size=8)
TAXES = st.dictionaries(SELLERS, st.just(SINCE_2025))


@given(AMOUNTS)
def test_who_is_not_pkp_adds_no_tax(amount):
    assert tax_of(amount, None) == NO_TAX == Tax(0, None, 0)


def test_the_tax_is_rounded_once_from_the_exact_base():
    assert tax_of(32, SINCE_2025) == Tax(29, 12, 4)
    assert tax_of(1_200_000, SINCE_2025) == Tax(1_100_000, 12, 132_000)
    assert tax_of(50, SINCE_2025) == Tax(46, 12, 6)  # 5.5: half a rupiah is rounded up


@given(AMOUNTS)
def test_twelve_percent_of_eleven_twelfths_is_eleven_percent_to_the_rupiah(amount):
    direct = (Decimal(amount) * 11 / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert tax_of(amount, SINCE_2025).tax_rupiah == direct


@given(AMOUNTS, st.integers(0, 10**6))
def test_more_is_never_taxed_less(amount, more):
    assert tax_of(amount + more, SINCE_2025).tax_rupiah >= tax_of(amount, SINCE_2025).tax_rupiah


def test_an_amount_below_zero_has_no_tax():
    with pytest.raises(ValueError, match="zero or more"):
        tax_of(-1, SINCE_2025)


@given(st.integers(0, 10**9), PARTS, SELLERS)
def test_the_parts_of_a_unit_sum_to_its_price(price, parts, seller):
    shares = unit_shares(price, parts, seller)
    assert sum(shares.values()) == price
    assert min(shares.values()) >= 0
    whole = sum(part.weight_rupiah for part in parts)
    for owner, rupiah in shares.items():
        weight = sum(part.weight_rupiah for part in parts if part.seller_id == owner)
        assert not whole or abs(rupiah * whole - price * weight) < whole


def test_a_price_as_agreed_gives_every_maker_what_was_agreed():
    parts = [Part(1, 15_000), Part(2, 60_000), Part(3, 25_000), Part(2, 20_000)]
    assert unit_shares(120_000, parts, 1) == {1: 15_000, 2: 80_000, 3: 25_000}


@given(SELLERS, LINES, st.integers(0, 10**7), TAXES)
def test_shares_sum_to_the_order_to_the_rupiah(seller, lines, shipping, taxes):
    split = split_order(seller, lines, shipping_rupiah=shipping, taxes=taxes)
    assert split.shares[0].seller_id == seller
    assert sum(share.net_rupiah for share in split.shares) == split.goods_rupiah + shipping
    assert sum(share.tax_rupiah for share in split.shares) == split.tax_rupiah
    assert sum(share.amount_rupiah for share in split.shares) == split.total_rupiah
    assert all(not share.tax_rupiah for share in split.shares if share.seller_id not in taxes)


def test_shipping_is_the_sellers_own_and_each_maker_is_taxed_as_it_is():
    parcel = Billable(10, 100_000, [Part(1, 40_000), Part(2, 60_000)])
    split = split_order(1, [parcel], shipping_rupiah=50_000, taxes={2: SINCE_2025})
    seller, maker = split.shares
    assert (seller.net_rupiah, seller.tax_rupiah) == (450_000, 0)
    assert (maker.net_rupiah, maker.tax_base_rupiah, maker.tax_rupiah) == (600_000, 550_000, 66_000)
    assert (split.tax_percent, split.total_rupiah) == (12, 1_116_000)


@given(SELLERS, LINES, TAXES, st.data())
def test_what_is_taken_back_in_steps_is_in_the_end_what_was_billed(seller, lines, taxes, data):
    def left(lines):
        quantities = [data.draw(st.integers(0, line.quantity)) for line in lines]
        return [
            Billable(many, line.unit_price_rupiah, line.parts)
            for many, line in zip(quantities, lines, strict=True)
        ]

    some = left(lines)
    billed, kept = split_order(seller, lines, taxes=taxes), split_order(seller, some, taxes=taxes)
    nothing = split_order(seller, [], taxes=taxes)
    first, second = billed - kept, kept - nothing
    for back in (first, second):
        assert back.total_rupiah == sum(share.amount_rupiah for share in back.shares)
        assert all(
            min(share.net_rupiah, share.tax_rupiah, share.tax_base_rupiah) >= 0 for share in back.shares
        )
    assert first.total_rupiah + second.total_rupiah == billed.total_rupiah


@given(st.lists(st.integers(0, 10**12), max_size=8), st.data())
def test_an_advance_is_never_more_than_a_share(amounts, data):
    advance = data.draw(st.integers(0, sum(amounts)))
    shares = split_advance(advance, amounts)
    assert sum(shares) == advance
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))
