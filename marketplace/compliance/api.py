"""The report for programs: GET /api/v1/compliance."""

from __future__ import annotations

from datetime import date

from flask import Response, stream_with_context
from pydantic import BaseModel, Field

from .. import clock
from ..api import blueprint as api_blueprint
from ..api_values import Day
from ..errors import Forbidden, InvalidInput
from ..i18n import _
from ..permissions import Permission, current_actor, protected, within
from ..texts import one_line
from .documents import report_json_text
from .queries import Scope, region_exists, scope_of

blueprint = api_blueprint("compliance", tag="Compliance")


class ReportQuery(BaseModel):
    """Which day and which region."""

    as_of: Day | None = Field(None, description="The day; today when left out.")
    region: str = Field("", max_length=13, description="Kemendagri code; whole levels.")


class SellerVerdict(BaseModel):
    """One seller with an agreement in force on the day or in the 365 days before it."""

    seller_ref: str
    counted: bool
    reasons: list[str]


class OutletVerdict(BaseModel):
    """One outlet open on the day."""

    outlet_ref: str
    outlet_name: str
    operator_ref: str
    kind: str
    region_code: str
    regulation_ref: str | None
    binding: str | None
    required: int | None
    counted: int
    shortfall: int | None
    status: str
    sellers: list[SellerVerdict]


class Report(BaseModel):
    """The standing of every outlet open on a day."""

    as_of: date
    region: str | None
    outlets: list[OutletVerdict]


@blueprint.get("/compliance")
@protected(Permission.ACCOUNT_USE)
@blueprint.input(ReportQuery, location="query")
@blueprint.output(Report)
def compliance(query_data: ReportQuery) -> Response:
    """How many distinct MSME sellers each outlet carries on a day, with reasons."""
    scope, day = _scope(one_line(query_data.region)), query_data.as_of or clock.today()
    if day == clock.LAST_DAY:
        sentence = _("Tanggal itu berarti “tanpa akhir”. Pilih tanggal lain.")
        raise InvalidInput(sentence, fields={"as_of": sentence})
    text = report_json_text(day, scope)
    return Response(stream_with_context(piece.encode() for piece in text), mimetype="application/json")


def _scope(region: str) -> Scope:
    """The outlets that the token's user may see, narrowed to a region."""
    own = scope_of(current_actor())
    if own is None:
        raise Forbidden(_("Akun ini tidak boleh membaca laporan kepatuhan."))
    if region and not region_exists(region):
        sentence = _("Wilayah “%(code)s” tidak dikenal.", code=region)
        raise InvalidInput(sentence, fields={"region": sentence})
    if region and not within(region, own.region):
        raise Forbidden(_("Wilayah itu di luar wilayah kantor Anda."))
    return Scope(region or own.region, own.operator_id)
