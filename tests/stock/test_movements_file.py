"""The kind `movements`: a file goes in whole, in its own order, and comes out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask

from marketplace import audits
from marketplace.db import db
from marketplace.importing import kind_named
from marketplace.importing.direct import FileImport, staged_file
from marketplace.importing.engine import Counts
from marketplace.importing.layout import Choices
from marketplace.permissions import SYSTEM, Actor
from marketplace.stock.models import StockMovement
from tests import factories
from tests.stock.conftest import Shop

HEADER = (
    "movement_ref,occurred_on,kind,outlet_ref,seller_ref,sku,quantity,"
    "unit_price_rupiah,lot,expires_on,note,reverses"
)


class Files:
    """Writes files about one shop and puts them in."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.folder = shop, folder
        self.ids = f"{shop.outlet.outlet_ref},{shop.seller.seller_ref},{shop.product.sku}"

    def row(self, ref: str, day: int, kind: str, quantity: int, rest: str = ",,,,") -> str:
        """One line; `rest` holds price, lot, expiry, note and reverses."""
        return f"{ref},2026-11-{day:02d},{kind},{self.ids},{quantity},{rest}"

    def put_in(
        self, rows: Sequence[str], *, dry: bool = False, actor: Actor = SYSTEM
    ) -> tuple[Counts, list[str]]:
        """Import the rows; answers the counts and the sentences of refused lines."""
        path = self.folder / "movements.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        kind = kind_named("movements")
        assert kind is not None
        with staged_file(kind=kind, path=path, choices=Choices(), actor=actor) as file:
            for _counts in file.check() if dry else file.put_in():
                pass
            return file.counts, _refused(file)

    def exported(self) -> list[dict[str, str]]:
        """What the export says."""
        kind = kind_named("movements")
        assert kind is not None
        assert kind.export is not None
        rows = [
            dict(zip(kind.column_names, ("" if value is None else str(value) for value in row), strict=True))
            for row in kind.export(db.session(), region="")
        ]
        db.session.rollback()
        return rows

    def written(self, rows: Sequence[dict[str, str]]) -> list[str]:
        """Exported rows as lines of a file."""
        out = io.StringIO()
        csv.DictWriter(out, HEADER.split(","), lineterminator="\n").writerows(rows)
        return out.getvalue().splitlines()


def _refused(file: FileImport) -> list[str]:
    return [f"{row.line}: {row.sentence}" for row in file.stage.refused()]


@pytest.fixture
def files(shop: Shop, tmp_path: Path) -> Files:
    return Files(shop, tmp_path)


def figures(counts: Counts) -> tuple[int, int, int]:
    """created, unchanged, refused."""
    assert counts.updated == 0
    return counts.created, counts.unchanged, counts.refused


def test_rows_are_applied_in_order_of_day_whatever_their_order_in_the_file(files: Files) -> None:
    rows = [files.row("c", 3, "sale", 10), files.row("b", 2, "sale", 2), files.row("a", 1, "delivery", 10)]
    counts, refused = files.put_in(rows)
    assert figures(counts) == (2, 0, 1)
    assert refused[0].startswith("2: quantity: Rak hanya punya 8")
    assert files.shop.on_hand() == 8


def test_on_one_day_what_comes_in_is_counted_before_what_goes_out(files: Files) -> None:
    counts, _refused = files.put_in([files.row("a", 1, "sale", 4), files.row("z", 1, "delivery", 4)])
    assert figures(counts) == (2, 0, 0)


def test_the_same_file_again_changes_nothing_and_other_content_is_refused(files: Files) -> None:
    rows = [
        files.row("d", 1, "delivery", 10, "15000,L1,2027-01-01,pagi,"),
        files.row("s", 2, "sale", 4),
        files.row("n", 2, "sale", 1, ",L1,,,"),
        files.row("r", 3, "sale", 4, ",,,,s"),
    ]
    assert figures(files.put_in(rows)[0]) == (4, 0, 0)
    assert figures(files.put_in(rows)[0]) == (0, 4, 0)
    counts, refused = files.put_in([*rows[:1], files.row("s", 2, "sale", 5)])
    assert figures(counts) == (0, 1, 1)
    assert "sudah dipakai" in refused[0]
    assert files.shop.on_hand() == 9


def test_a_preview_says_what_the_import_will_say_over_several_batches(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put_in([files.row("old", 1, "delivery", 3, ",L0,2026-12-01,,"), files.row("out", 9, "sale", 2)])
    rows = [
        files.row("d", 2, "delivery", 10, ",L1,2027-01-01,,"),
        files.row("e", 2, "delivery", 5, ",L2,,,"),
        files.row("s", 3, "sale", 4),
        files.row("s", 3, "sale", 4),
        files.row("s", 3, "sale", 5),
        files.row("t", 4, "sale", 12),
        files.row("u", 4, "sale", 30),
        files.row("v", 5, "sale", 2, ",L1,,,"),
        files.row("r", 6, "sale", 4, ",,,,s"),
        files.row("r2", 6, "sale", 4, ",,,,s"),
        files.row("w", 7, "return", 9, ",L1,,,"),
        files.row("x", 7, "return", 3, ",L2,,,"),
        files.row("y", 25, "sale", 1),
        files.row("old", 1, "delivery", 3, ",L0,2026-12-01,,"),
    ]
    kind = kind_named("movements")
    previews = []
    for size in (2, 3, 100):
        monkeypatch.setattr("marketplace.importing.engine.START_SIZE", size)
        object.__setattr__(kind, "batch_size", size)
        counts, refused = files.put_in(rows, dry=True)
        previews.append((figures(counts), refused))
        assert db.session.query(StockMovement).count() == 2
    counts, refused = files.put_in(rows)
    assert previews == [(figures(counts), refused)] * 3
    object.__setattr__(kind, "batch_size", 4000)


def test_what_is_exported_can_be_imported_and_is_unchanged(app: Flask, files: Files) -> None:
    rows = [
        files.row("d", 1, "delivery", 10, "15000,L1,2027-01-01,=pagi,"),
        files.row("e", 1, "delivery", 10, ",L1,2027-03-01,,"),
        files.row("f", 1, "found", 2, ",,2027-03-01,,"),
        files.row("s", 2, "sale", 14),
        files.row("n", 2, "loss", 3, ",L1,,,"),
        files.row("r", 3, "sale", 14, ",,,,s"),
    ]
    files.put_in(rows)
    out = files.exported()
    assert [row["movement_ref"] for row in out] == ["d", "e", "f", "n", "r", "s"]
    assert (out[5]["quantity"], out[5]["lot"], out[4]["reverses"]) == ("14", "", "s")
    assert figures(files.put_in(files.written(out))[0]) == (0, 6, 0)
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []


def test_unknown_references_and_strangers_regions_are_refused_with_their_column(files: Files) -> None:
    place = files.ids.split(",")
    rows = [
        files.row("a", 1, "delivery", 1).replace(place[0], "NOWHERE"),
        files.row("b", 1, "delivery", 1).replace(place[1], "NOBODY"),
        files.row("c", 1, "delivery", 1).replace(place[2], "NOTHING"),
        files.row("d", 1, "delivery", 2**63),
        files.row("e", 1, "delivery", 0),
        files.row("f", 1, "melayang", 1),
    ]
    counts, refused = files.put_in(rows)
    assert figures(counts) == (0, 0, 6)
    columns = ["outlet_ref", "seller_ref", "sku", "quantity", "quantity", "kind"]
    assert [sentence.split(": ")[1] for sentence in refused] == columns
    counts, refused = files.put_in(
        [files.row("g", 1, "delivery", 1)], actor=factories.officer(region_code="12.71")
    )
    assert figures(counts) == (0, 0, 1)
    assert "di luar wilayah" in refused[0]


def test_a_sale_of_expired_units_goes_in_with_a_warning(files: Files) -> None:
    rows = [files.row("d", 1, "delivery", 5, ",L1,2026-11-03,,"), files.row("s", 4, "sale", 1)]
    counts, _refused = files.put_in(rows)
    assert (figures(counts), counts.warned) == ((2, 0, 0), 1)
