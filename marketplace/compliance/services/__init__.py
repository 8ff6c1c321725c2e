"""Every write of compliance."""

from .planned import rewrite_planned
from .regulations import add_regulation, adopt, end_regulation, may_edit
from .reports import issue_report, preview_report
from .standings import forget_days, keep_day, keep_standing_days, note_changes, recount, refresh

__all__ = [
    "add_regulation",
    "adopt",
    "end_regulation",
    "forget_days",
    "issue_report",
    "keep_day",
    "keep_standing_days",
    "may_edit",
    "note_changes",
    "preview_report",
    "recount",
    "refresh",
    "rewrite_planned",
]
