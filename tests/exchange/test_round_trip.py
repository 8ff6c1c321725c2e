"""Whatever goes in comes out such that it comes in again unchanged; dry and real runs agree."""

from __future__ import annotations

import csv
import itertools
import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from marketplace.db import db, unit_of_work
from marketplace.organizations.models import Seller, SellerFacts
from marketplace.placements.models import Agreement
from tests import factories
from tests.exchange.conftest import write_rows

SETTINGS = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(min_size=1, max_size=60)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))
MONEY = st.none() | st.integers(0, 2**63 - 1)
ROW = st.tuples(
    TEXT, TEXT, st.sampled_from([factories.LAWEYAN, "33.72"]), MONEY, MONEY, DAYS, DAYS, TEXT | st.just("")
)
HEADER = [
    "seller_ref",
    "name",
    "region_code",
    "capital_rupiah",
    "annual_sales_rupiah",
    "verified_on",
    "closed_on",
    "address",
]


def forget_sellers():
    with unit_of_work() as session:
        session.execute(delete(SellerFacts))
        session.execute(delete(Seller))


@SETTINGS
@given(rows=st.lists(ROW, max_size=8))
def test_sellers_of_any_text_go_in_and_out_and_in_unchanged(bring_in, command, tmp_path, rows):
    cells = [[str(cell) if cell is not None else "" for cell in row] for row in rows]
    cells = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in cells]
    dry = bring_in("sellers", [HEADER, *cells], "--dry-run").counts
    assert bring_in("sellers", [HEADER, *cells]).counts == dry
    again = bring_in("sellers", [HEADER, *cells]).counts
    assert again["created"] == 0
    stored = len(db.session.scalars(select(Seller)).all())
    for file_format in ("csv", "xlsx"):
        path = tmp_path / f"out.{file_format}"
        command("export", "sellers", "--format", file_format, "--output", path)
        ran = command("import", "sellers", path, "--format", "json")
        assert ran.counts == {"created": 0, "updated": 0, "unchanged": stored, "refused": 0}, ran.stderr
    forget_sellers()


AGREEMENT = ["agreement_ref", "outlet_ref", "seller_ref", "basis", "starts_on", "ends_on", "terminated_on"]
MONTHS = st.integers(1, 12).map(lambda month: date(2026, month, 1))
AGREEMENTS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "A3", "A4"]),
        st.sampled_from(["T1", "T2"]),
        st.just("U1"),
        st.sampled_from(["consignment", "outright"]),
        MONTHS,
        st.none() | MONTHS,
        st.none() | MONTHS,
    ),
    max_size=12,
)


EXAMPLES = itertools.count()


@SETTINGS
@given(first=AGREEMENTS, then=AGREEMENTS, size=st.sampled_from([1, 2, 5]))
def test_a_dry_run_foretells_a_real_one_wherever_batches_end(bring_in, command, app, first, then, size):
    # What was agreed stays: each example has parties and references of its own.
    mine = f"E{next(EXAMPLES)}-"
    factories.seller(f"{mine}U1"), factories.outlet(f"{mine}T1"), factories.outlet(f"{mine}T2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("marketplace.importing.engine.START_SIZE", size)
        for rows in (first, then):
            cells = [[*(f"{mine}{ref}" for ref in row[:3]), *row[3:]] for row in rows]
            table = [AGREEMENT, *(["" if cell is None else cell for cell in row] for row in cells)]
            dry = bring_in("agreements", table, "--dry-run").counts
            assert bring_in("agreements", table).counts == dry
    _no_two_share_a_day()


def _no_two_share_a_day():
    rows = db.session.scalars(select(Agreement)).all()
    for one in rows:
        for other in rows:
            same = (one.outlet_id, one.seller_id, one.basis) == (
                other.outlet_id,
                other.seller_id,
                other.basis,
            )
            if one.id < other.id and same:
                assert not (_days(one) & _days(other))


def _days(row) -> set[int]:
    end = min(
        row.ends_on.toordinal() + 1 if row.ends_on else date(2028, 1, 1).toordinal(),
        row.terminated_on.toordinal() if row.terminated_on else date(2028, 1, 1).toordinal(),
    )
    return set(range(row.starts_on.toordinal(), end))


@pytest.mark.shared
def test_hostile_strings_in_every_text_column_never_crash_and_come_back(
    bring_in, command, tmp_path, shared_data
):
    texts = json.loads((shared_data / "hostile/blns.json").read_text())
    texts += (shared_data / "hostile/csv-payload.txt").read_text().splitlines()
    header = [
        "seller_ref",
        "name",
        "region_code",
        "address",
        "email",
        "owner_nik",
        "capital_rupiah",
        "verified_on",
    ]
    rows = [[f"U{n}", text, factories.LAWEYAN, text, "", "", "", ""] for n, text in enumerate(texts)]
    rows += [[text, "x", text, text, text, text, text, text] for text in texts]
    ran = bring_in("sellers", [header, *rows])
    assert ran.counts["created"] > 450
    assert "Traceback" not in ran.stderr
    assert bring_in("sellers", [header, *rows]).counts["created"] == 0
    path = tmp_path / "out.csv"
    command("export", "sellers", "--output", path)
    with path.open(newline="", encoding="utf-8") as file:
        assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in {"=", "@", "\t"}]
    ran = command("import", "sellers", path, "--format", "json")
    assert ran.counts["updated"] == ran.counts["refused"] == ran.counts["created"] == 0


def test_hostile_headers_do_not_crash(command, tmp_path):
    rows = [
        ["seller_ref", "name", "region_code", "=1+1", "\x00", "'; DROP TABLE sellers; --", ""],
        ["U1", "x", factories.LAWEYAN, "1", "2", "3", ""],
    ]
    ran = command("import", "sellers", write_rows(tmp_path / "x.csv", rows), "--format", "json")
    assert ran.counts["created"] == 1
