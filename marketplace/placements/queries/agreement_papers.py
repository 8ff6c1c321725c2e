"""What a written agreement says, gathered to be frozen; and papers as they were frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...accounts.models import User
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...regions.queries import full_names
from ..models import (
    Agreement,
    AgreementPaper,
    AgreementPaperFile,
    AgreementVersion,
    AgreementVersionProduct,
    VersionState,
)

TERMS = (
    "basis", "valid_from", "starts_on", "ends_on", "commission_basis", "commission_percent",
    "commission_rupiah", "loss_borne_by", "expiry_borne_by", "settlement_cycle", "due_days",
    "report_cycle_days", "min_life_days", "return_window_days", "price_notice_days", "end_notice_days",
    "display_place", "fees", "terms",
)  # fmt: skip
Content = dict[str, Any]


def content_of(session: Session, version: AgreementVersion, day: date) -> Content:
    """All that the paper of a version is made of, as plain JSON values."""
    agreement, outlet, operator, seller = session.execute(
        select(Agreement, Outlet, Operator, Seller)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(Agreement.id == version.agreement_id, facts_on(OutletFacts, day))
    ).one()
    regions = _regions(session, outlet.id, seller.id, day)
    people = _names(session, version)
    return {
        "agreement_ref": agreement.agreement_ref,
        "version": version.number,
        "replaces": _former_number(session, version),
        "signed_on": day.isoformat(),
        "first": {
            "name": operator.name,
            "outlet": outlet.name,
            "address": outlet.address,
            "region": regions[0],
            "person": people["outlet"],
        },
        "second": {
            "name": seller.name,
            "owner": seller.owner_name,
            "address": seller.address,
            "region": regions[1],
            "person": people["seller"] or seller.owner_name,
        },
        "terms": {name: _plain(getattr(version, name)) for name in TERMS},
        "goods": _goods(session, version.id),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _regions(session: Session, outlet_id: int, seller_id: int, day: date) -> tuple[str, str]:
    outlet = session.scalar(
        select(OutletFacts.region_code).where(OutletFacts.outlet_id == outlet_id, facts_on(OutletFacts, day))
    )
    seller = session.scalar(
        select(SellerFacts.region_code).where(SellerFacts.seller_id == seller_id, facts_on(SellerFacts, day))
    )
    names = full_names([code for code in (outlet, seller) if code])
    return names.get(outlet or "", ""), names.get(seller or "", "")


def _names(session: Session, version: AgreementVersion) -> dict[str, str]:
    """Who proposed and who accepted, each on its side; an empty name where a paper agreement was recorded."""
    ids = [user_id for user_id in (version.proposed_by, version.answered_by) if user_id is not None]
    names: Mapping[int, str] = dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    proposer = names.get(version.proposed_by or 0, "")
    answerer = names.get(version.answered_by or 0, "")
    if version.proposed_by_side == "seller":
        return {"seller": proposer, "outlet": answerer}
    if version.proposed_by_side == "outlet":
        return {"outlet": proposer, "seller": answerer}
    return {"outlet": "", "seller": ""}


def _former_number(session: Session, version: AgreementVersion) -> str | None:
    """The paper of the version that this one follows."""
    query = (
        select(AgreementPaper.number)
        .join(AgreementVersion, AgreementVersion.id == AgreementPaper.version_id)
        .where(
            AgreementVersion.agreement_id == version.agreement_id,
            AgreementVersion.state == VersionState.ACCEPTED.value,
            AgreementVersion.number < version.number,
        )
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    return session.scalar(query)


def _goods(session: Session, version_id: int) -> list[dict[str, Any]]:
    good = AgreementVersionProduct
    query = (
        select(Product.sku, Product.name, Product.unit, good.retail_price_rupiah, good.net_price_rupiah)
        .join(good, good.product_id == Product.id)
        .where(good.version_id == version_id)
        .order_by(Product.name, Product.id)
    )
    names = ("sku", "name", "unit", "retail_price_rupiah", "net_price_rupiah")
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def hash_of(content: Content) -> str:
    """The SHA-256 of a paper's content, however the database keeps its JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def paper_of(version_id: int) -> AgreementPaper | None:
    """The paper of a version."""
    return db.session.get(AgreementPaper, version_id)


def file_of(session: Session, version_id: int) -> AgreementPaperFile | None:
    """The PDF that was set from it, once it was."""
    return session.get(AgreementPaperFile, version_id)


def file_of_paper(version_id: int) -> AgreementPaperFile | None:
    """The same, for a page."""
    return file_of(db.session(), version_id)


def paper_to_verify(code: str) -> tuple[AgreementPaper, AgreementVersion, Agreement] | None:
    """The paper that a code belongs to."""
    row = db.session.execute(
        select(AgreementPaper, AgreementVersion, Agreement)
        .join(AgreementVersion, AgreementVersion.id == AgreementPaper.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(AgreementPaper.verify_code == code.strip().upper())
    ).one_or_none()
    return tuple(row) if row else None  # type: ignore[return-value]


def later_paper(version: AgreementVersion) -> tuple[str, datetime] | None:
    """Number and moment of a later paper of the same agreement."""
    row = db.session.execute(
        select(AgreementPaper.number, AgreementPaper.issued_at)
        .join(AgreementVersion, AgreementVersion.id == AgreementPaper.version_id)
        .where(
            AgreementVersion.agreement_id == version.agreement_id, AgreementVersion.number > version.number
        )
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None
