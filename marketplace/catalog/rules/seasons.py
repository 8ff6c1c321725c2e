"""Months in which a product is made: from one to another, over the new year too."""

from __future__ import annotations

from ...i18n import _


def is_in_season(season_from: int | None, season_to: int | None, month: int) -> bool:
    """Whether it is made in a month; what has no season is always made."""
    if season_from is None or season_to is None:
        return True
    if season_from <= season_to:
        return season_from <= month <= season_to
    return month >= season_from or month <= season_to


def check_season(season_from: int | None, season_to: int | None) -> dict[str, str]:
    """A sentence where one of the two months is missing."""
    if season_from is not None and season_to is None:
        return {"season_to": _("Pilih juga bulan terakhirnya.")}
    if season_to is not None and season_from is None:
        return {"season_from": _("Pilih juga bulan pertamanya.")}
    return {}
