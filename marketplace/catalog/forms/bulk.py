"""What may come in when a seller works on many products at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from ...i18n import N_, _, format_number
from ...money import format_whole, parse_whole
from ...texts import one_line
from .. import rules
from ..models import Product


class FileForm(FlaskForm):
    """A table of products, and photos named after their codes."""

    file = FileField(N_("Berkas XLSX atau CSV"), validators=[FileRequired(N_("Pilih berkasnya."))])
    photos = FileField(N_("Foto dalam ZIP"))


@dataclass(frozen=True)
class GridColumn:
    """One column of the table: which numbers it takes; an empty cell is `blank`."""

    name: str
    label: Any
    least: int
    most: int
    blank: int | None = None
    is_money: bool = False


GRID = (
    GridColumn("price_rupiah", N_("Harga ke toko"), 1, rules.MAX_PRICE_RUPIAH, is_money=True),
    GridColumn("retail_price_rupiah", N_("Harga eceran"), 1, rules.MAX_PRICE_RUPIAH, is_money=True),
    GridColumn("min_order", N_("Pesanan terkecil"), 1, 1_000_000, 1),
    GridColumn("order_multiple", N_("Kelipatan"), 1, 1_000_000, 1),
    GridColumn("capacity_per_week", N_("Sanggup seminggu"), 1, 1_000_000),
    GridColumn("lead_time_days", N_("Siap dalam (hari)"), 0, 365),
    GridColumn("shelf_life_days", N_("Tahan (hari)"), 1, 36_500),
)
OF_VARIANT = {"price_rupiah"}


@dataclass
class GridCell:
    """One number in the table as it is shown: what was typed, and what is wrong with it."""

    column: GridColumn
    text: str
    problem: str = ""


@dataclass
class GridRow:
    """One product in the table."""

    product: Product
    cells: list[GridCell]
    stamp: str
    problem: str = ""
    changes: dict[str, int | None] = field(default_factory=dict)

    @property
    def is_wrong(self) -> bool:
        """Whether something is to be mended."""
        return bool(self.problem) or any(cell.problem for cell in self.cells)


def stamp_of(product: Product) -> str:
    """When the product was last changed, so that nobody's change is overwritten unseen."""
    return product.updated_at.isoformat()


def grid_row(product: Product, waiting: Mapping[str, Any]) -> GridRow:
    """A product as it stands, what waits for the office laid over it."""
    columns = [column for column in GRID if product.main_id is None or column.name in OF_VARIANT]
    values = {column.name: waiting.get(column.name, getattr(product, column.name)) for column in columns}
    cells = [
        GridCell(column, "" if values[column.name] is None else format_whole(values[column.name]))
        for column in columns
    ]
    return GridRow(product, cells, stamp_of(product))


def read_row(shown: GridRow, sent: Mapping[str, str]) -> None:
    """Take over what was typed in a row: its changes, and a sentence where a number cannot be read."""
    prefix = f"p{shown.product.id}-"
    if prefix + "stamp" not in sent:
        return
    for cell in shown.cells:
        typed = one_line(sent.get(prefix + cell.column.name, cell.text))[:40]
        if typed == cell.text:
            continue
        cell.text = typed
        try:
            shown.changes[cell.column.name] = _number(cell.column, typed)
        except ValueError:
            cell.problem = _(
                "Tulis angka dari %(least)s sampai %(most)s.",
                least=format_number(cell.column.least),
                most=format_number(cell.column.most),
            )
    if shown.changes and sent[prefix + "stamp"] != shown.stamp:
        shown.problem = _("Produk ini baru saja diubah di tempat lain. Periksa angkanya, lalu simpan lagi.")


def _number(column: GridColumn, text: str) -> int | None:
    if not text:
        if column.name == "price_rupiah":
            raise ValueError(text)
        return column.blank
    if not text.isascii():
        raise ValueError(text)
    number = parse_whole(text)
    if not column.least <= number <= column.most:
        raise ValueError(text)
    return number


def take_refusals(shown: GridRow, refused: Mapping[str, str], message: str) -> None:
    """Show the services' sentences at their cells, else at the row."""
    cells = {cell.column.name: cell for cell in shown.cells}
    for name, sentence in refused.items():
        if name in cells:
            cells[name].problem = sentence
        else:
            shown.problem = sentence
    if not refused:
        shown.problem = message


def wrong_rows(rows: Sequence[GridRow]) -> list[GridRow]:
    """The rows that are to be mended."""
    return [row for row in rows if row.is_wrong]
