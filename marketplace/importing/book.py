"""Deciding between created, updated and unchanged: what is stored, overlaid by what the file said so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from .kinds import Batch, Outcome


def plain(value: Any) -> Any:
    """A value for comparing and remembering: days and decimals as text, nothing as None."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


class Book:
    """The state of things by key while a batch is judged row by row.

    `stored` is what the database says; a dry run adds what earlier batches would have written. The same
    decisions come out, whether the run is real or dry and wherever one batch ends and the next begins.
    """

    def __init__(self, batch: Batch, stored: Mapping[str, Mapping[str, Any]], space: str) -> None:
        self._batch, self._space = batch, space
        self._states = {key: {name: plain(v) for name, v in state.items()} for key, state in stored.items()}
        self._touched: set[str] = set()

    def recall(self, keys: set[str]) -> None:
        """Overlay what a dry run remembers of these keys."""
        if self._batch.dry:
            found = self._batch.memory.get_many(f"{self._space}|{key}" for key in sorted(keys))
            for name, state in found.items():
                self._states[name.split("|", 1)[1]] = state

    def state(self, key: str) -> dict[str, Any] | None:
        """What is known of a key now, None when it does not exist."""
        return self._states.get(key)

    def differs(self, key: str, news: Mapping[str, Any]) -> bool:
        """Whether a row says something else than is known."""
        state = self._states.get(key)
        return state is None or any(state.get(name) != plain(value) for name, value in news.items())

    def put(self, key: str, news: Mapping[str, Any]) -> Outcome:
        """Take over what a row says; answers what that made of the key."""
        state = self._states.get(key)
        if state is None:
            self._states[key] = {name: plain(value) for name, value in news.items()}
            outcome = Outcome.CREATED
        elif self.differs(key, news):
            state.update({name: plain(value) for name, value in news.items()})
            outcome = Outcome.UPDATED
        else:
            return Outcome.UNCHANGED
        self._touched.add(key)
        return outcome

    def save(self) -> None:
        """Have a dry run remember what changed."""
        if self._batch.dry and self._touched:
            self._batch.memory.put_many({f"{self._space}|{key}": self._states[key] for key in self._touched})
