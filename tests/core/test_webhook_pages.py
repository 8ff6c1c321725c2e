"""The pages and the API of webhooks: one's own alone, secrets once, refusals that give nothing away."""

from __future__ import annotations

import re

import pytest

from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.webhooks import sending, services
from marketplace.webhooks.delivering import deliver_due
from tests import factories as make
from tests.support.hooking import deliveries, happen, subscribe, the_delivery, the_endpoint
from tests.support.receiving import OK, receiver
from tests.support.signing import bearer, sign_in


@pytest.fixture
def app(app):
    """The app of an Etalase on a developer's machine."""
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = True
    return app


@pytest.fixture
def shop():
    with receiver() as made:
        yield made


@pytest.fixture
def owner(app):
    """Somebody who manages a seller."""
    return make.member(Role.SELLER_OWNER, seller_id=make.seller().id)


def test_only_who_manages_an_organization_subscribes_and_only_to_what_there_is(app, owner, shop):
    for actor in (make.member(Role.SELLER_STAFF, seller_id=owner.seller_id), make.officer()):
        with pytest.raises(Forbidden):
            subscribe(actor, shop)
    for wanted in ((), ("nothing",), ("test",)):
        with pytest.raises(InvalidInput):
            subscribe(owner, shop, wanted)
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = False
    with pytest.raises(InvalidInput):
        subscribe(owner, shop)


def test_a_name_that_is_not_public_is_refused_when_it_is_subscribed(app, owner, monkeypatch):
    app.config["WEBHOOK_PRIVATE_ALLOWED"] = False
    said = []
    for found in ([], ["10.0.0.7"], ["93.184.215.14", "10.0.0.7"]):
        places = [(None, None, 6, "", (one, 443)) for one in found]
        monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, found=places, **_k: found)
        with pytest.raises(InvalidInput) as refusal:
            subscribe(owner, "https://gudang.contoh.id/")
        said.append(refusal.value.message)
    assert len(set(said)) == 1, "nobody learns from the sentence what stands inside"


def test_an_organization_has_a_limited_number_of_addresses(owner, shop):
    for number in range(services.MAX_ENDPOINTS):
        subscribe(owner, f"{shop.url}/{number}")
    with pytest.raises(RuleBroken):
        subscribe(owner, shop)


def test_a_stranger_s_address_is_not_there(client, owner, shop):
    row, _secret = subscribe(owner, shop)
    happen(owner)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    sign_in(client, stranger)
    for path in ("", "/edit", "/rotate", "/remove", f"/deliveries/{the_delivery().id}"):
        assert client.get(f"/account/webhooks/{row.id}{path}").status_code == 404, path
    for path in ("/edit", "/rotate", "/remove", "/switch-off", "/switch-on", "/test",
                 f"/deliveries/{the_delivery().id}/again"):  # fmt: skip
        sent = {"url": shop.url, "topics": "order.moved", "when": "now"}
        assert client.post(f"/account/webhooks/{row.id}{path}", data=sent).status_code == 404, path
    assert client.get(f"/api/v1/webhooks/{row.id}/deliveries", headers=bearer(stranger)).status_code == 404
    assert client.get("/api/v1/webhooks", headers=bearer(stranger)).get_json() == {"items": []}
    with pytest.raises(NotFound):
        services.send_again(actor=stranger, endpoint_id=row.id, delivery_id=the_delivery().id)


def test_a_delivery_is_found_under_its_own_address_alone(client, owner, shop):
    subscribe(owner, shop)
    happen(owner)
    other, _secret = subscribe(owner, shop)
    sign_in(client, owner)
    assert client.get(f"/account/webhooks/{other.id}/deliveries/{the_delivery().id}").status_code == 404
    with pytest.raises(NotFound):
        services.send_again(actor=owner, endpoint_id=other.id, delivery_id=the_delivery().id)


def test_a_manager_subscribes_tests_looks_and_stops_on_the_pages(client, owner, shop):
    sign_in(client, owner)
    assert "Belum ada alamat" in client.get("/account/webhooks").get_data(as_text=True)
    assert "/account/webhooks" in client.get("/account").get_data(as_text=True)
    refused = client.post("/account/webhooks/new", data={"url": "ftp://<x>", "topics": ["order.moved"]})
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'value="ftp://&lt;x&gt;"' in html
    assert re.search(r'value="order.moved"[^>]*checked|checked[^>]*value="order.moved"', html)
    made = client.post("/account/webhooks/new", data={"url": shop.url, "topics": ["order.moved", "claim.*"]})
    [secret] = re.findall(r"whk_[\w-]{43}", made.get_data(as_text=True))
    row = the_endpoint()
    assert row.secret == secret
    page = f"/account/webhooks/{row.id}"
    assert secret not in client.get(page).get_data(as_text=True)
    tested = client.post(f"{page}/test")
    assert "Belum dicoba" in client.get(tested.location).get_data(as_text=True)
    shop.answers = [b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\n<b>!", OK]
    deliver_due()
    html = client.get(tested.location).get_data(as_text=True)
    assert "Ditolak program (500)" in html
    assert "&lt;b&gt;!" in html
    client.post(f"{tested.location}/again")
    deliver_due()
    assert "Sampai" in client.get(f"{page}?state=delivered").get_data(as_text=True)
    assert "Tidak ada yang cocok" in client.get(f"{page}?state=failed").get_data(as_text=True)
    assert b"test,delivered,2,delivered,200" in client.get(f"{page}?format=csv").data
    assert client.get(f"{page}?format=xlsx").status_code == 200
    assert (
        client.post(f"{page}/edit", data={"url": shop.url + "/2", "topics": "order.placed"}).status_code
        == 302
    )
    assert (the_endpoint().topics, the_endpoint().url) == (["order.placed"], shop.url + "/2")
    assert re.search(
        r"whk_[\w-]{43}", client.post(f"{page}/rotate", data={"when": "later"}).get_data(as_text=True)
    )
    client.post(f"{page}/switch-off")
    assert "Dimatikan dengan tangan" in client.get(page).get_data(as_text=True)
    client.post(f"{page}/switch-on")
    assert the_endpoint().is_on
    assert "Hapus alamat ini?" in client.get(f"{page}/remove").get_data(as_text=True)
    client.post(f"{page}/remove")
    assert client.get(page).status_code == 404


def test_programs_read_what_was_sent_page_by_page(client, owner, shop):
    row, _secret = subscribe(owner, shop)
    for number in range(5):
        happen(owner, number=number)
    deliver_due(limit=3)
    headers = bearer(owner)
    [item] = client.get("/api/v1/webhooks", headers=headers).get_json()["items"]
    assert (item["id"], item["url"], item["is_on"]) == (row.id, shop.url, True)
    assert "secret" not in item
    path, seen, cursor = f"/api/v1/webhooks/{row.id}/deliveries?limit=2", [], ""
    while True:
        answer = client.get(path + cursor, headers=headers).get_json()
        seen += answer["items"]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert [one["id"] for one in seen] == sorted((one.id for one in deliveries()), reverse=True)
    assert [one["state"] for one in seen] == ["waiting"] * 2 + ["delivered"] * 3
    waiting = client.get(f"/api/v1/webhooks/{row.id}/deliveries?state=waiting", headers=headers).get_json()
    assert len(waiting["items"]) == 2
