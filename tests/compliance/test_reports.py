"""The report in all its forms, and reports that stay as they were issued."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace import audits, clock
from marketplace.compliance import documents, services
from marketplace.compliance.models import IssuedReport
from marketplace.compliance.queries import Scope, report_to_verify
from marketplace.compliance.queries.reports import hash_of_frozen, thaw
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.permissions import SYSTEM, Actor, Role
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories

TODAY = date(2026, 11, 22)


@pytest.fixture
def town(app: Flask) -> dict[str, Any]:
    """Three outlets: one compliant, one short, one without a regulation; every common reason once."""
    factories.regulation(regulation_ref="R-1", min_sellers=2)
    operator = factories.operator("OP-1")
    shop = factories.outlet("T-1", name="Toko, “Satu”", operator_id=operator.id)
    poor = factories.outlet("T-10", name="=Toko Dua", operator_id=operator.id, region_code=factories.LAWEYAN)
    hotel = factories.outlet("T-2", name="Hotel", kind="hotel", operator_id=operator.id)
    makers = {
        "U-1": factories.seller("U-1"),
        "U-2": factories.seller("U-2", owner_nik="3372010101800001"),
        "U-3": factories.seller("U-3", owner_nik="3372010101800001"),
        "U-4": factories.seller("U-4", verified_on=None),
        "U-5": factories.seller("U-5", affiliated_operator_ref="OP-1"),
        "u-6": factories.seller("u-6"),
    }
    for ref, maker in makers.items():
        agreement = factories.agreement(shop, maker, agreement_ref=f"A-{ref}")
        assert agreement.id
        if ref != "u-6":
            deliver(shop, factories.product(maker), f"M-{ref}")
    factories.agreement(poor, makers["U-1"], agreement_ref="A-10", basis="outright")
    return {"shop": shop, "poor": poor, "hotel": hotel, "makers": makers}


def deliver(place: Any, product: Any, ref: str, on: date = date(2026, 11, 1)) -> None:
    movement = Movement(ref, MovementKind.DELIVERY, place.id, product.seller_id, product.id, 5, on)
    post_movements(actor=SYSTEM, movements=[movement])


GOLDEN = """\
outlet_ref,outlet_name,operator_ref,kind,region_code,regulation_ref,binding,required,counted,shortfall,status
T-1,"Toko, “Satu”",OP-1,minimarket,33.72.04.1010,R-1,mandatory,2,2,0,compliant
T-10,'=Toko Dua,OP-1,minimarket,33.72.01.1002,R-1,mandatory,2,0,2,short
T-2,Hotel,OP-1,hotel,33.72.04.1010,,,,0,,not_applicable
"""


@pytest.mark.usefixtures("town")
def test_the_csv_is_what_other_programs_were_written_against():
    assert "".join(documents.report_csv(TODAY, "33.72")) == GOLDEN


@pytest.mark.usefixtures("town")
def test_the_json_names_every_seller_with_its_reasons():
    report = json.loads("".join(documents.report_json_text(TODAY, Scope("33.72"))))
    assert {key: report[key] for key in ("as_of", "region")} == {"as_of": "2026-11-22", "region": "33.72"}
    shop, poor, hotel = report["outlets"]
    assert shop == {
        "outlet_ref": "T-1",
        "outlet_name": "Toko, “Satu”",
        "operator_ref": "OP-1",
        "kind": "minimarket",
        "region_code": "33.72.04.1010",
        "regulation_ref": "R-1",
        "binding": "mandatory",
        "required": 2,
        "counted": 2,
        "shortfall": 0,
        "status": "compliant",
        "sellers": [
            {"seller_ref": "U-1", "counted": True, "reasons": []},
            {"seller_ref": "U-2", "counted": True, "reasons": []},
            {"seller_ref": "U-3", "counted": False, "reasons": ["same_owner"]},
            {"seller_ref": "U-4", "counted": False, "reasons": ["not_verified"]},
            {"seller_ref": "U-5", "counted": False, "reasons": ["affiliated"]},
            {"seller_ref": "u-6", "counted": False, "reasons": ["paper_only"]},
        ],
    }
    assert poor["sellers"] == [
        {"seller_ref": "U-1", "counted": False, "reasons": ["basis_not_counted", "paper_only"]}
    ]
    assert (hotel["required"], hotel["shortfall"], hotel["binding"], hotel["regulation_ref"]) == (None,) * 4


@pytest.mark.usefixtures("town")
def test_a_region_matches_by_whole_levels_on_the_command_line(app: Flask):
    run = app.test_cli_runner()
    arguments = ["compliance", "report", "--as-of", "2026-11-22"]
    assert run.invoke(args=[*arguments, "--region", "33.72"]).output == GOLDEN
    village = run.invoke(args=[*arguments, "--region", "33.72.01"])
    assert [line.split(",")[0] for line in village.output.splitlines()] == ["outlet_ref", "T-10"]
    wrong = run.invoke(args=[*arguments, "--region", "33.7"])
    assert wrong.exit_code == 2
    assert wrong.stdout == ""
    assert len(wrong.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "day", ["2026-02-30", "0000-01-01", "22/11/2026x", "", "10000-01-01", "9999-12-31", "besok"]
)
def test_a_day_that_does_not_exist_gets_one_sentence(app: Flask, day: str):
    result = app.test_cli_runner().invoke(args=["compliance", "report", "--as-of", day])
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-30"])
def test_the_earliest_and_latest_days_can_be_asked_for(app: Flask, town: dict[str, Any], day: str):
    for arguments in (["report", "--format", "json"], ["explain", "T-1"]):
        result = app.test_cli_runner().invoke(args=["compliance", *arguments, "--as-of", day])
        assert result.exit_code == 0, result.stderr


def test_the_explanation_says_why_in_words(app: Flask, town: dict[str, Any]):
    result = app.test_cli_runner().invoke(args=["compliance", "explain", "T-1", "--as-of", "2026-11-22"])
    assert result.exit_code == 0
    assert "2 UMKM dihitung: memenuhi." in result.output
    assert "terafiliasi dengan pengelola toko" in result.output
    assert "[same_owner]" in result.output
    unknown = app.test_cli_runner().invoke(args=["compliance", "explain", "T-99", "--as-of", "2026-11-22"])
    assert (unknown.exit_code, unknown.stdout) == (2, "")


def test_the_workbook_has_rows_summary_and_evidence_with_typed_cells(
    app: Flask, town: dict[str, Any], tmp_path: Path
):
    target = tmp_path / "laporan.xlsx"
    arguments = ["--as-of", "2026-11-22", "--format", "xlsx", "--output", str(target)]
    assert app.test_cli_runner().invoke(args=["compliance", "report", *arguments]).exit_code == 0
    book = CalamineWorkbook.from_path(str(target))
    rows, summary, evidence = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert rows[0] == list(documents.COLUMNS)
    assert [row[8] for row in rows[1:]] == [2.0, 0.0, 0.0]
    assert [row[5:9] for row in summary[1:2]] == [[1.0, 0.0, 1.0, 2.0]]
    assert date(2020, 1, 1) in [row[8] for row in evidence]


@pytest.fixture
def head(app: Flask) -> Actor:
    """The head of Surakarta's office, with a name to sign with."""
    office = factories.office(
        head_name="Dra. Contoh Rekaan", head_title="Kepala Dinas", address="Jl. Contoh 1"
    )
    return factories.member(Role.HEAD, office_id=office.id)


def test_an_issued_report_keeps_its_figures_when_the_evidence_changes(town: dict[str, Any], head: Actor):
    issued = services.issue_report(head, as_of=TODAY, region="33.72", note="Untuk rapat")
    before = documents.report_pdf(documents.paper_of(issued))
    deliver(town["poor"], factories.product(town["makers"]["U-1"]), "M-later")
    factories.agreement(town["poor"], town["makers"]["U-1"], agreement_ref="A-later")
    db.session.expire_all()
    kept = db.session.get_one(IssuedReport, issued.id)
    rows = csv.DictReader(io.StringIO("".join(documents.csv_text(_rows(kept)))))
    assert [row["counted"] for row in rows] == ["2", "0", "0"]
    assert "".join(documents.report_csv(TODAY, "33.72")) != GOLDEN
    assert hash_of_frozen(kept) == kept.rows_hash
    assert before[:5] == documents.report_pdf(documents.paper_of(kept))[:5] == b"%PDF-"
    assert kept.summary["duty"] == {"outlets": 2, "compliant": 1, "in_grace": 0, "short": 1, "missing": 2}
    assert kept.regulations[0]["regulation_ref"] == "R-1"


def _rows(report: IssuedReport) -> list[tuple[Any, ...]]:
    return [tuple(outlet[name] for name in documents.COLUMNS) for outlet in thaw(report)["outlets"]]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE issued_reports SET note = 'lain'",
        "DELETE FROM issued_reports",
        "UPDATE issued_reports SET rows_hash = rows_hash",
    ],
)
def test_the_database_refuses_to_change_an_issued_report(town: dict[str, Any], head: Actor, statement: str):
    services.issue_report(head, as_of=TODAY, region="33.72")
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(text(statement))
    assert db.session.query(IssuedReport).count() == 1


def test_numbers_follow_each_other_for_each_office_and_year(town: dict[str, Any], head: Actor):
    first = [services.issue_report(head, as_of=TODAY, region="33.72").number for _turn in range(2)]
    with pytest.raises(InvalidInput):
        services.issue_report(head, as_of=TODAY, region="33.74")
    with clock.frozen(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)):
        new_year = services.issue_report(head, as_of=TODAY, region="33.72").number
    assert [*first, new_year] == ["LKU/33.72/2026/0001", "LKU/33.72/2026/0002", "LKU/33.72/2027/0001"]


def test_a_correction_is_a_new_report_that_names_the_former(town: dict[str, Any], head: Actor):
    former = services.issue_report(head, as_of=TODAY, region="33.72")
    later = services.issue_report(head, as_of=TODAY, region="33.72", corrects=former.id)
    assert documents.paper_of(later).corrects_number == former.number
    with pytest.raises(NotFound):
        services.issue_report(head, as_of=TODAY, region="33.72.01", corrects=former.id)


def test_who_may_not_issue_is_refused(town: dict[str, Any], head: Actor):
    coach = factories.officer(Role.COACH)
    with pytest.raises(Forbidden):
        services.issue_report(coach, as_of=TODAY, region="33.72")
    with pytest.raises(InvalidInput):
        services.issue_report(head, as_of=date(2026, 11, 23), region="33.72")


def test_the_same_evidence_has_the_same_hash_and_a_draft_finds_what_was_issued(
    town: dict[str, Any], head: Actor
):
    draft = documents.draft_paper(TODAY, "33.72")
    assert (draft.number, draft.verify_url) == ("", f"http://localhost/verify/{draft.inputs_hash}")
    issued = services.issue_report(head, as_of=TODAY, region="33.72")
    assert issued.inputs_hash == draft.inputs_hash
    assert documents.draft_paper(TODAY, "33.72").number == issued.number
    found = report_to_verify(issued.verify_code.lower())
    assert found is not None
    assert found.id == issued.id


@pytest.mark.corrupts
def test_the_audit_finds_nothing_and_then_what_was_tampered_with(town: dict[str, Any], head: Actor):
    services.issue_report(head, as_of=TODAY, region="33.72")
    services.keep_standing_days()
    assert [line for line in audits.differences() if line.startswith("compliance")] == []
    with unit_of_work() as session:
        session.execute(text("UPDATE standings SET counted = counted + 1 WHERE day = '2026-11-22'"))
    lines = [line for line in audits.differences() if line.startswith("compliance")]
    assert len(lines) == 3
    assert "2026-11-22" in lines[0]
