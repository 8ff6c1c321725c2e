"""Tables of placements, by topic."""

from __future__ import annotations

from .agreements import Agreement, AgreementProduct, AgreementState, Basis, Suspension
from .versions import (
    AgreementVersion,
    AgreementVersionProduct,
    Bearer,
    CommissionBasis,
    SettlementCycle,
    VersionState,
)

__all__ = [
    "Agreement",
    "AgreementProduct",
    "AgreementState",
    "AgreementVersion",
    "AgreementVersionProduct",
    "Basis",
    "Bearer",
    "CommissionBasis",
    "SettlementCycle",
    "Suspension",
    "VersionState",
]
