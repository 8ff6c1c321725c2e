"""Tables of placements, by topic."""

from __future__ import annotations

from .agreements import Agreement, AgreementState, Basis, Suspension
from .counts import StockCount, StockCountLine
from .deliveries import Delivery, DeliveryLine, DeliveryState
from .differences import Difference, DifferenceKind, DifferenceState, Message, MessageView, Outcome
from .fee_reports import FeeReport, FeeReportState
from .losses import BorneLoss, LossReason
from .markdowns import Markdown, MarkdownState
from .replacements import ReplacementRequest, ReplacementState
from .returns import (
    Destruction,
    DestructionLine,
    ExpiryAlert,
    ReturnLine,
    ReturnNote,
    ReturnReason,
    ReturnState,
)
from .sales import PriceFlag, ReportSilence, ReportSource, SalesReport
from .settlements import Settlement, SettlementDispute, SettlementLine, SettlementState
from .versions import (
    AgreementPaper,
    AgreementPaperFile,
    AgreementVersion,
    AgreementVersionProduct,
    Bearer,
    CommissionBasis,
    SettlementCycle,
    VersionState,
)

__all__ = [
    "Agreement",
    "AgreementPaper",
    "AgreementPaperFile",
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
    "FeeReport",
    "FeeReportState",
    "LossReason",
    "Markdown",
    "MarkdownState",
    "Message",
    "MessageView",
    "Outcome",
    "PriceFlag",
    "ReplacementRequest",
    "ReplacementState",
    "ReportSilence",
    "ReportSource",
    "ReturnLine",
    "ReturnNote",
    "ReturnReason",
    "ReturnState",
    "SalesReport",
    "Settlement",
    "SettlementCycle",
    "SettlementDispute",
    "SettlementLine",
    "SettlementState",
    "StockCount",
    "StockCountLine",
    "Suspension",
    "VersionState",
]
