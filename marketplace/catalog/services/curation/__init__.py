"""Curation: a product is handed in, looked at, goes live or back; changes wait; the office takes it off."""

from .decisions import approve, send_back
from .submitting import hold_back, submit_product, withdraw
from .taking_off import take_off_sale

__all__ = ["approve", "hold_back", "send_back", "submit_product", "take_off_sale", "withdraw"]
