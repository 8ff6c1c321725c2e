"""Decisions of the ledger over plain values: what may be written, and what follows from it."""

from __future__ import annotations

from .movements import (
    MAX_ON_HAND,
    MAX_QUANTITY,
    MAX_RUPIAH,
    Movement,
    Part,
    Posted,
    Posting,
    Refusal,
    RefusalCode,
    Reversal,
    Taking,
    check_movement,
    derived_ref,
    is_same_movement,
    is_same_reversal,
    is_storable,
    refuse,
)
from .parts import part_of, reversal_of
from .sentences import error_of, sentence_of
from .shelf import LotState, Shelf, Spells, Track, allocate, allocate_sale, spells_from

__all__ = [
    "MAX_ON_HAND",
    "MAX_QUANTITY",
    "MAX_RUPIAH",
    "LotState",
    "Movement",
    "Part",
    "Posted",
    "Posting",
    "Refusal",
    "RefusalCode",
    "Reversal",
    "Shelf",
    "Spells",
    "Taking",
    "Track",
    "allocate",
    "allocate_sale",
    "check_movement",
    "derived_ref",
    "error_of",
    "is_same_movement",
    "is_same_reversal",
    "is_storable",
    "part_of",
    "refuse",
    "reversal_of",
    "sentence_of",
    "spells_from",
]
