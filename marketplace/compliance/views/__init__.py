"""Pages of compliance."""

from . import board, dashboard, outlets, regulations, reports
from .blueprint import blueprint

__all__ = ["blueprint", "board", "dashboard", "outlets", "regulations", "reports"]
