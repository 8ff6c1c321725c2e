"""`flask audit` for compliance: kept standings against the evidence, issued reports against their hashes."""

from __future__ import annotations

from collections.abc import Iterator

from ..db import db, is_postgres
from .queries.places import Scope
from .queries.reports import all_issued_reports, hash_of_frozen, summarize, thaw
from .queries.standings import OutletStanding, evaluate, kept_days, standings


def differences() -> Iterator[str]:
    """One sentence for each kept figure that the evidence does not bear out."""
    _begin_snapshot()
    for day in kept_days():
        kept = {row.outlet_id: _figures(row) for row in standings(day, Scope())}
        anew = {row.outlet_id: _figures(row) for row in evaluate(day, Scope())}
        for outlet_id in sorted(kept.keys() | anew.keys()):
            if kept.get(outlet_id) != anew.get(outlet_id):
                yield (
                    f"standing of outlet {outlet_id} on {day}: kept {kept.get(outlet_id)}, "
                    f"evidence says {anew.get(outlet_id)}"
                )
    for report in all_issued_reports():
        if hash_of_frozen(report) != report.rows_hash:
            yield f"issued report {report.number}: its rows do not match their hash"
        elif summarize(thaw(report)["outlets"]) != report.summary:
            yield f"issued report {report.number}: its summary does not follow from its rows"
    db.session.rollback()


def _begin_snapshot() -> None:
    """Read one moment of a live system: on SQLite every transaction does, PostgreSQL must be asked."""
    session = db.session()
    session.rollback()
    if is_postgres(session):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _figures(row: OutletStanding) -> tuple[object, ...]:
    return row.regulation_id, row.required, row.counted, row.status, row.kind, row.region_code
