"""What the dashboard says of an outlet that stands differently than before."""

from __future__ import annotations

from datetime import date

from marketplace import clock
from marketplace.compliance.queries.changes import explain_changes
from marketplace.db import unit_of_work
from marketplace.placements.models import Suspension
from tests import factories
from tests.compliance.test_reports import deliver

BEFORE, TODAY = date(2026, 10, 31), date(2026, 11, 22)


def test_a_suspended_agreement_is_called_suspended_and_an_ended_one_ended(app):
    factories.regulation(regulation_ref="R-1")
    outlet = factories.outlet("T-1", name="Toko Contoh")
    suspended, ended = factories.seller("U-1", name="Abon Sri"), factories.seller("U-2", name="Batik Bagus")
    for number, maker in enumerate((suspended, ended), start=1):
        deliver(outlet, factories.product(maker), f"M-{number}", on=date(2026, 10, 1))
    factories.agreement(outlet, ended, terminated_on=date(2026, 11, 12))
    agreement = factories.agreement(outlet, suspended)
    with unit_of_work() as session:
        session.add(
            Suspension(
                agreement_id=agreement.id,
                first_day=date(2026, 11, 10),
                reason="Renovasi",
                recorded_at=clock.now(),
            )
        )

    said = explain_changes(BEFORE, TODAY, [outlet.id])[outlet.id]

    assert "Perjanjian ditangguhkan: Abon Sri." in said
    assert "Perjanjian tidak berlaku lagi: Batik Bagus." in said
