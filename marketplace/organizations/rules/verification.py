"""Whether a seller is a verified MSME on a day, and what its registration looks like to people."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from ...i18n import N_, _


class SellerState(StrEnum):
    """Where a seller's registration stands on a day."""

    VERIFIED = "verified"
    WAITING = "waiting"
    UNVERIFIED = "unverified"
    REJECTED = "rejected"
    REVOKED = "revoked"
    CLOSED = "closed"
    MERGED = "merged"


STATE_LABELS = {
    SellerState.VERIFIED: N_("Terverifikasi"),
    SellerState.WAITING: N_("Menunggu verifikasi"),
    SellerState.UNVERIFIED: N_("Belum diajukan"),
    SellerState.REJECTED: N_("Perlu diperbaiki"),
    SellerState.REVOKED: N_("Verifikasi dicabut"),
    SellerState.CLOSED: N_("Tutup"),
    SellerState.MERGED: N_("Digabung"),
}
STATE_TONES = {
    SellerState.VERIFIED: "ok",
    SellerState.WAITING: "grace",
    SellerState.UNVERIFIED: "na",
    SellerState.REJECTED: "short",
    SellerState.REVOKED: "short",
    SellerState.CLOSED: "na",
    SellerState.MERGED: "na",
}


def is_verified_on(
    day: date, *, verified_on: date | None, revoked_on: date | None, closed_on: date | None
) -> bool:
    """Whether a seller counts as verified on a day: revocation and closing count from their own day on."""
    return (
        verified_on is not None
        and verified_on <= day
        and (revoked_on is None or day < revoked_on)
        and (closed_on is None or day < closed_on)
    )


def state_on(
    day: date,
    *,
    verified_on: date | None,
    revoked_on: date | None,
    closed_on: date | None,
    is_waiting: bool = False,
    was_rejected: bool = False,
    is_merged: bool = False,
) -> SellerState:
    """The one word for a seller's registration on a day; what ends it wins over what waits."""
    if is_merged:
        return SellerState.MERGED
    if closed_on is not None and closed_on <= day:
        return SellerState.CLOSED
    if is_verified_on(day, verified_on=verified_on, revoked_on=revoked_on, closed_on=closed_on):
        return SellerState.VERIFIED
    if is_waiting:
        return SellerState.WAITING
    if revoked_on is not None and revoked_on <= day:
        return SellerState.REVOKED
    return SellerState.REJECTED if was_rejected else SellerState.UNVERIFIED


def is_coached_on(day: date, coached_since: date | None, coached_until: date | None) -> bool:
    """Whether a seller is under coaching on a day; `coached_until` is the last day."""
    return (
        coached_since is not None and coached_since <= day and (coached_until is None or day <= coached_until)
    )


def doubt_no_nik() -> str:
    """What to check of a seller without a NIK."""
    return _("NIK pemilik belum ada. Minta KTP sebelum menyetujui.")


def twin_doubts(same_owner: int, same_phone: int) -> list[str]:
    """What to check where other records share the owner or the phone."""
    doubts = []
    if same_owner:
        doubts.append(
            _("NIK pemilik sama dengan %(count)s usaha lain. Bisa jadi usaha yang sama.", count=same_owner)
        )
    if same_phone:
        doubts.append(_("Nomor HP sama dengan %(count)s usaha lain.", count=same_phone))
    return doubts
