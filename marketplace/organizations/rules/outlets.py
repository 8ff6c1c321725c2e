"""Outlets: kind against floor area, opening days, coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ...i18n import N_, _, format_number
from ..models import OutletKind

KIND_LABELS = {
    OutletKind.MINIMARKET: N_("Minimarket"),
    OutletKind.SUPERMARKET: N_("Supermarket"),
    OutletKind.HYPERMARKET: N_("Hypermarket"),
    OutletKind.DEPARTMENT_STORE: N_("Department store"),
    OutletKind.WHOLESALE: N_("Perkulakan"),
    OutletKind.HOTEL: N_("Hotel"),
    OutletKind.SOUVENIR_CENTRE: N_("Pusat oleh-oleh"),
}
NORTH, SOUTH, WEST, EAST = Decimal("6.5"), Decimal("-11.5"), Decimal("94.5"), Decimal("141.5")
"""A box around Indonesia; outside it a pair of coordinates is odd, not wrong."""


def is_open_on(day: date, opened_on: date, closed_on: date | None) -> bool:
    """Whether an outlet is open on a day; closed_on is the first day it is not."""
    return opened_on <= day and (closed_on is None or day < closed_on)


def area_warning(kind: str, floor_area_m2: Decimal | None, limits: Mapping[str, int]) -> str | None:
    """What is odd about a store's kind beside its sales floor (PP 29/2021 art. 86-87); None when nothing.

    `limits` are the legal numbers store.*.min_area_m2 and store.*.max_area_m2 in force.
    """
    if floor_area_m2 is None:
        return None
    smallest, largest = limits.get(f"store.{kind}.min_area_m2"), limits.get(f"store.{kind}.max_area_m2")
    label = str(KIND_LABELS[OutletKind(kind)])
    area = format_number(floor_area_m2, 0 if floor_area_m2 == int(floor_area_m2) else 2)
    if smallest is not None and floor_area_m2 < smallest:
        return _(
            "Luas %(area)s m² terlalu kecil untuk %(kind)s: paling sedikit %(limit)s m². Periksa jenisnya.",
            area=area,
            kind=label,
            limit=format_number(smallest),
        )
    if largest is not None and floor_area_m2 > largest:
        return _(
            "Luas %(area)s m² terlalu besar untuk %(kind)s: paling banyak %(limit)s m². Periksa jenisnya.",
            area=area,
            kind=label,
            limit=format_number(largest),
        )
    return None


def coordinates_problem(latitude: Decimal | None, longitude: Decimal | None) -> str | None:
    """Why a pair of coordinates cannot be a place on earth; None when it can."""
    if (latitude is None) != (longitude is None):
        return _("Isi lintang dan bujur, atau kosongkan keduanya.")
    if latitude is None or longitude is None:
        return None
    if abs(latitude) > 90 and abs(longitude) <= 90:
        return _("Lintang dan bujur tampaknya tertukar.")
    if abs(latitude) > 90:
        return _("Lintang harus antara -90 dan 90.")
    if abs(longitude) > 180:
        return _("Bujur harus antara -180 dan 180.")
    return None


def coordinates_warning(latitude: Decimal | None, longitude: Decimal | None) -> str | None:
    """What is odd about valid coordinates: they lie outside Indonesia."""
    if latitude is None or longitude is None:
        return None
    if SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST:
        return None
    return _("Titik ini di luar Indonesia. Periksa lintang dan bujurnya.")
