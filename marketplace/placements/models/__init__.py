"""Tables of placements, by topic."""

from __future__ import annotations

from .agreements import Agreement, AgreementProduct, AgreementState, Basis, Suspension
from .deliveries import Delivery, DeliveryLine, DeliveryState
from .differences import Difference, DifferenceKind, DifferenceState, Message, Outcome
from .losses import BorneLoss, LossReason
from .returns import (
    Destruction,
    DestructionLine,
    ExpiryAlert,
    ReturnLine,
    ReturnNote,
    ReturnReason,
    ReturnState,
)
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
    "BorneLoss",
    "CommissionBasis",
    "Delivery",
    "DeliveryLine",
    "DeliveryState",
    "Destruction",
    "DestructionLine",
    "Difference",
    "DifferenceKind",
    "DifferenceState",
    "ExpiryAlert",
    "LossReason",
    "Message",
    "Outcome",
    "ReturnLine",
    "ReturnNote",
    "ReturnReason",
    "ReturnState",
    "SettlementCycle",
    "Suspension",
    "VersionState",
]
