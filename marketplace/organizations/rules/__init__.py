"""Decisions of organizations over plain values."""

from .identifiers import (
    bank_account_problem,
    clean_number,
    kbli_problem,
    nib_problem,
    nik_problem,
    nik_warning,
    npwp_problem,
    whatsapp_url,
)
from .members import BUYER_ROLES, LEADING, OFFICE_ROLES, SELLER_ROLES, leading_role, roles_in
from .outlets import KIND_LABELS, area_warning, coordinates_problem, coordinates_warning, is_open_on
from .sizes import SIZE_LABELS, SizeClass, Thresholds, size_class
from .verification import (
    STATE_LABELS,
    STATE_TONES,
    SellerState,
    doubt_no_nik,
    is_coached_on,
    is_verified_on,
    state_on,
    twin_doubts,
)

__all__ = [
    "BUYER_ROLES",
    "KIND_LABELS",
    "LEADING",
    "OFFICE_ROLES",
    "SELLER_ROLES",
    "SIZE_LABELS",
    "STATE_LABELS",
    "STATE_TONES",
    "SellerState",
    "SizeClass",
    "Thresholds",
    "area_warning",
    "bank_account_problem",
    "clean_number",
    "coordinates_problem",
    "coordinates_warning",
    "doubt_no_nik",
    "is_coached_on",
    "is_open_on",
    "is_verified_on",
    "kbli_problem",
    "leading_role",
    "nib_problem",
    "nik_problem",
    "nik_warning",
    "npwp_problem",
    "roles_in",
    "size_class",
    "state_on",
    "twin_doubts",
    "whatsapp_url",
]
