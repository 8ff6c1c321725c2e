"""One tap opens WhatsApp with the right words, to a number the other may see, whatever the names."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from marketplace.orders.models import OrderState
from marketplace.orders.rules.states import OrderSide
from marketplace.orders.rules.whatsapp import MOST_TEXT, Said, draft_url, order_draft

SAID = Said(
    number="PO/2026/0007",
    writer="Dapur Contoh",
    reader="Rukun Mart",
    total_rupiah=1_250_000,
    url="https://etalase.example/orders/7",
    due_on=date(2026, 11, 24),
    deliver_to=date(2026, 11, 27),
    shipping_rupiah=25_000,
    advance_rupiah=600_000,
    due_rupiah=650_000,
    note="SJ/2026/0003",
)


def said(**changes: object) -> Said:
    values = {name: getattr(SAID, name) for name in Said.__slots__}
    return Said(**{**values, **changes})


def text_of(url: str) -> str:
    (text,) = parse_qs(urlsplit(url).query, strict_parsing=True)["text"]
    return text


@pytest.mark.parametrize(
    ("state", "side", "words"),
    [
        (OrderState.PLACED, OrderSide.BUYER, "Mohon dijawab paling lambat 24 November 2026."),
        (OrderState.QUOTED, OrderSide.SELLER, "Ongkos kirim pesanan PO/2026/0007 Rp25.000"),
        (OrderState.AWAITING_PAYMENT, OrderSide.SELLER, "Mohon dibayar Rp600.000"),
        (OrderState.CONFIRMED, OrderSide.SELLER, "kami kirim paling lambat 27 November 2026"),
        (OrderState.SHIPPED, OrderSide.SELLER, "surat jalan SJ/2026/0003"),
        (OrderState.INVOICED, OrderSide.SELLER, "Sisa yang dibayar Rp650.000"),
        (OrderState.SHIPPED, OrderSide.BUYER, "Kapan barangnya sampai?"),
    ],
)
def test_the_words_are_those_of_where_the_order_stands(app, state, side, words):
    draft = order_draft(state, side, SAID)
    assert draft.startswith("Halo Rukun Mart, ini Dapur Contoh. ")
    assert words in draft
    assert draft.endswith("\nhttps://etalase.example/orders/7")


def test_every_state_that_waits_for_the_other_side_has_words_for_both(app):
    for state in OrderState:
        for side in (OrderSide.BUYER, OrderSide.SELLER):
            assert "%(" not in order_draft(state, side, SAID)
    for word in ("placed", "quoted", "awaiting_payment", "confirmed", "paid", "packed", "shipped"):
        assert order_draft(OrderState(word), OrderSide.SELLER, SAID)
        assert order_draft(OrderState(word), OrderSide.BUYER, SAID)
    assert order_draft(OrderState.CLOSED, OrderSide.SELLER, SAID) == ""
    assert order_draft(OrderState.INVOICED, OrderSide.SELLER, said(due_rupiah=0)) == ""


HOSTILE = (
    "Toko & Anak #1 ?text=lain",
    "100% asli + enak",
    'A"><script>alert(1)</script>',
    "Baris\r\nkedua\x00 dan \u202eterbalik",
    "*tebal* _miring_ ~coret~ `kode`",
    "Warung 😀 " + "panjang " * 60,
    "%0A%0Ahttps://jahat.example",
    "%(number)s {0}",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_and_nothing_else(app, name):
    draft = order_draft(OrderState.PLACED, OrderSide.BUYER, said(writer=name, reader=name))
    url = draft_url("+6281234567890", draft)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == (
        "https",
        "wa.me",
        "/6281234567890",
        "",
    )
    assert list(parse_qs(parts.query)) == ["text"]
    assert url.isascii()
    assert not set(url) & set(" \"'<>\r\n")
    text = text_of(url)
    assert text == draft
    assert text.count("\n") == 1, "only the link stands on a line of its own"
    assert not set(text.partition("\n")[0]) & set("*_~`\x00\u202e")
    assert len(text) < MOST_TEXT


@pytest.mark.parametrize("phone", [None, "", "+62271712345", "0812345678", "javascript:alert(1)"])
def test_without_a_mobile_number_the_sender_picks_whom_to_send_it_to(phone):
    assert draft_url(phone, "Halo") == "https://wa.me/?text=Halo"


def test_a_text_of_any_length_is_cut():
    assert len(text_of(draft_url(None, "x" * 5_000))) == MOST_TEXT
