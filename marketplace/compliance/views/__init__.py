"""Pages of compliance."""

from . import dashboard, outlets, regulations, reports
from .blueprint import blueprint

__all__ = ["blueprint", "dashboard", "outlets", "regulations", "reports"]
