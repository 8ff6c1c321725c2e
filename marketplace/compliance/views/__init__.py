"""Pages of compliance."""

from . import dashboard, outlets, regulations, reports, verify
from .blueprint import blueprint

__all__ = ["blueprint", "dashboard", "outlets", "regulations", "reports", "verify"]
