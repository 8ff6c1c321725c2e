"""What can be told: each area registers its own events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from ..i18n import _

EXTENSION = "etalase_webhook_topics"
TEST = "test"
"""The event of "send a test": it goes to every address, whatever that subscribes to."""


@dataclass(frozen=True)
class Topic:
    """What an organization may subscribe to: one event, or with `.*` all that begin so."""

    name: str
    label: Any
    hint: Any = ""
    order: int = 50


def register(app: Flask, *topics: Topic) -> None:
    """Offer topics (an area does, when it is registered)."""
    known = app.extensions.setdefault(EXTENSION, {})
    together = sorted([*known.values(), *topics], key=lambda topic: topic.order)
    app.extensions[EXTENSION] = {topic.name: topic for topic in together}


def topics() -> dict[str, Topic]:
    """Every topic by its name, in the order in which people read them."""
    found: dict[str, Topic] = current_app.extensions.get(EXTENSION, {})
    return found


def covers(topic: str, event: str) -> bool:
    """Whether a subscription to a topic brings an event."""
    return event == topic or (topic.endswith(".*") and event.startswith(topic[:-1]))


def label_of(event: str) -> str:
    """An event in words: those of its topic."""
    found = [topic.label for topic in topics().values() if covers(topic.name, event)]
    return str(found[0]) if found else _("Kabar uji")
