"""Five places for each role, the rest under "more", and one place for each thing."""

from __future__ import annotations

import re

import pytest

from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in

FIRST_FIVE = {
    Role.SELLER_OWNER: ["Beranda", "Produk", "Kiriman", "Pesanan", "Uang"],
    Role.SELLER_STAFF: ["Beranda", "Produk", "Kiriman", "Pesanan", "Perjanjian"],
    Role.BUYER_MANAGER: ["Toko kami", "Cari UMKM", "Kiriman", "Pesanan", "Laporan"],
    Role.BUYER_STAFF: ["Toko kami", "Cari UMKM", "Kiriman", "Pesanan", "Laporan"],
}


def person(role: Role):
    if role.value.startswith("seller"):
        return make.member(role, seller_id=make.seller().id)
    if role.value.startswith("buyer"):
        return make.member(role, operator_id=make.operator().id)
    return make.officer(role)


def bar_of(client) -> str:
    """The navigation on a page that everybody has."""
    page: str = client.get("/account").get_data(as_text=True)
    return page.split('class="rolenav"')[1].split("</nav>", maxsplit=1)[0]


def addresses_in(bar: str) -> list[str]:
    """Every address that the whole navigation leads to."""
    return re.findall(r'<a class="[^"]*" href="([^"]*)"', bar)


@pytest.mark.parametrize("role", FIRST_FIVE)
def test_the_five_places_of_a_role_are_its_daily_work(app, role):
    bar = bar_of(sign_in(app.test_client(), person(role)))
    assert re.findall(r'<a class="rolenav__link" [^>]*>([^<]*)</a>', bar) == FIRST_FIVE[role]


@pytest.mark.parametrize("role", [*FIRST_FIVE, Role.OFFICER, Role.COACH])
def test_each_thing_has_one_place_and_every_place_opens(app, role):
    client = sign_in(app.test_client(), person(role))
    addresses = addresses_in(bar_of(client))
    assert len(addresses) == len(set(addresses))
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_the_office_finds_who_is_silent_what_to_decide_and_who_pays_late(app):
    officer, coach = (
        set(addresses_in(bar_of(sign_in(app.test_client(), person(role)))))
        for role in (Role.OFFICER, Role.COACH)
    )
    assert {"/sales/silent", "/differences", "/office/replacements", "/office/payers"} <= officer
    assert "/office/payers" not in coach
