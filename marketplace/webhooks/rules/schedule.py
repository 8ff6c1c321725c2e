"""When an event is tried again, when its address rests, and when nothing more is sent there."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from ...i18n import N_

WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=12),
)
"""How long after a failed try the next one comes; after the last the event is given up."""
MAX_TRIES = len(WAITS) + 1
MAX_REST = timedelta(minutes=10)
QUICK = timedelta(seconds=2)
OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation still signs."""
KEEP = timedelta(days=30)
"""How long what was sent can be looked up."""


class Outcome(StrEnum):
    """What came of one try."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    GONE = "gone"
    REDIRECT = "redirect"
    TIMEOUT = "timeout"
    NO_CONNECTION = "no_connection"
    NO_ADDRESS = "no_address"
    CLOSED_ADDRESS = "closed_address"
    TLS = "tls"
    BAD_ANSWER = "bad_answer"
    CRASHED = "crashed"


OUTCOME_WORDS = {
    Outcome.DELIVERED: N_("Diterima"),
    Outcome.REFUSED: N_("Ditolak program"),
    Outcome.GONE: N_("Program berhenti berlangganan"),
    Outcome.REDIRECT: N_("Dialihkan ke alamat lain, tidak diikuti"),
    Outcome.TIMEOUT: N_("Tidak menjawab tepat waktu"),
    Outcome.NO_CONNECTION: N_("Tidak tersambung"),
    Outcome.NO_ADDRESS: N_("Nama server tidak ditemukan"),
    Outcome.CLOSED_ADDRESS: N_("Alamatnya bukan di internet umum"),
    Outcome.TLS: N_("Sertifikat https tidak sah"),
    Outcome.BAD_ANSWER: N_("Jawabannya bukan HTTP"),
    Outcome.CRASHED: N_("Terputus di pihak kami"),
}


class StopReason(StrEnum):
    """Why nothing is sent to an address."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"


STOP_WORDS = {
    StopReason.BY_HAND: N_("Dimatikan dengan tangan"),
    StopReason.FAILING: N_("Dimatikan karena lebih dari sehari tidak ada kabar yang sampai"),
    StopReason.GONE: N_("Dimatikan karena program menjawab 410"),
}


def next_wait(tries: int) -> timedelta | None:
    """How long to wait after `tries` failed tries of an event; None when it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def rest(failures: int) -> timedelta:
    """How long an address is left alone after so many failures in a row, whatever else waits for it."""
    return min(timedelta(seconds=5 * 2 ** min(failures - 1, 10)), MAX_REST)


def slow_rest(took: timedelta) -> timedelta | None:
    """How long an address that took an event slowly is left alone, so that it costs the others little."""
    return 10 * (took - QUICK) if took > QUICK else None


def stop_reason(
    outcome: Outcome, *, is_given_up: bool, first_try_at: datetime, failing_since: datetime
) -> StopReason | None:
    """Why an address is switched off after a failed try; None while it stays on.

    Off when it says 410 Gone, or when an event used up all its tries and nothing else arrived meanwhile.
    """
    if outcome is Outcome.GONE:
        return StopReason.GONE
    if is_given_up and failing_since <= first_try_at:
        return StopReason.FAILING
    return None


def outcome_of(status: int) -> Outcome:
    """What a status says: 2xx took it, 410 wants no more, a redirect is not followed."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    return Outcome.REDIRECT if 300 <= status < 400 else Outcome.REFUSED
