"""Parcels: what each maker agreed to is what is sold, and what each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from marketplace import clock
from marketplace.catalog.models import PriceTier
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import ParcelComponent, ParcelState, ParcelVersion
from marketplace.orders.queries.parcels import components_of
from marketplace.orders.rules.parcels import Component, Content, latest_expiry
from marketplace.orders.rules.splitting import unit_shares
from marketplace.orders.services.parcels import (
    ComponentDraft,
    ParcelDraft,
    answer_parcel,
    propose_parcel,
    withdraw_parcel,
)
from marketplace.orders.services.reservations import count_ready
from marketplace.organizations.services.sellers import close_seller
from marketplace.outbox import OutboxItem
from marketplace.permissions import Role
from tests import factories as make

TODAY = date(2026, 11, 22)


class Kitchen:
    """Two makers, one of whom puts a parcel of both their goods together."""

    def __init__(self):
        self.assembler, self.baker = (
            make.seller("U-RAKIT"),
            make.seller("U-ROTI", email="roti@contoh.example"),
        )
        self.parcel = make.product(self.assembler, "PARSEL", name="Parsel Lebaran", price_rupiah=150_000)
        self.tea = make.product(self.assembler, "TEH", price_rupiah=20_000, capacity_per_week=400)
        self.cake = make.product(self.baker, "KUE", price_rupiah=45_000, shelf_life_days=30)
        self.owner = make.member(Role.SELLER_OWNER, seller_id=self.assembler.id)
        self.other = make.member(Role.SELLER_OWNER, seller_id=self.baker.id)
        self.draft = ParcelDraft(
            self.parcel.id, [ComponentDraft(self.tea.id, 1, 20_000), ComponentDraft(self.cake.id, 2, 90_000)]
        )

    def propose(self, **changes):
        return propose_parcel(actor=self.owner, draft=replace(self.draft, **changes))

    def agreed(self):
        version = self.propose()
        return answer_parcel(actor=self.other, version_id=version.id, accepts=True)

    def content(self):
        return components_of(db.session(), [self.parcel.id])[self.parcel.id]


@pytest.fixture
def kitchen(app):
    return Kitchen()


def test_a_parcel_is_sold_only_once_every_other_maker_agrees(kitchen):
    version = kitchen.propose()
    assert version.state == ParcelState.PROPOSED
    assert "belum disetujui" in kitchen.content().not_sold(TODAY, 150_000)
    answer_parcel(actor=kitchen.other, version_id=version.id, accepts=True)
    content = kitchen.content()
    assert (content.version_id, content.not_sold(TODAY, 150_000)) == (version.id, "")
    assert content.assembly_rupiah == 40_000
    assert unit_shares(150_000, content.parts, kitchen.assembler.id) == {
        kitchen.assembler.id: 60_000,
        kitchen.baker.id: 90_000,
    }
    mails = db.session.scalars(
        select(OutboxItem).where(OutboxItem.kind == "mail.send").order_by(OutboxItem.id)
    )
    assert [row.payload["template"] for row in mails] == ["parcel_proposed", "parcel_answered"]


def test_own_goods_alone_need_nobodys_yes(kitchen):
    version = kitchen.propose(components=[ComponentDraft(kitchen.tea.id, 3, 60_000)])
    assert version.state == ParcelState.ACCEPTED
    assert kitchen.content().capacity == 133


def test_the_version_before_is_sold_until_all_agree_to_the_new_one(kitchen):
    first = kitchen.agreed()
    second = kitchen.propose(components=[ComponentDraft(kitchen.cake.id, 1, 45_000)])
    assert kitchen.content().version_id == first.id
    answer_parcel(actor=kitchen.other, version_id=second.id, accepts=True)
    assert kitchen.content().version_id == second.id
    assert db.session.get_one(ParcelVersion, first.id).state == ParcelState.REPLACED


def test_a_question_that_waits_is_taken_back_by_the_next(kitchen):
    first = kitchen.propose()
    kitchen.propose()
    assert db.session.get_one(ParcelVersion, first.id).state == ParcelState.WITHDRAWN
    with pytest.raises(RuleBroken):
        answer_parcel(actor=kitchen.other, version_id=first.id, accepts=True)


def test_a_no_needs_its_reason_and_a_yes_can_be_taken_back(kitchen):
    version = kitchen.agreed()
    with pytest.raises(InvalidInput, match="alasan"):
        answer_parcel(actor=kitchen.other, version_id=version.id, accepts=False)
    answer_parcel(actor=kitchen.other, version_id=version.id, accepts=False, reason="Libur dulu")
    assert kitchen.content().version_id == 0


def test_the_assembler_stops_its_parcel_and_strangers_see_none_of_it(kitchen):
    version = kitchen.agreed()
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for act in (
        lambda: withdraw_parcel(actor=stranger, version_id=version.id),
        lambda: withdraw_parcel(actor=kitchen.other, version_id=version.id),
        lambda: answer_parcel(actor=stranger, version_id=version.id, accepts=True),
        lambda: answer_parcel(actor=kitchen.owner, version_id=version.id, accepts=True),
        lambda: propose_parcel(actor=kitchen.other, draft=kitchen.draft),
        lambda: withdraw_parcel(actor=kitchen.owner, version_id=999),
    ):
        with pytest.raises(NotFound):
            act()
    withdraw_parcel(actor=kitchen.owner, version_id=version.id)
    assert kitchen.content().version_id == 0


def test_below_the_lowest_price_that_makers_saw_it_is_not_sold(kitchen):
    with unit_of_work() as session:
        session.add(PriceTier(product_id=kitchen.parcel.id, min_quantity=100, price_rupiah=140_000))
    content = (kitchen.agreed(), kitchen.content())[1]
    assert content.not_sold(TODAY, 140_000) == ""
    assert "Rp140.000" in content.not_sold(TODAY, 139_999)


def test_what_cannot_be_in_a_parcel_is_said_at_its_field(kitchen):
    hidden = make.product(kitchen.baker, state="paused")
    wrong: dict[str, list[Sequence[ComponentDraft]]] = {
        "component-0": [
            (),
            [ComponentDraft(kitchen.parcel.id, 1, 1)],
            [ComponentDraft(hidden.id, 1, 1)],
            [ComponentDraft(kitchen.tea.id, 0, 1)],
            [ComponentDraft(kitchen.tea.id, 1, 200_000)],
            [ComponentDraft(kitchen.tea.id, 1, 80_000), ComponentDraft(kitchen.cake.id, 1, 80_000)],
        ],
        "component-1": [[ComponentDraft(kitchen.tea.id, 1, 1), ComponentDraft(kitchen.tea.id, 2, 1)]],
    }
    for field, drafts in wrong.items():
        for components in drafts:
            with pytest.raises(InvalidInput) as caught:
                kitchen.propose(components=components)
            assert field in caught.value.fields
    day = TODAY
    for days in (
        {"order_from": day, "order_until": date(2026, 11, 1)},
        {"season_from": day, "season_to": date(2026, 11, 1)},
        {"order_from": day, "season_to": date(2026, 11, 1)},
    ):
        with pytest.raises(InvalidInput):
            kitchen.propose(**days)


def test_a_parcel_holds_no_parcel(kitchen):
    kitchen.agreed()
    box = make.product(kitchen.assembler, price_rupiah=500_000)
    with pytest.raises(InvalidInput, match="perbaiki"):
        propose_parcel(
            actor=kitchen.owner,
            draft=ParcelDraft(box.id, [ComponentDraft(kitchen.parcel.id, 1, 100_000)]),
        )
    with pytest.raises(InvalidInput) as caught:  # nor does what is in one become one
        propose_parcel(
            actor=kitchen.other,
            draft=ParcelDraft(kitchen.cake.id, [ComponentDraft(kitchen.tea.id, 1, 10_000)]),
        )
    assert "isi parsel lain" in caught.value.fields["component-0"]


def test_stock_and_shelf_life_are_the_least_of_the_components(kitchen):
    kitchen.agreed()
    assert kitchen.content().ready is None
    count_ready(actor=kitchen.other, product_id=kitchen.cake.id, on_hand=27)
    content = kitchen.content()
    assert (content.ready, content.shelf_life_days) == (13, 30)
    assert latest_expiry(content.shelf_life_days, TODAY) == date(2026, 12, 22)
    asked = content.wanted(7, 10, TODAY)
    assert [(one.product_id, one.quantity, one.capacity) for one in asked] == [
        (kitchen.tea.id, 10, 400),
        (kitchen.cake.id, 20, None),
    ]


def test_a_component_that_is_not_sold_stops_the_parcel(kitchen):
    kitchen.agreed()
    with unit_of_work() as session:
        session.merge(kitchen.cake).state = "paused"
    assert kitchen.cake.name in kitchen.content().not_sold(TODAY, 150_000)


def test_a_parcel_is_not_sold_without_one_of_its_makers(kitchen):
    kitchen.agreed()
    close_seller(actor=make.officer(), seller_id=kitchen.baker.id, closed_on=TODAY, reason="Tutup")
    db.session.rollback()
    assert kitchen.cake.name in kitchen.content().not_sold(TODAY, 150_000)


def test_it_is_sold_on_its_days_alone(kitchen):
    content = replace(
        Content(1, 1, version_id=1),
        order_from=date(2026, 12, 1),
        order_until=date(2026, 12, 20),
        season_from=date(2026, 12, 10),
        season_to=date(2026, 12, 24),
    )
    assert "1 Desember" in content.not_sold(TODAY, 0)
    assert content.not_sold(date(2026, 12, 20), 0) == ""
    assert "ditutup" in content.not_sold(date(2026, 12, 21), 0)
    assert "10 Desember" in content.wrong_days(date(2026, 12, 9), date(2026, 12, 12))
    assert "24 Desember" in content.wrong_days(date(2026, 12, 20), date(2026, 12, 25))
    assert content.wrong_days(date(2026, 12, 10), date(2026, 12, 24)) == ""


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 20)), min_size=1, max_size=6))
def test_as_many_parcels_as_every_component_allows_and_no_more(stocks):
    parts = [Component(n, 1, "", "", needs, 0, ready=has) for n, (has, needs) in enumerate(stocks)]
    possible = Content(9, 1, components=parts).ready
    assert possible is not None
    assert all(possible * needs <= has for has, needs in stocks)
    assert any((possible + 1) * needs > has for has, needs in stocks)


def test_what_makers_agreed_to_is_never_changed(kitchen):
    version = kitchen.agreed()
    row = db.session.scalars(select(ParcelComponent).where(ParcelComponent.version_id == version.id)).first()
    assert row is not None
    with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
        session.merge(row).share_rupiah = 1


def test_the_database_keeps_one_version_in_force(kitchen):
    version = kitchen.agreed()
    second = ParcelVersion(
        product_id=version.product_id, number=9, state="accepted", price_rupiah=1, least_rupiah=1,
        assembly_rupiah=1, components_rupiah=0, proposed_at=clock.now(), accepted_at=clock.now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(second)
