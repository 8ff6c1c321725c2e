"""Parcels as they are ordered, sent, shown and answered for: pages and papers of both makers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import clock
from marketplace.catalog.rules import product_path
from marketplace.db import db
from marketplace.errors import InvalidInput, RuleBroken
from marketplace.orders.models import ClaimKind, OrderLineParcel, ParcelState, ParcelVersion
from marketplace.orders.queries.books import books_of
from marketplace.orders.rules.drafts import CartChanged
from marketplace.orders.rules.reserving import NotEnough
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.claims import ClaimDraft, accept_claim, make_claim
from marketplace.orders.services.parcels import ComponentDraft, ParcelDraft, propose_parcel
from marketplace.orders.services.reservations import count_ready
from marketplace.orders.services.shipping import ship
from marketplace.payments.queries.dues import due_ages
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.made import note_of, received
from tests.orders.parcel_support import hamper_of
from tests.orders.support import lines_of, reservations_of, shares_of, stock_of
from tests.support.signing import sign_in


@pytest.fixture
def hamper(app):
    return hamper_of()


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_each_component_is_promised_and_each_maker_gets_its_part(hamper):
    count_ready(actor=hamper.other, product_id=hamper.cake.id, on_hand=300)
    order = hamper.trade.order(100)
    wanted = {row.product_id: row.quantity for row in reservations_of(order)}
    assert wanted == {hamper.tea.id: 100, hamper.cake.id: 200}
    assert stock_of(hamper.cake) == (300, 200)
    assert [share.amount_rupiah for share in shares_of(order)] == [6_000_000, 9_000_000]
    bought = db.session.scalars(select(OrderLineParcel.version_id)).one()
    assert bought == hamper.version.id
    with pytest.raises(CartChanged):
        hamper.trade.order(51)  # 102 cakes of 100 that are left


def test_its_assembler_puts_only_so_many_together_in_a_week(app):
    hamper = hamper_of(capacity_per_week=50)
    order = hamper.trade.order(40)
    wanted = {row.product_id: row.quantity for row in reservations_of(order)}
    assert wanted == {hamper.tea.id: 40, hamper.cake.id: 80, hamper.trade.product.id: 40}
    with pytest.raises(NotEnough, match="hanya sanggup 10 lagi"):
        hamper.trade.order(11)


def test_a_parcel_has_no_stock_of_its_own(hamper):
    with pytest.raises(RuleBroken, match="dihitung dari isinya"):
        count_ready(actor=hamper.trade.maker, product_id=hamper.trade.product.id, on_hand=5)
    counted = make.product(hamper.trade.seller, price_rupiah=90_000)
    count_ready(actor=hamper.trade.maker, product_id=counted.id, on_hand=5)
    draft = ParcelDraft(counted.id, [ComponentDraft(hamper.tea.id, 1, 20_000)])
    with pytest.raises(InvalidInput) as caught:
        propose_parcel(actor=hamper.trade.maker, draft=draft)
    assert "Kosongkan dulu" in caught.value.fields["component-0"]


def test_a_parcel_does_not_outlast_what_keeps_least_in_it(hamper):
    trade = hamper.trade
    order = trade.order(2)
    confirm(actor=trade.maker, order_id=order.id)
    last = clock.today() + timedelta(days=365)
    for day in (last + timedelta(days=1), None):
        with pytest.raises(InvalidInput, match="isi parsel"):
            ship(actor=trade.maker, order_id=order.id, draft=note_of(order, lots=[("L1", day)]))
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, lots=[("L1", last)]))


def test_the_product_page_says_what_is_in_it_and_who_makes_it(app, hamper):
    client = sign_in(app.test_client(), hamper.trade.buyer)
    path = product_path(hamper.trade.product.id, hamper.trade.product.name)
    text = " ".join(re.sub(r"<[^>]+>", " ", page_of(client, path)).split())
    assert "Isi parsel Dapur Contoh 1 kotak Teh melati Roti Mekar 2 toples Kue kering nastar" in text
    assert "Isi parsel" not in page_of(client, product_path(hamper.cake.id, hamper.cake.name))


def test_the_assembler_finds_adds_and_proposes_without_a_script(app, hamper):
    client = sign_in(app.test_client(), hamper.trade.maker)
    path = f"/parcels/{hamper.trade.product.id}/content"
    assert 'value="90.000"' in page_of(client, path)
    assert (
        f"/parcels/{hamper.trade.product.id}/content"
        in client.get(f"/parcels/new?product_id={hamper.trade.product.id}").headers["Location"]
    )
    assert "Parsel Lebaran" in page_of(client, "/parcels/new")
    jam = make.product(hamper.baker, name="Selai nanas", price_rupiah=25_000)
    typed = {"product-0": hamper.tea.id, "quantity-0": "2", "share-0": "40.000", "takes_card": "1"}
    found = client.post(path, data={**typed, "q": "selai", "act": "find"}).get_data(as_text=True)
    assert f'name="add" value="{jam.id}"' in found
    assert 'name="quantity-0" value="2"' in found
    assert "Tidak ada produk" in client.post(path, data={**typed, "q": "zzz", "act": "find"}).text
    added = client.post(path, data={**typed, "add": str(jam.id)}).text
    assert 'name="share-1" value="25.000"' in added
    assert 'name="product-0"' not in client.post(path, data={**typed, "remove": "0"}).text
    both = {**typed, "product-1": jam.id, "quantity-1": "1", "share-1": "25.000", "act": "propose"}
    wrong = client.post(path, data={**both, "share-1": "banyak", "order_until": "besok"})
    assert wrong.status_code == 422
    assert "Tulis bagian pembuatnya" in wrong.text
    assert "Tulis tanggal" in wrong.text
    assert client.post(path, data={**both, "share-1": "140.000"}).status_code == 422
    answer = client.post(path, data={**both, "note": "Untuk Lebaran", "order_until": "2027-02-20"})
    assert answer.status_code == 302
    page = page_of(client, answer.headers["Location"])
    for words in ("Menunggu", "Selai nanas", "Untuk Lebaran", "20 Februari 2027"):
        assert words in page, words


def test_the_other_maker_answers_on_its_page(app, hamper):
    proposed = hamper_of(agreed=False)
    client = sign_in(app.test_client(), proposed.other)
    assert "1 parsel menunggu persetujuan Anda" in page_of(client, "/parcels")
    assert "Jawab usulan Parsel Lebaran dari Dapur Contoh" in page_of(client, "/seller")
    path = f"/parcels/versions/{proposed.version.id}"
    assert "Bagian Anda Rp90.000" in page_of(client, path)
    refused = client.post(f"{path}/answer", data={"answer": "refuse"})
    assert refused.status_code == 422
    assert "Tulis alasan" in refused.text
    for _click in range(2):
        assert client.post(f"{path}/answer", data={"answer": "agree"}).status_code == 302
    assert "sudah selesai" in page_of(client, path)
    assert "Tarik persetujuan" in page_of(client, path)
    assert "Jawab usulan" not in page_of(client, "/seller")
    owner = sign_in(app.test_client(), proposed.trade.maker)
    assert "Setuju" in page_of(owner, path)
    for query in ("state=accepted", "state=waiting", "state=nonsense", "format=csv", "format=xlsx", "page=9"):
        assert owner.get(f"/parcels?{query}").status_code == 200
    for _click in range(2):
        assert owner.post(f"{path}/withdraw").status_code == 302
    db.session.rollback()
    assert db.session.get_one(ParcelVersion, proposed.version.id).state == ParcelState.WITHDRAWN


def test_strangers_see_no_parcel_and_buyers_have_none(app, hamper):
    stranger = sign_in(app.test_client(), make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    path = f"/parcels/versions/{hamper.version.id}"
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/answer", data={"answer": "agree"}).status_code == 404
    assert stranger.post(f"{path}/withdraw").status_code == 404
    assert stranger.get(f"/parcels/{hamper.trade.product.id}/content").status_code == 404
    buyer = sign_in(app.test_client(), hamper.trade.buyer)
    assert buyer.get("/parcels").status_code == 404
    assert buyer.get(f"/parcels/{hamper.trade.product.id}/content").status_code == 404


def test_an_orders_page_leads_to_its_papers(app, hamper):
    order = received(hamper.trade, 3)
    page = page_of(sign_in(app.test_client(), hamper.trade.buyer), f"/orders/{order.id}")
    for kind in ("order", "delivery", "invoice"):
        assert f"/orders/{order.order_ref}/papers/{kind}.pdf" in page
    assert "papers/credit.pdf" not in page


def test_each_makers_books_hold_its_own_share_of_a_parcels_order_bill_and_credit_note(hamper):
    """Rp60.000 and Rp90.000 of each parcel; of two sold and one granted back, whole for the buyer."""
    trade, day = hamper.trade, clock.today()
    order = received(trade, 2)
    (line,) = lines_of(order)
    claim = make_claim(
        actor=trade.buyer, order_id=order.id, draft=ClaimDraft(line.id, ClaimKind.SHORT, 1, "Kurang.", "k")
    )
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=1)
    for actor, own in ((trade.maker, 60_000), (hamper.other, 90_000), (trade.buyer, 150_000)):
        found = books_of(actor, day, day)
        assert (found.ordered_rupiah, found.billed_rupiah, found.credited_rupiah) == (2 * own, 2 * own, own)
        assert found.billed_rupiah - found.credited_rupiah == due_ages(actor).total
    (bill,) = books_of(trade.maker, day, day).invoices
    assert (bill[11], bill[-2:]) == (300_000, (120_000, 120_000))
    (part,) = books_of(hamper.other, day, day).invoices
    assert part[6:14] == (None,) * 8, "who bakes for a parcel is not told what all of it costs"
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    assert not books_of(stranger, day, day).invoices
