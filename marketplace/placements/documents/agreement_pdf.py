"""The written agreement on paper, in Indonesian, from what was frozen alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app, render_template

from ... import clock, documents
from ...db import db
from ...i18n import speaking
from ..models import AgreementVersion, Basis, Bearer, CommissionBasis, SettlementCycle
from ..queries.agreement_papers import content_of
from ..rules import Fee, Terms
from ..wording import CYCLES, commission_words, fee_words


def draft_pdf(version: AgreementVersion) -> bytes:
    """What the paper of a version that was not accepted would say."""
    return paper_pdf(content_of(db.session(), version, clock.today()))


def paper_pdf(content: Mapping[str, Any], *, number: str = "", verify_code: str = "") -> bytes:
    """A4: parties, articles, annex of goods, signatures, QR. Without a number it says that it is a draft."""
    address = f"{current_app.config['PUBLIC_URL']}/verify/{verify_code}" if verify_code else ""
    terms = terms_of(content["terms"])
    with speaking("id"):
        html = render_template(
            "placements/agreement_pdf.html",
            paper=content,
            terms=terms,
            share=commission_words(terms),
            cycle=str(CYCLES[terms.settlement_cycle]).lower(),
            fees=fee_words(terms),
            number=number,
            address=address,
            code=verify_code,
            qr=documents.qr_svg(address) if address else "",
        )
    return documents.pdf(html)


def terms_of(frozen: Mapping[str, Any]) -> Terms:
    """The terms of a paper, from its frozen values."""

    def day(name: str) -> date | None:
        return date.fromisoformat(frozen[name]) if frozen[name] else None

    valid_from, starts_on = day("valid_from"), day("starts_on")
    assert valid_from is not None
    assert starts_on is not None
    percent = frozen["commission_percent"]
    return Terms(
        agreement_id=0,
        version_id=0,
        number=0,
        basis=Basis(frozen["basis"]),
        valid_from=valid_from,
        starts_on=starts_on,
        ends_on=day("ends_on"),
        commission_basis=CommissionBasis(frozen["commission_basis"]),
        commission_percent=Decimal(percent) if percent is not None else None,
        commission_rupiah=frozen["commission_rupiah"],
        loss_borne_by=Bearer(frozen["loss_borne_by"]),
        expiry_borne_by=Bearer(frozen["expiry_borne_by"]),
        settlement_cycle=SettlementCycle(frozen["settlement_cycle"]),
        due_days=frozen["due_days"],
        report_cycle_days=frozen["report_cycle_days"],
        min_life_days=frozen["min_life_days"],
        return_window_days=frozen["return_window_days"],
        price_notice_days=frozen["price_notice_days"],
        end_notice_days=frozen["end_notice_days"],
        display_place=frozen["display_place"],
        fees=tuple(Fee(fee["kind"], fee.get("label", ""), int(fee["rupiah"])) for fee in frozen["fees"]),
        other_terms=frozen["terms"],
    )
