"""Shelf labels on A4 sheets of self-adhesive paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import render_template

from ... import documents
from ...i18n import N_
from .barcodes import Bars

A4_WIDTH_MM, A4_HEIGHT_MM = 210.0, 297.0
MAX_LABELS = 480
EDGE_MM = 3.0
WIDEST_BARS_MM = 60.0


@dataclass(frozen=True)
class Layout:
    """A sheet as it is sold: how many labels across and down, and how large each is."""

    code: str
    name: object
    columns: int
    rows: int
    width_mm: float
    height_mm: float

    @property
    def count(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows

    @property
    def bars_mm(self) -> float:
        """How wide a bar code is printed: as wide as the label lets it, and no wider than scanners like."""
        return min(self.width_mm - 2 * EDGE_MM, WIDEST_BARS_MM)

    def place(self, number: int) -> tuple[float, float]:
        """Where a label stands on its sheet, from the left and from the top, counted from 0."""
        row, column = divmod(number, self.columns)
        left = (A4_WIDTH_MM - self.columns * self.width_mm) / 2
        top = (A4_HEIGHT_MM - self.rows * self.height_mm) / 2
        return round(left + column * self.width_mm, 2), round(top + row * self.height_mm, 2)


LAYOUTS = {
    layout.code: layout
    for layout in (
        Layout("3x8", N_("3 × 8, label 70 × 37 mm"), 3, 8, 70, 37),
        Layout("3x7", N_("3 × 7, label 70 × 42 mm"), 3, 7, 70, 42.3),
        Layout("2x7", N_("2 × 7, label 99 × 38 mm"), 2, 7, 99.1, 38.1),
        Layout("4x10", N_("4 × 10, label 52 × 30 mm"), 4, 10, 52.5, 29.7),
    )
}


@dataclass(frozen=True)
class Label:
    """What one label says."""

    name: str
    maker: str
    unit: str
    price: str
    bars: Bars


@dataclass(frozen=True)
class Placed:
    """A label on its sheet."""

    label: Label
    place: int


def sheets_of(layout: Layout, labels: Iterable[Label], *, skip: int = 0) -> Iterator[list[Placed]]:
    """The labels on as many sheets as they need; the first `skip` places of the first are used already."""
    sheet: list[Placed] = []
    for number, label in enumerate(labels, start=skip):
        if number > skip and number % layout.count == 0:
            yield sheet
            sheet = []
        sheet.append(Placed(label, number % layout.count))
    if sheet:
        yield sheet


def labels_pdf(layout: Layout, labels: Iterable[Label], *, skip: int = 0) -> bytes:
    """The sheets as a PDF, to be printed at 100 percent."""
    sheets = list(sheets_of(layout, labels, skip=skip))
    return documents.pdf(render_template("catalog/labels_pdf.html", layout=layout, sheets=sheets))
