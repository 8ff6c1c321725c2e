"""Every write of compliance."""

from .regulations import add_regulation, adopt, end_regulation, forget_days
from .reports import issue_report
from .standings import keep_standing_days, note_changes, recount

__all__ = [
    "add_regulation",
    "adopt",
    "end_regulation",
    "forget_days",
    "issue_report",
    "keep_standing_days",
    "note_changes",
    "recount",
]
