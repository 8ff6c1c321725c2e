"""`flask compliance`: the report, the explanation of one outlet, and adopting shipped regulations."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup

from ..clock import FIRST_DAY, LAST_DAY
from ..db import unit_of_work
from ..errors import MarketplaceError
from ..i18n import LOCALES, _, speaking
from ..permissions import SYSTEM
from . import documents, services
from .queries import Scope, outlet_id_of, region_exists
from .queries.reports import measure
from .words import explain

compliance_group = AppGroup("compliance", help="Count the sellers that outlets carry, and explain it.")
FORMATS = ("csv", "json", "xlsx", "pdf")


def _refuse(sentence: str) -> SystemExit:
    click.echo(sentence, err=True)
    return SystemExit(2)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-22") else LAST_DAY
    except ValueError:
        day = LAST_DAY
    if day == LAST_DAY:  # it means "without end", and is no day to be counted on
        raise _refuse(_("Tanggal “%(text)s” tidak ada. Tulis seperti 2026-11-22.", text=text[:40]))
    return day


def _region(code: str) -> str:
    if code and not region_exists(code):
        raise _refuse(
            _("Wilayah “%(code)s” tidak dikenal. Tulis kode Kemendagri, misalnya 33.72.", code=code[:40])
        )
    return code


@compliance_group.command("report")
@click.option("--as-of", "as_of", required=True, help="The day, as 2026-11-22.")
@click.option("--region", default="", help="Kemendagri code; whole levels.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to the terminal."
)
def report_command(as_of: str, region: str, form: str, output: Path | None) -> None:
    """Print the standing of every outlet open on a day."""
    day, code = _day(as_of), _region(region)
    if form in {"xlsx", "pdf"} and output is None and sys.stdout.isatty():
        raise _refuse(_("Sebutkan berkas tujuan dengan --output."))
    try:
        _write(form, day, code, output)
    except OSError as error:
        raise _refuse(
            _("Berkas %(name)s tidak dapat ditulis: %(why)s.", name=output, why=error.strerror)
        ) from None


def _write(form: str, day: date, region: str, output: Path | None) -> None:
    if form == "csv":
        _put_text(documents.report_csv(day, region), output)
    elif form == "json":
        _put_text(documents.report_json_text(day, Scope(region)), output)
    elif form == "pdf":
        _put_bytes(documents.report_pdf(documents.draft_paper(day, region)), output)
    elif output is not None:
        documents.write_report_xlsx(output, measure(day, region).content)
    else:
        _put_bytes(documents.report_xlsx(measure(day, region).content), None)


def _put_text(pieces: Iterable[str], output: Path | None) -> None:
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def _put_bytes(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        output.write_bytes(data)


@compliance_group.command("explain")
@click.argument("outlet_ref")
@click.option("--as-of", "as_of", required=True, help="The day, as 2026-11-22.")
@click.option("--lang", type=click.Choice(LOCALES), default="id", help="In Indonesian or in English.")
def explain_command(outlet_ref: str, as_of: str, lang: str) -> None:
    """Say in words which sellers count at an outlet on a day, and why the others do not."""
    day = _day(as_of)
    outlet_id = outlet_id_of(outlet_ref.strip())
    with speaking(lang):
        lines = explain(outlet_id, day) if outlet_id is not None else None
    if lines is None:
        raise _refuse(_("Toko “%(ref)s” tidak ditemukan.", ref=outlet_ref[:64]))
    click.echo("\n".join(lines))


@compliance_group.command("adopt")
@click.argument("region_code")
def adopt_command(region_code: str) -> None:
    """Load the regulations that are shipped for a region; those already there stay as they are."""
    try:
        added = services.adopt(_region(region_code), actor=SYSTEM)
    except MarketplaceError as error:
        raise _refuse(error.message) from None
    for row in added:
        click.echo(f"{row.regulation_ref}: {row.citation}")
    click.echo(_("%(count)d aturan ditambahkan.", count=len(added)))


@compliance_group.command("recount")
@click.option("--anew", is_flag=True, help="Forget first what was kept, as when the audit disagrees.")
def recount_command(anew: bool) -> None:
    """Count anew what changed and keep the standings of today and of the last thirteen months' ends."""
    if anew:
        with unit_of_work() as session:
            services.forget_days(session, FIRST_DAY)
    days = services.keep_standing_days()
    click.echo(_("%(count)d hari dihitung.", count=len(days)))
