"""A form of rows: what is to be mended in it, and the services' sentences at their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class FormRow(Protocol):
    """One row of a form."""

    error: str


class RowForm:
    """What forms of rows share; the fields of a row are named quantity-0, quantity-1 and so on."""

    rows: Sequence[FormRow]
    errors: dict[str, str]

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        found = list(self.errors.items())
        found += [(f"quantity-{place}", row.error) for place, row in enumerate(self.rows) if row.error]
        return found

    def take(self, fields: Mapping[str, str]) -> None:
        """Show the services' sentences at their places."""
        for name, sentence in fields.items():
            place = name.removeprefix("row-")
            if place.isdecimal() and int(place) < len(self.rows):
                self.rows[int(place)].error = sentence
            else:
                self.errors[name] = sentence
