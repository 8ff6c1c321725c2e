"""Curation: a product is handed in, looked at, and goes live or back; changes of what is on sale wait."""

from .decisions import approve, send_back
from .submitting import hold_back, submit_product, withdraw

__all__ = ["approve", "hold_back", "send_back", "submit_product", "withdraw"]
