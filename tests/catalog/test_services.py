"""What sellers may write, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from marketplace import clock, signals
from marketplace.audit import AuditEvent
from marketplace.catalog import queries, services
from marketplace.catalog.models import Category, Product
from marketplace.catalog.values import ProductValues
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.permissions import Role
from tests import factories as make

CHIPS = ProductValues(name="Keripik tempe", category="Makanan / Camilan", price_rupiah=15_000)


@pytest.fixture
def seller(app: Flask):
    return make.member(Role.SELLER_OWNER, seller_id=make.seller().id)


def create(actor, values=CHIPS, **changes):
    return services.create_product(actor=actor, seller_id=actor.seller_id, values=replace(values, **changes))


def put_on_sale(product):
    """As the office's approval leaves it."""
    with unit_of_work():
        product.state, product.first_live_at = "live", clock.now()
    return product


def test_a_product_is_a_draft_gets_a_code_and_makes_its_categories(seller):
    product = create(seller)
    assert (product.state, product.first_live_at) == ("draft", None)
    assert product.sku == "P-001"
    paths = dict(db.session.query(Category.path, Category.picture_form).all())
    assert paths == {"Makanan": "pouch", "Makanan / Camilan": "pouch"}
    assert create(seller).sku == "P-002"


def test_a_code_is_unique_within_its_seller_only(seller):
    create(seller, sku="A")
    with pytest.raises(InvalidInput) as refused:
        create(seller, sku="A")
    assert set(refused.value.fields) == {"sku"}
    other = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    assert create(other, sku="A").sku == "A"
    assert db.session.query(Product).count() == 2


def test_a_wrong_gtin_and_a_price_of_nothing_are_refused_and_nothing_is_stored(seller):
    with pytest.raises(InvalidInput) as refused:
        services.create_product(
            actor=make.officer(),
            seller_id=seller.seller_id,
            values=replace(CHIPS, gtin="8991002101235", price_rupiah=0, name="", category=" / "),
        )
    assert set(refused.value.fields) == {"gtin", "price_rupiah", "name", "category"}
    assert db.session.query(Product).count() == 0


def test_an_odd_certificate_number_is_stored_as_it_was_written(seller):
    assert create(seller, pirt_number="12-34").pirt_number == "12-34"
    assert create(seller, pirt_number="P-IRT 2063372010123-28").pirt_number == "206337201012328"


def test_what_the_office_writes_is_live_at_once(app, seller):
    product = services.create_product(actor=make.officer(), seller_id=seller.seller_id, values=CHIPS)
    assert (product.state, product.first_live_at) == ("live", clock.now())


def test_a_draft_may_lack_everything_and_the_database_refuses_that_of_any_other_state(seller):
    product = services.create_draft(actor=seller, seller_id=seller.seller_id)
    assert (product.state, product.name, product.category_id, product.price_rupiah) == ("draft", "", None, 0)
    empty = ProductValues(name="", category="", price_rupiah=0, unit="bungkus")
    assert services.change_product(actor=seller, product_id=product.id, values=empty).unit == "bungkus"
    with pytest.raises(IntegrityError), unit_of_work():
        product.state = "waiting"


def test_a_stranger_cannot_change_pause_or_add(app, seller):
    product = create(seller)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    with pytest.raises(NotFound):
        services.change_product(actor=stranger, product_id=product.id, values=CHIPS)
    with pytest.raises(NotFound):
        services.pause_product(actor=stranger, product_id=product.id)
    with pytest.raises(NotFound):
        services.create_product(actor=stranger, seller_id=product.seller_id, values=CHIPS)
    with pytest.raises(Forbidden):
        services.pause_product(
            actor=make.member(Role.BUYER_OWNER, operator_id=make.operator().id), product_id=product.id
        )


def test_an_officer_keeps_the_products_of_the_office_s_region_only(app, seller):
    product = put_on_sale(create(seller))
    assert services.pause_product(actor=make.officer(), product_id=product.id).is_live is False
    with pytest.raises(NotFound):
        services.resume_product(actor=make.officer(region_code="12.71"), product_id=product.id)


def test_a_change_is_audited_with_what_changed_and_no_change_leaves_no_trace(seller):
    product = create(seller)
    kept = replace(CHIPS, sku=product.sku)
    services.change_product(actor=seller, product_id=product.id, values=replace(kept, price_rupiah=16_000))
    services.change_product(actor=seller, product_id=product.id, values=replace(kept, price_rupiah=16_000))
    events = db.session.query(AuditEvent).filter_by(subject_kind="products").order_by(AuditEvent.id).all()
    assert [event.action for event in events] == ["product.created", "product.changed"]
    assert events[1].changes == {"before": {"price_rupiah": 15_000}, "after": {"price_rupiah": 16_000}}
    assert events[1].office_region == make.LAWEYAN


def test_whoever_listens_is_told_of_each_change_within_the_transaction(seller):
    heard = []

    def hear(session, product_ids):
        assert session.info["in_unit"]
        heard.extend(product_ids)

    with signals.product_changed.connected_to(hear):
        product = put_on_sale(create(seller))
        services.pause_product(actor=seller, product_id=product.id)
        services.pause_product(actor=seller, product_id=product.id)
    assert heard == [product.id, product.id]


def test_the_same_category_is_made_once_whoever_asks(app):
    with unit_of_work() as session:
        first = services.ensure_category(session, " Makanan /Camilan ")
        again = services.ensure_category(session, "Makanan / Camilan")
        assert first.id == again.id
    assert [node.path for node in queries.category_tree()] == []
    assert queries.category_paths() == ["Makanan", "Makanan / Camilan"]


def test_only_live_products_of_open_sellers_are_public(app):
    day = make.date(2026, 11, 22)
    shown = make.product(make.seller(verified_on=None))
    make.product(make.seller(), state="paused")
    make.product(make.seller(closed_on=day))
    make.product(make.seller(merged_into_id=make.seller().id))
    late = make.product(make.seller(closed_on=make.date(2026, 11, 23)))
    found = queries.live_products(queries.Search())
    assert {card.id for card in found.items} == {shown.id, late.id}
    assert found.total == 2
