"""A person who can sign in, and their letter box."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from flask import Flask

from marketplace import mailing, outbox
from marketplace.accounts import services
from marketplace.accounts.models import User

PASSWORD = "tiga kata lewat"


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def person(app: Flask) -> User:
    return services.create_user(
        name="Siti Contoh", email="Siti@Contoh.example", phone="0812-3456-7890", password=PASSWORD
    )


class LetterBox:
    """What was sent so far; opening it first lets the worker do its work."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def open(self) -> list[EmailMessage]:
        outbox.drain()
        letters: list[EmailMessage] = self.app.extensions[mailing.EXTENSION].sent
        return letters

    def last(self) -> EmailMessage:
        return self.open()[-1]

    def link(self) -> str:
        """The path of the link in the last letter."""
        words = self.last().get_content().split()
        return next(word for word in words if word.startswith("http")).removeprefix("http://localhost")


@pytest.fixture
def letters(app: Flask) -> LetterBox:
    return LetterBox(app)
