"""How a difference between seller and store may be settled, and by whom: a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import Forbidden, InvalidInput, RuleBroken
from ...i18n import N_, _
from ...permissions import Permission
from ..models import DifferenceKind, DifferenceState, Outcome
from .acts import Side


@dataclass(frozen=True)
class Settling:
    """One line of the table: this outcome is said by this side (None: the office), who needs a permission."""

    outcome: Outcome
    side: Side | None
    permission: Permission
    label: object


SETTLINGS: tuple[Settling, ...] = (
    Settling(Outcome.SELLER_AGREES, Side.SELLER, Permission.DIFFERENCE_SETTLE, N_("Saya setuju dengan toko")),
    Settling(
        Outcome.STORE_CORRECTS, Side.OUTLET, Permission.DIFFERENCE_SETTLE, N_("Kami keliru, perbaiki catatan")
    ),
    Settling(Outcome.OFFICER_DECIDES, None, Permission.DIFFERENCE_DECIDE, N_("Putuskan")),
)
_BY_OUTCOME = {one.outcome: one for one in SETTLINGS}

DIFFERENCE_WORDS = {
    DifferenceKind.DELIVERY_SHORT: N_("Kurang saat diterima"),
    DifferenceKind.DELIVERY_DAMAGED: N_("Rusak saat diterima"),
    DifferenceKind.SALE_EXCESS: N_("Terjual melebihi catatan"),
    DifferenceKind.SETTLEMENT_LINE: N_("Baris penyelesaian"),
}
OUTCOME_WORDS = {
    Outcome.SELLER_AGREES: N_("Penjual setuju"),
    Outcome.STORE_CORRECTS: N_("Toko memperbaiki"),
    Outcome.OFFICER_DECIDES: N_("Diputuskan Dinas"),
}


def favoured(outcome: Outcome, favours: Side | None) -> Side:
    """The party whose view holds after it was settled so."""
    if outcome is Outcome.SELLER_AGREES:
        return Side.OUTLET
    if outcome is Outcome.STORE_CORRECTS:
        return Side.SELLER
    if favours is None:
        sentence = _("Pilih pihak yang dibenarkan.")
        raise InvalidInput(sentence, {"favours": sentence})
    return favours


def allowed_outcomes(
    state: str, side: Side | None, permissions: Iterable[Permission], *, is_office: bool
) -> list[Outcome]:
    """How somebody may settle it now: a party its own way, the office by deciding."""
    held = set(permissions)
    return [
        one.outcome
        for one in SETTLINGS
        if state == DifferenceState.OPEN
        and one.permission in held
        and (is_office if one.side is None else one.side is side)
    ]


def require_outcome(outcome: Outcome, state: str, side: Side | None, *, is_office: bool) -> Settling:
    """The line of the table that allows it. RuleBroken once settled, Forbidden for the other side."""
    one = _BY_OUTCOME[outcome]
    if state != DifferenceState.OPEN:
        raise RuleBroken(_("Selisih ini sudah diselesaikan."), code="difference_settled")
    if not (is_office if one.side is None else one.side is side):
        raise Forbidden(
            _("Ini bukan bagian Anda. Penjual boleh setuju, toko boleh memperbaiki, Dinas memutuskan.")
        )
    return one
