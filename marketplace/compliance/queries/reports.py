"""The report as CONTRACT promises it, its frozen content, and the reports that were issued."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from ...db import db
from ...permissions import Actor
from ..models import IssuedReport, Regulation
from ..rules import OutletFinding
from .evidence import OutletEvidence, SellerEvidence, evidence
from .places import Scope, district_of, lies_in, region_names
from .regulations import rules_on
from .standings import standings

COLUMNS = (
    "outlet_ref", "outlet_name", "operator_ref", "kind", "region_code", "regulation_ref", "binding",
    "required", "counted", "shortfall", "status",
)  # fmt: skip
"""The columns of the report, in CONTRACT's order."""

Content = dict[str, Any]
"""A whole report as plain values: as_of, region, region_name, outlets (rows with sellers and evidence)."""


def report_rows(day: date, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """The rows of the report in the order of COLUMNS."""
    refs = {rule.id: rule.regulation_ref for rule in rules_on(day)}
    for row in standings(day, scope):
        shortfall = row.shortfall if row.required is not None else None
        yield (
            row.outlet_ref, row.name, row.operator_ref, row.kind, row.region_code,
            refs.get(row.regulation_id), row.binding, row.required, row.counted, shortfall, row.status,
        )  # fmt: skip


def report_json(day: date, scope: Scope) -> Iterator[dict[str, Any]]:
    """The outlets of the JSON report, one after the other."""
    return (outlet_json(found) for found in evidence(day, scope))


def outlet_json(found: OutletEvidence) -> dict[str, Any]:
    """One outlet of the JSON report: its row and its sellers with their reasons."""
    return {**report_row(found), "sellers": sellers_json(found.finding)}


def report_row(found: OutletEvidence) -> dict[str, Any]:
    """One outlet's row of the report."""
    finding, place, rule = found.finding, found.place, found.finding.rule
    values = (
        place.outlet_ref, place.name, place.operator_ref, place.kind, place.region_code,
        rule.regulation_ref if rule else None, str(rule.binding) if rule else None, finding.required,
        finding.counted, finding.shortfall, finding.status.value,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def sellers_json(finding: OutletFinding) -> list[dict[str, Any]]:
    """Every listed seller, whether it counts, and why not."""
    return [
        {
            "seller_ref": seller.seller_ref,
            "counted": seller.is_counted,
            "reasons": [reason.value for reason in seller.reasons],
        }
        for seller in finding.sellers
    ]


# --- the content of a paper ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """A report's content and the hash of the rows it was counted from."""

    content: Content
    inputs_hash: str


def measure(day: date, region: str) -> Measured:
    """Count a region on a day, with all the evidence, and hash what was read."""
    digest = hashlib.sha256()
    outlets = []
    for found in evidence(day, Scope(region)):
        digest.update(canonical_inputs(found, day).encode())
        outlets.append(_frozen_outlet(found))
    codes = {outlet["region_code"] for outlet in outlets}
    names = region_names(codes | {district_of(code) for code in codes} | {region})
    for outlet in outlets:
        code = outlet["region_code"]
        outlet["village"] = names.get(code, "")
        outlet["district_code"] = district_of(code)
        outlet["district"] = names.get(district_of(code), "")
    content = {
        "as_of": day.isoformat(),
        "region": region,
        "region_name": names.get(region, ""),
        "outlets": outlets,
    }
    return Measured(content, digest.hexdigest())


def canonical_inputs(found: OutletEvidence, day: date) -> str:
    """What was read about one outlet, as one line of JSON that is the same for the same evidence."""
    place, rule = found.place, found.finding.rule
    inputs = {
        "day": day.isoformat(),
        "outlet": [
            place.outlet_ref, place.operator_ref, place.kind, place.region_code, _iso(place.opened_on),
            _iso(place.closed_on),
        ],
        "rule": rule and [
            rule.regulation_ref, rule.min_sellers, str(rule.binding), rule.grace_days,
            sorted(rule.terms.counted_bases), rule.terms.display_window_days, rule.terms.outright_window_days,
        ],
        "limits": [found.limits.sales_rupiah, found.limits.capital_rupiah],
        "sellers": [_seller_inputs(seller) for seller in found.sellers],
    }  # fmt: skip
    return json.dumps(inputs, ensure_ascii=False, separators=(",", ":")) + "\n"


def _seller_inputs(seller: SellerEvidence) -> list[Any]:
    facts, shown = seller.candidate.seller, seller.candidate.display
    return [
        facts.seller_ref, facts.owner_key, _iso(facts.verified_on), _iso(facts.revoked_on),
        _iso(facts.closed_on), facts.annual_sales_rupiah, facts.capital_rupiah, facts.affiliated_operator_ref,
        shown.is_on_hand, _iso(shown.last_sale_on), _iso(shown.last_delivery_on),
        [
            [
                agreement.agreement_ref, agreement.days.basis, _iso(agreement.days.starts_on),
                _iso(agreement.days.ends_on), _iso(agreement.days.terminated_on),
                [[_iso(first), _iso(end)] for first, end in agreement.days.suspensions],
            ]
            for agreement in seller.agreements
        ],
    ]  # fmt: skip


def _frozen_outlet(found: OutletEvidence) -> dict[str, Any]:
    verdicts = {seller.seller_ref: seller for seller in found.finding.sellers}
    sellers = []
    for seller in found.sellers:
        ref, shown = seller.candidate.seller.seller_ref, seller.candidate.display
        sellers.append(
            {
                "seller_ref": ref,
                "name": seller.name,
                "counted": verdicts[ref].is_counted,
                "reasons": [reason.value for reason in verdicts[ref].reasons],
                "on_hand": shown.is_on_hand,
                "last_sale_on": _iso(shown.last_sale_on),
                "last_delivery_on": _iso(shown.last_delivery_on),
                "agreements": [
                    {
                        "agreement_ref": agreement.agreement_ref,
                        "basis": agreement.days.basis,
                        "starts_on": _iso(agreement.days.starts_on),
                        "ends_on": _iso(agreement.days.ends_on),
                        "terminated_on": _iso(agreement.days.terminated_on),
                    }
                    for agreement in seller.agreements
                ],
            }
        )
    return {**report_row(found), "sellers": sellers}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def regulation_rows(day: date, region: str) -> list[dict[str, Any]]:
    """The regulations in force for a region on a day, as plain values to freeze."""
    rows = db.session.scalars(
        select(Regulation)
        .where(Regulation.valid_from <= day, Regulation.valid_to > day)
        .order_by(Regulation.regulation_ref)
    )
    names = [column.key for column in Regulation.__table__.columns if not column.key.startswith("recorded")]
    return [
        {name: _plain(getattr(row, name)) for name in names}
        for row in rows
        if _touches(row.region_code, region)
    ]


def _touches(code: str, region: str) -> bool:
    return any(not b or a == b or a.startswith(b + ".") for a, b in ((code, region), (region, code)))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


SUMMED = ("outlets", "compliant", "in_grace", "short", "missing")


def summarize(outlets: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The summary figures of a report's outlets: by binding, by district and by kind."""
    outlets = list(outlets)
    duty = [outlet for outlet in outlets if outlet["binding"] == "mandatory"]
    target = [outlet for outlet in outlets if outlet["binding"] == "target"]
    return {
        "outlets": len(outlets),
        "duty": _figures(duty),
        "target": _figures(target),
        "unregulated": sum(outlet["binding"] is None for outlet in outlets),
        "by_district": _by(outlets, "district_code", "district"),
        "by_kind": _by(outlets, "kind", "kind"),
    }


def _figures(outlets: list[dict[str, Any]]) -> dict[str, int]:
    statuses = [outlet["status"] for outlet in outlets]
    return {
        "outlets": len(outlets),
        **{status: statuses.count(status) for status in ("compliant", "in_grace", "short")},
        "missing": sum(outlet["shortfall"] for outlet in outlets if outlet["status"] == "short"),
    }


def _by(outlets: list[dict[str, Any]], code: str, name: str) -> list[dict[str, Any]]:
    names = {outlet[code]: outlet[name] or outlet[code] for outlet in outlets}
    return [
        {
            "code": key,
            "name": names[key],
            "duty": _figures([o for o in outlets if o[code] == key and o["binding"] == "mandatory"]),
            "target": _figures([o for o in outlets if o[code] == key and o["binding"] == "target"]),
        }
        for key in sorted(names)
    ]


# --- issued reports --------------------------------------------------------------------------------------


def freeze(content: Content) -> tuple[bytes, str]:
    """A report's content as stored bytes, and its hash."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return zlib.compress(text, 9), hashlib.sha256(text).hexdigest()


def thaw(report: IssuedReport) -> Content:
    """The content of an issued report, as it was frozen."""
    content: Content = json.loads(zlib.decompress(report.rows_json))
    return content


def hash_of_frozen(report: IssuedReport) -> str:
    """The hash of an issued report's stored content, computed anew."""
    return hashlib.sha256(zlib.decompress(report.rows_json)).hexdigest()


def issued_reports(actor: Actor, page: int = 1, size: int = 25) -> tuple[list[IssuedReport], int]:
    """The reports an office may see, newest first, and how many there are."""
    query = _visible_to(actor)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(IssuedReport.id.desc()).limit(size).offset((page - 1) * size))
    return list(rows), total


def issued_report(report_id: int, actor: Actor) -> IssuedReport | None:
    """One issued report, None when it does not exist or is a stranger's."""
    return db.session.scalar(_visible_to(actor).where(IssuedReport.id == report_id))


def _visible_to(actor: Actor) -> Select[IssuedReport]:
    query = select(IssuedReport)
    if not actor.is_office:
        return query.where(IssuedReport.id < 0)
    return query.where(lies_in(IssuedReport.region_code, actor.region))


def report_to_verify(code: str) -> IssuedReport | None:
    """The issued report that a verify code, or the hash of its inputs, belongs to."""
    code = code.strip()
    found = db.session.scalar(select(IssuedReport).where(IssuedReport.verify_code == code.upper()))
    if found is not None or len(code) != len(hashlib.sha256().hexdigest()):
        return found
    query = select(IssuedReport).where(IssuedReport.inputs_hash == code.lower())
    return db.session.scalar(query.order_by(IssuedReport.id.desc()).limit(1))


def issued_with_inputs(inputs_hash: str, day: date, region: str) -> IssuedReport | None:
    """The latest report that was issued for a region and day from exactly these inputs."""
    query = select(IssuedReport).where(
        IssuedReport.inputs_hash == inputs_hash, IssuedReport.as_of == day, IssuedReport.region_code == region
    )
    return db.session.scalar(query.order_by(IssuedReport.id.desc()).limit(1))


def corrections_of(report_id: int) -> list[IssuedReport]:
    """The later reports that correct this one."""
    query = select(IssuedReport).where(IssuedReport.corrects_id == report_id).order_by(IssuedReport.id)
    return list(db.session.scalars(query))


def all_issued_reports() -> Iterator[IssuedReport]:
    """Every issued report, one at a time."""
    for report_id in db.session.scalars(select(IssuedReport.id).order_by(IssuedReport.id)).all():
        yield db.session.get_one(IssuedReport, report_id)
