"""The report on paper and in files: CSV, JSON, XLSX and the signed PDF, live or from a frozen report."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import current_app, render_template
from sqlalchemy import select

from .. import clock, documents
from ..db import db
from ..i18n import _, speaking
from ..organizations.models import Office
from ..organizations.rules import KIND_LABELS
from ..permissions import within
from ..tabular import guard, write_xlsx
from .models import IssuedReport
from .queries.places import Scope
from .queries.reports import (
    COLUMNS,
    SUMMED,
    Content,
    Measured,
    issued_with_inputs,
    measure,
    regulation_rows,
    report_json,
    report_rows,
    summarize,
    thaw,
)

ROWS_ON_PAPER = 300
"""A paper with more rows than this takes minutes to set: it lists what is short, the rest is in XLSX."""

STATUS_WORDS = {
    "compliant": "Memenuhi",
    "short": "Kurang",
    "in_grace": "Masa tenggang",
    "not_applicable": "Tidak diatur",
}


@dataclass(frozen=True)
class Paper:
    """What the PDF is made of. number and verify_code are empty on a draft that nobody signed."""

    content: Content
    summary: dict[str, Any]
    regulations: list[dict[str, Any]]
    inputs_hash: str
    office_name: str
    office_address: str
    signed_by_name: str
    signed_by_title: str
    number: str = ""
    verify_code: str = ""
    note: str = ""
    issued_at: datetime | None = None
    corrects_number: str = ""

    @property
    def as_of(self) -> date:
        """The day that it speaks of."""
        return date.fromisoformat(self.content["as_of"])

    @property
    def verify_url(self) -> str:
        """Where its QR code leads: its verify page, or for a draft what was issued from the same inputs."""
        return f"{current_app.config['PUBLIC_URL']}/verify/{self.verify_code or self.inputs_hash}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that the paper lists: all, or only what is short where there are too many."""
        outlets: list[dict[str, Any]] = self.content["outlets"]
        if len(outlets) <= ROWS_ON_PAPER:
            return outlets
        short = [outlet for outlet in outlets if outlet["status"] in {"short", "in_grace"}]
        return sorted(short, key=lambda o: (-(o["shortfall"] or 0), o["outlet_ref"]))[:ROWS_ON_PAPER]

    @property
    def is_shortened(self) -> bool:
        """Whether some rows stand in the XLSX annex only."""
        return len(self.rows) < len(self.content["outlets"])


# --- CSV and JSON ----------------------------------------------------------------------------------------


def csv_text(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """The report as CSV, line by line: comma, UTF-8, guarded against formulas."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in (COLUMNS, *rows):
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def report_csv(day: date, region: str) -> Iterator[str]:
    """The report of a region on a day as CSV."""
    return csv_text(report_rows(day, Scope(region)))


def report_json_text(day: date, scope: Scope) -> Iterator[str]:
    """The report as JSON text, outlet by outlet, so that a large city needs no large memory."""
    head = json.dumps({"as_of": day.isoformat(), "region": scope.region or None}, ensure_ascii=False)
    yield head[:-1] + ', "outlets": ['
    for number, outlet in enumerate(report_json(day, scope)):
        yield (",\n" if number else "\n") + json.dumps(outlet, ensure_ascii=False)
    yield "\n]}\n"


# --- XLSX ------------------------------------------------------------------------------------------------

SUMMARY_COLUMNS = ("by", "code", "name", "binding", *SUMMED)
EVIDENCE_COLUMNS = (
    "outlet_ref", "outlet_name", "seller_ref", "seller_name", "counted", "reasons", "agreement_ref", "basis",
    "starts_on", "ends_on", "terminated_on", "on_hand", "last_sale_on", "last_delivery_on",
)  # fmt: skip


def write_report_xlsx(path: Path, content: Content) -> None:
    """The workbook: rows, summary by district and by kind, and the evidence of every agreement."""
    rows = ([outlet[column] for column in COLUMNS] for outlet in content["outlets"])
    summary = summary_rows(summarize(content["outlets"]))
    extra = [
        (_("Ringkasan"), SUMMARY_COLUMNS, summary),
        (_("Bukti"), EVIDENCE_COLUMNS, evidence_rows(content)),
    ]
    write_xlsx(path, COLUMNS, rows, sheet=_("Laporan"), extra_sheets=extra)


def report_xlsx(content: Content) -> bytes:
    """The workbook as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "laporan.xlsx"
        write_report_xlsx(path, content)
        return path.read_bytes()


def summary_rows(summary: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The summary as rows: the whole, each district, each kind; duties and targets apart."""
    parts = [("total", "", "", summary)]
    parts += [("district", row["code"], row["name"], row) for row in summary["by_district"]]
    parts += [("kind", row["code"], kind_label(row["code"]), row) for row in summary["by_kind"]]
    for by, code, name, row in parts:
        for binding, key in (("mandatory", "duty"), ("target", "target")):
            yield by, code, name, binding, *(row[key][figure] for figure in SUMMED)


def evidence_rows(content: Content) -> Iterator[tuple[Any, ...]]:
    """One row for each agreement that was judged, with what the ledger showed."""
    for outlet in content["outlets"]:
        for seller in outlet["sellers"]:
            for agreement in seller["agreements"]:
                yield (
                    outlet["outlet_ref"], outlet["outlet_name"], seller["seller_ref"], seller["name"],
                    seller["counted"], ";".join(seller["reasons"]), agreement["agreement_ref"],
                    agreement["basis"], _day(agreement["starts_on"]), _day(agreement["ends_on"]),
                    _day(agreement["terminated_on"]), seller["on_hand"], _day(seller["last_sale_on"]),
                    _day(seller["last_delivery_on"]),
                )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def kind_label(kind: str) -> str:
    """An outlet kind in words."""
    labels = {code.value: label for code, label in KIND_LABELS.items()}
    return str(labels.get(kind, kind))


# --- PDF -------------------------------------------------------------------------------------------------


def paper_of(report: IssuedReport) -> Paper:
    """The paper of an issued report, from its frozen rows alone."""
    office = db.session.get(Office, report.office_id) if report.office_id else None
    former = db.session.get(IssuedReport, report.corrects_id) if report.corrects_id else None
    return Paper(
        content=thaw(report),
        summary=report.summary,
        regulations=report.regulations,
        inputs_hash=report.inputs_hash,
        office_name=report.office_name,
        office_address=office.address if office else "",
        signed_by_name=report.signed_by_name,
        signed_by_title=report.signed_by_title,
        number=report.number,
        verify_code=report.verify_code,
        note=report.note,
        issued_at=report.issued_at,
        corrects_number=former.number if former else "",
    )


def draft_paper(day: date, region: str) -> Paper:
    """The paper of a report that was not issued: no number, but the hash of its inputs."""
    measured = measure(day, region)
    issued = issued_with_inputs(measured.inputs_hash, day, region)
    return paper_of(issued) if issued else _draft(measured, day, region)


def _draft(measured: Measured, day: date, region: str) -> Paper:
    offices = [o for o in db.session.scalars(select(Office)) if within(region, o.region_code)]
    office = max(offices, key=lambda o: len(o.region_code), default=None)
    return Paper(
        content=measured.content,
        summary=summarize(measured.content["outlets"]),
        regulations=regulation_rows(day, region),
        inputs_hash=measured.inputs_hash,
        office_name=office.name if office else "",
        office_address=office.address if office else "",
        signed_by_name=office.head_name if office else "",
        signed_by_title=office.head_title if office else "",
    )


def report_pdf(paper: Paper) -> bytes:
    """The signed form: letterhead, summary, table, place for the signature, number, hash and QR code."""
    with speaking("id"):
        html = render_template(
            "compliance/report_pdf.html",
            paper=paper,
            qr=documents.qr_svg(paper.verify_url),
            kind_label=kind_label,
            status_words=STATUS_WORDS,
            printed_on=clock.today(),
        )
    return documents.pdf(html)
