"""A mail is written in its reader's language, from the subject to the last line, whoever sends it."""

from __future__ import annotations

import itertools
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import LazyString
from jinja2 import meta

from marketplace import mailing, outbox
from marketplace.db import unit_of_work
from marketplace.i18n import N_, speaking

FOLDER = Path(__file__).parents[2] / "marketplace/templates/mail"
TEMPLATES = sorted(path.stem for path in FOLDER.glob("*.txt"))
DAY = "2026-05-17"
NUMBERS = {
    "accepted", "amount_rupiah", "claimed", "count", "cycle_days", "damaged", "granted_units", "late", "left",
    "more", "refused", "rupiah", "shipping_rupiah", "short", "units",
}  # fmt: skip
OTHERS: dict[str, Any] = {
    "pairs": ["«pair»"] * 2,
    "lots": [{"product": "«product»", "lot": "«lot»", "units": 4, "days": 9, "expires_on": DAY}],
    "bills": [{"number": "«number»", "seller": "«seller»", "rupiah": 4321, "due_on": DAY}],
    "searches": [
        {
            "name": "«name»",
            "address": "«address»",
            "more": 3,
            "products": [
                {"name": "«name»", "price": "«price»", "seller": "«seller»", "address": "«address»"}
            ],
        }
    ],
}
TURNS: dict[str, tuple[Any, ...]] = {
    "borne": ([], ["outlet"], ["seller"], ["outlet", "seller"]),
    "damaged": (0, 2),
    "favours": ("seller", "outlet"),
    "is_agreed": (True, False),
    "is_seller": (True, False),
    "kind": ("new", "change"),
    "left": (9, 0, -9),
    "outcome": ("seller_agrees", "store_corrects", "officer_decides"),
    "refused": (0, 2),
    "short": (0, 2),
    "state": ("approved", "declined", "shipped", "received", "cancelled"),
}
"""What a template asks about more than whether it is there: every answer is tried."""
MAY_LOOK_ALIKE = {"Etalase", "- lot"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_line_of_every_mail_is_said_in_english(app: Flask, template: str) -> None:
    for context in contexts(app, template):
        indonesian, english = written(app, template, "id", context), written(app, template, "en", context)
        assert len(indonesian) == len(english) > 2
        alike = {
            line
            for line, said in zip(indonesian, english, strict=True)
            if line == said and re.search(r"[A-Za-z]", re.sub(r"«\w+»", "", line))
        }
        assert alike <= MAY_LOOK_ALIKE


def contexts(app: Flask, template: str) -> list[dict[str, Any]]:
    """What a template may be given: every mixture of answers to what its conditions ask about."""
    source = (FOLDER / f"{template}.txt").read_text()
    names = meta.find_undeclared_variables(app.jinja_env.parse(source))
    names -= set(app.jinja_env.globals)
    plain = {name: value_of(name) for name in names}
    turns = {name: TURNS.get(name, (plain[name], "")) for name in sorted(names & asked(source))}
    return [
        {**plain, **dict(zip(turns, answers, strict=True))} for answers in itertools.product(*turns.values())
    ]


def asked(source: str) -> set[str]:
    """The words of a template's conditions, without those in quotes."""
    conditions = " ".join(re.findall(r"{% (?:el)?if (.*?) %}", source))
    return set(re.findall(r"\w+", re.sub(r"'\w+'", "", conditions)))


def value_of(name: str) -> Any:
    """A value that shows in the text where it stands, of the kind that the template expects."""
    if name in OTHERS:
        return OTHERS[name]
    if name in NUMBERS:
        return 1234
    is_day = name.endswith(("_on", "_by", "_day")) or name in {"day", "since", "valid_from"}
    return DAY if is_day else f"«{name}»"


def written(app: Flask, template: str, locale: str, context: dict[str, Any]) -> list[str]:
    with speaking(locale):
        text = app.jinja_env.get_template(f"mail/{template}.txt").render(context)
    return [line.strip() for line in text.splitlines() if line.strip()]


def delivered(app: Flask, locale: str, template: str, **context: Any) -> EmailMessage:
    with unit_of_work() as session:
        mailing.send(session, to="siti@contoh.example", template=template, locale=locale, **context)
    outbox.drain()
    message: EmailMessage = app.extensions[mailing.EXTENSION].sent[-1]
    return message


PAID = {
    "name": "Siti", "operator": "PT Rukun", "rupiah": 1_250_000, "paid_on": DAY,
    "url": "https://etalase.example/payments/7",
}  # fmt: skip


def test_who_reads_english_gets_subject_and_text_in_english(app: Flask) -> None:
    message = delivered(app, "en", "payment_recorded", **PAID)
    assert message["Subject"] == "PT Rukun recorded a payment of Rp1.250.000"
    assert message.get_content().splitlines() == [
        "Hello Siti,",
        "",
        "PT Rukun recorded that it paid Rp1.250.000 on 17 May 2026.",
        "Check your account or your cash, then say whether the money has come in or not.",
        "",
        "Open this payment: https://etalase.example/payments/7",
        "",
        "Etalase",
    ]


def test_who_reads_indonesian_gets_it_in_indonesian_whoever_sends_it(app: Flask) -> None:
    with speaking("en"):
        message = delivered(app, "id", "payment_recorded", **PAID)
    assert message["Subject"] == "PT Rukun mencatat pembayaran Rp1.250.000"
    assert "PT Rukun mencatat sudah membayar Rp1.250.000 pada 17 Mei 2026." in message.get_content()


def test_numbers_are_written_the_reader_s_way(app: Flask) -> None:
    received = {"name": "Siti", "outlet": "Toko", "number": "SJ-1", "accepted": 1234, "url": "/"}
    assert "On the shelf: 1,234 units." in delivered(app, "en", "delivery_received", **received).get_content()
    assert "Masuk rak: 1.234 barang." in delivered(app, "id", "delivery_received", **received).get_content()


@pytest.mark.parametrize(("locale", "word"), [("id", "Petugas Dinas"), ("en", "Officer")])
def test_a_word_of_the_product_is_said_in_the_reader_s_language(app: Flask, locale: str, word: str) -> None:
    sender = "en" if locale == "id" else "id"
    said = {"inviter": "Budi", "organization": "Dinas", "url": "/"}
    with speaking(sender):
        for role in (N_("Petugas Dinas"), LazyString(lambda: str(N_("Petugas Dinas")))):
            assert word in delivered(app, locale, "invitation", role=role, **said).get_content()


def test_what_is_neither_text_nor_number_is_refused_when_the_mail_is_promised(app: Flask) -> None:
    with pytest.raises(TypeError, match="set"), unit_of_work() as session:
        mailing.send(session, to="a@contoh.example", template="invitation", locale="id", role={"x"})
