"""Standing orders: on which days, at which prices, and why a day brings no order."""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...i18n import N_, _, format_day, format_number
from ...money import format_rupiah
from ..models import PaymentPlan, RunOutcome, ShippingKind, StandingCycle, StandingState
from .buying import Offer, Trouble, wrong_with
from .drafts import LineDraft

GRACE_DAYS = 2
"""A worker that was away so long still orders for the day; for earlier days it notes that it did not."""
ANSWER_DAYS = 7
"""So long after its day the buyer may still say yes to what waits for it."""
MAX_AHEAD, MAX_WINDOW, MAX_YEARS = 90, 31, 2

CYCLE_WORDS = {
    StandingCycle.WEEKLY: N_("Setiap minggu"),
    StandingCycle.TWO_WEEKLY: N_("Setiap dua minggu"),
    StandingCycle.MONTHLY: N_("Setiap bulan"),
}
STANDING_WORDS = {
    StandingState.ACTIVE: N_("Berjalan"),
    StandingState.PAUSED: N_("Dijeda"),
    StandingState.ENDED: N_("Berakhir"),
}
OUTCOME_WORDS = {
    RunOutcome.ORDERED: N_("Dipesan"),
    RunOutcome.WAITING: N_("Menunggu persetujuan harga"),
    RunOutcome.FAILED: N_("Tidak dipesan"),
    RunOutcome.SKIPPED: N_("Dilewati"),
    RunOutcome.MISSED: N_("Terlewat"),
}


@dataclass(frozen=True, slots=True)
class StandingDraft:
    """What is to be ordered again and again, as the buyer writes it. `seen_price_rupiah` is agreed to."""

    client_key: str
    seller_id: int
    outlet_id: int
    lines: Sequence[LineDraft]
    cycle: StandingCycle
    first_on: date
    last_on: date | None
    shipping_kind: ShippingKind
    payment_plan: PaymentPlan
    ahead_days: int = 3
    window_days: int = 2
    max_rise_percent: int = 10
    note: str = ""


# --- days --------------------------------------------------------------------------------------------------


def cycle_days(cycle: StandingCycle, first: date) -> Iterator[date]:
    """Its days from the first on, without end. A month too short for the day has it on its last."""
    for turn in itertools.count():
        if cycle is StandingCycle.MONTHLY:
            month = first.month - 1 + turn
            year, month = first.year + month // 12, month % 12 + 1
            yield date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
        else:
            yield first + timedelta(days=(7 if cycle is StandingCycle.WEEKLY else 14) * turn)


def days_ahead(cycle: StandingCycle, first: date, last: date | None, day: date, count: int) -> list[date]:
    """The next days from a day on, as many as there are."""
    following = itertools.dropwhile(lambda found: found < day, cycle_days(cycle, first))
    return [found for found in itertools.islice(following, count) if last is None or found <= last]


def wrong_standing(draft: StandingDraft, today: date) -> dict[str, str]:
    """A sentence for each field of days and numbers that cannot be."""
    wrong = {}
    if draft.first_on < today:
        wrong["first_on"] = _("Paling awal %(day)s.", day=format_day(today))
    elif draft.first_on > today + timedelta(days=366):
        wrong["first_on"] = _("Paling jauh setahun ke depan.")
    if draft.last_on is not None and draft.last_on < draft.first_on:
        wrong["last_on"] = _("Tulis hari yang sama atau sesudah %(day)s.", day=format_day(draft.first_on))
    elif draft.last_on is not None and draft.last_on > today + timedelta(days=366 * MAX_YEARS):
        wrong["last_on"] = _("Paling jauh dua tahun ke depan; atau kosongkan.")
    numbers = {
        "ahead_days": (draft.ahead_days, MAX_AHEAD),
        "window_days": (draft.window_days, MAX_WINDOW),
        "max_rise_percent": (draft.max_rise_percent, 100),
    }
    for name, (number, most) in numbers.items():
        if not 0 <= number <= most:
            wrong[name] = _("Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(most))
    return wrong


# --- prices and goods --------------------------------------------------------------------------------------


def is_over_bound(agreed_rupiah: int, now_rupiah: int, max_rise_percent: int) -> bool:
    """Whether a price rose further than the buyer lets it without being asked."""
    return now_rupiah * 100 > agreed_rupiah * (100 + max_rise_percent)


def rise_sentence(name: str, agreed_rupiah: int, now_rupiah: int, max_rise_percent: int) -> str:
    """Why the buyer is asked."""
    return _(
        "%(name)s naik dari %(agreed)s menjadi %(now)s, lebih dari %(most)s%%.",
        name=name,
        agreed=format_rupiah(agreed_rupiah),
        now=format_rupiah(now_rupiah),
        most=max_rise_percent,
    )


def why_not(name: str, offer: Offer | None, quantity: int, today: date) -> str:
    """Why so many units cannot be ordered today, as a note that both read; empty when they can."""
    wrong = wrong_with(offer, quantity, today) if offer else None
    if offer is not None and wrong is None:
        return ""
    if offer is None or wrong is None or not offer.is_sold:
        return _("%(name)s sedang tidak dijual.", name=name)
    numbers = {
        "name": name,
        "asked": format_number(quantity),
        "least": format_number(offer.least),
        "step": format_number(offer.multiple),
        "left": format_number(max(0, offer.ready or 0)),
    }
    if wrong.trouble is Trouble.TOO_FEW:
        return _("%(name)s: pesanan paling sedikit kini %(least)s, diminta %(asked)s.", **numbers)
    if wrong.trouble is Trouble.NOT_A_MULTIPLE:
        return _("%(name)s kini dijual per %(step)s, diminta %(asked)s.", **numbers)
    if wrong.trouble is Trouble.SOLD_OUT:
        return _("%(name)s: stok tinggal %(left)s, diminta %(asked)s.", **numbers)
    return f"{name}: {wrong.sentence}"
