"""Every read of compliance: who counts where on a day, the dashboard, the outlet's page, reports."""

from .buyers import BuyerOutlet, operator_board, operator_name
from .changes import Change, ChangeKind
from .dashboard import Dashboard, Group, GroupRow, TrendPoint, dashboard, default_comparison, trend
from .evidence import OutletEvidence, SellerEvidence, counts_here, evidence
from .outlet_page import AgreementRow, HistoryPoint, OutletPage, SellerRow, outlet_page
from .outlets import OutletFilter, OutletRow, districts_of, matching, outlet_list, page_of
from .places import Place, Scope, outlet_id_of, region_exists, scope_of
from .public import PublicFigures, displaying_outlets, public_figures
from .regulations import regulation, regulation_by_ref, regulations_in, rules_on, size_limits_on
from .reports import issued_report, issued_reports, report_json, report_rows, report_to_verify
from .standings import OutletStanding, evaluate, standing_of, standings
from .timeline import TimelineEntry

__all__ = [
    "AgreementRow",
    "BuyerOutlet",
    "Change",
    "ChangeKind",
    "Dashboard",
    "Group",
    "GroupRow",
    "HistoryPoint",
    "OutletEvidence",
    "OutletFilter",
    "OutletPage",
    "OutletRow",
    "OutletStanding",
    "Place",
    "PublicFigures",
    "Scope",
    "SellerEvidence",
    "SellerRow",
    "TimelineEntry",
    "TrendPoint",
    "counts_here",
    "dashboard",
    "default_comparison",
    "displaying_outlets",
    "districts_of",
    "evaluate",
    "evidence",
    "issued_report",
    "issued_reports",
    "matching",
    "operator_board",
    "operator_name",
    "outlet_id_of",
    "outlet_list",
    "outlet_page",
    "page_of",
    "public_figures",
    "region_exists",
    "regulation",
    "regulation_by_ref",
    "regulations_in",
    "report_json",
    "report_rows",
    "report_to_verify",
    "rules_on",
    "scope_of",
    "size_limits_on",
    "standing_of",
    "standings",
    "trend",
]
