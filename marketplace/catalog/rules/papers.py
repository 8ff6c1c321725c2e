"""Decisions about certificates over plain values: numbers by kind, dates, what may be verified, reminders.

Sources: domain.md 3.4 to 3.7. What is odd warns; refused is only what cannot be: an import number for a
product of one's own, a number of one food for a whole business, dates that contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ...i18n import N_, _, format_day
from .checks import Check, fine, odd, refused
from .identifiers import (
    IMPORTED,
    MAX_NUMBER_LENGTH,
    check_bpom,
    check_halal,
    check_pirt,
    pirt_parts,
    write_pirt,
)

REMINDER_DAYS = (28, 14, 0, -28)
"""Days before the last day of a certificate on which its seller is reminded; after it: negative."""
LATE_DAYS = 14
"""A reminder that was missed (no worker ran) is still sent within so many days."""
ONE_PRODUCT = ("pirt", "bpom")
"""Kinds whose number belongs to one product, never to a whole business."""
DATED = ("pirt", "bpom")
"""Kinds that always end; a halal certificate has no last day while recipe and process stay as they are."""
COLUMNS = {"pirt": "pirt_number", "halal": "halal_number", "bpom": "bpom_number"}
"""Kinds whose number also stands on the product, under the name that the exchange files use."""
FIRST_ISSUE = date(1970, 1, 1)
LAST_END = date(2100, 1, 1)

_SNI = re.compile(
    r"SNI((?: (?:ISO|IEC|CAC|CODEX|ASTM))*)((?: ?/ ?(?:ISO|IEC))*) ?(\d[\d.\-]*)([:\-])(\d{4})", re.ASCII
)

READY_REASONS = {
    "unreadable": N_("Foto atau PDF tidak terbaca. Foto lagi seluruh lembar di tempat terang."),
    "number": N_("Nomor tidak sama dengan yang tertulis di sertifikat. Periksa angka demi angka."),
    "dates": N_("Tanggal tidak sama dengan yang tertulis di sertifikat."),
    "holder": N_("Nama pemilik di sertifikat bukan nama usaha Anda. Hubungi Dinas bila memang milik Anda."),
    "product": N_("Sertifikat ini bukan untuk produk itu."),
    "expired": N_("Sertifikat ini sudah habis masa berlakunya. Unggah yang baru."),
    "mui": N_("Ini nomor ketetapan MUI. Yang dibutuhkan nomor sertifikat BPJPH, diawali ID."),
}
"""What officers say most when they reject a certificate."""


@dataclass(frozen=True)
class Paper:
    """What is written about a certificate, as the rules need it."""

    kind: str
    name: str
    number: str
    issued_on: date | None
    expires_on: date | None
    is_for_product: bool
    has_file: bool = True


def check_sni(text: str | None) -> Check:
    """An SNI number: 'SNI 01-2886-2000' or the newer 'SNI 2886:2015'."""
    typed = " ".join((text or "").split())
    if not typed:
        return fine(None)
    bare = typed.upper() if typed.upper().startswith("SNI") else f"SNI {typed.upper()}"
    found = _SNI.fullmatch(bare)
    if found is None or not 1970 <= int(found[5]) <= 2100:
        return odd(typed, _("Nomor SNI biasanya seperti SNI 2886:2015 atau SNI 01-2886-2000. Periksa lagi."))
    return fine(f"SNI{found[1]}{found[2].replace(' ', '')} {found[3]}{found[4]}{found[5]}")


def check_number(kind: str, text: str | None, day: date) -> Check:
    """A number by the kind of its paper; ML, TI and SI are refused, for they are of imported goods."""
    typed = " ".join((text or "").split())
    if not typed:
        return refused("", _("Tulis nomornya seperti di sertifikat."))
    if len(typed) > MAX_NUMBER_LENGTH:
        return refused(typed, _("Nomor paling panjang %(most)d huruf.", most=MAX_NUMBER_LENGTH))
    if kind == "pirt":
        return check_pirt(typed, day)
    if kind == "halal":
        return check_halal(typed)
    if kind == "sni":
        return check_sni(typed)
    if kind == "bpom":
        check = check_bpom(typed)
        return refused(typed, check.sentence) if is_imported(kind, check.value) else check
    return fine(typed)


def is_imported(kind: str, number: str | None) -> bool:
    """Whether a BPOM number says that the product comes from abroad."""
    return kind == "bpom" and (number or "").strip().upper()[:2] in IMPORTED


def last_day(kind: str, number: str, expires_on: date | None) -> date | None:
    """The last day written on the paper; for P-IRT without one, the end of the year that its number names."""
    if expires_on is None and kind == "pirt":
        parts = pirt_parts(number)
        if parts is not None and parts.expires_year is not None:
            return date(parts.expires_year, 12, 31)
    return expires_on


def problems(paper: Paper, day: date) -> dict[str, str]:
    """What keeps a certificate from being handed in: a sentence for each field."""
    found: dict[str, str] = {}
    number = check_number(paper.kind, paper.number, day)
    if not number.ok:
        found["number"] = number.sentence
    if paper.kind == "other" and not paper.name:
        found["name"] = _("Tulis nama sertifikatnya, misalnya Sertifikat laik higiene.")
    if paper.kind in ONE_PRODUCT and not paper.is_for_product:
        found["product_id"] = _("Nomor ini berlaku untuk satu produk saja. Pilih produknya.")
    if paper.issued_on and not FIRST_ISSUE <= paper.issued_on <= day:
        found["issued_on"] = _("Tanggal terbit paling lambat hari ini. Periksa tahunnya.")
    if paper.expires_on is None and paper.kind in DATED:
        found["expires_on"] = _("Tulis tanggal habis berlakunya; lihat di sertifikat.")
    elif paper.expires_on and paper.expires_on < day:
        found["expires_on"] = _("Sertifikat ini sudah habis. Unggah yang baru setelah diperpanjang.")
    elif paper.expires_on and paper.expires_on > LAST_END:
        found["expires_on"] = _("Periksa tahunnya.")
    if not paper.has_file:
        found["file"] = _("Tambahkan foto atau PDF sertifikatnya.")
    return found


def doubts(paper: Paper, day: date) -> list[str]:
    """What looks odd in a certificate: shown to its seller and to the officer, never a refusal."""
    number = check_number(paper.kind, paper.number, day)
    said = [number.sentence] if number.warning else []
    parts = pirt_parts(paper.number) if paper.kind == "pirt" else None
    if parts and parts.expires_year and paper.expires_on and parts.expires_year != paper.expires_on.year:
        said.append(
            _(
                "Menurut nomornya P-IRT ini habis tahun %(year)d, tetapi yang ditulis %(day)s.",
                year=parts.expires_year,
                day=format_day(paper.expires_on),
            )
        )
    digits = paper.number if paper.kind == "halal" and len(paper.number) == 19 else ""
    if digits and paper.issued_on and digits[-4:] != f"{paper.issued_on:%m%y}":
        said.append(_("Empat angka terakhir nomor halal biasanya bulan dan tahun terbit; ini berbeda."))
    return said


def is_in_date(issued_on: date | None, expires_on: date | None, day: date) -> bool:
    """Whether a certificate holds on a day; its last day counts."""
    return (issued_on is None or issued_on <= day) and (expires_on is None or day <= expires_on)


def due_reminder(expires_on: date, day: date, sent: frozenset[int]) -> tuple[int, ...]:
    """The steps that are settled by a reminder on this day, the one that is told first; () when none is due.

    When no worker ran for a while the steps before are settled with it, so that nobody is told twice in
    one night; a step that is missed by more than LATE_DAYS is settled without a word by the next one.
    """
    left = (expires_on - day).days
    reached = [step for step in REMINDER_DAYS if left <= step]
    if not reached or reached[-1] in sent or left < reached[-1] - LATE_DAYS:
        return ()
    return (reached[-1], *(step for step in reached[:-1] if step not in sent))


def first_reminder_window(day: date) -> tuple[date, date]:
    """Between which last days certificates may be due for a reminder on a day."""
    return day + timedelta(REMINDER_DAYS[-1] - LATE_DAYS), day + timedelta(REMINDER_DAYS[0])


@dataclass(frozen=True)
class Held:
    """A certificate as the badges need it. `product_id` None: it stands for the whole business."""

    id: int
    kind: str
    name: str
    number: str
    issued_on: date | None
    expires_on: date | None
    state: str
    product_id: int | None


@dataclass(frozen=True)
class Badge:
    """A paper that the office has verified and that holds on the day. `label` is in the reader's words."""

    kind: str
    label: str
    number: str
    expires_on: date | None


@dataclass(frozen=True)
class PaperLine:
    """A paper on a product's page. `state`: valid, unchecked (typed, not yet seen by the office), expired."""

    kind: str
    label: str
    number: str
    state: str
    expires_on: date | None

    @property
    def written(self) -> str:
        """The number as it stands on the paper."""
        return written(self.kind, self.number)


KIND_LABELS = {
    "halal": N_("Halal"),
    "pirt": "P-IRT",
    "bpom": "BPOM",
    "sni": "SNI",
    "trademark": N_("Merek terdaftar"),
    "other": N_("Lainnya"),
}
"""What a badge says."""


def label(kind: str, name: str = "") -> str:
    """What a paper is called; another one by its own name."""
    return name if kind == "other" and name else str(KIND_LABELS[kind])


def lines(numbers: Mapping[str, str | None], certificates: Iterable[Held], day: date) -> list[PaperLine]:
    """What a product can show of each kind of paper on a day, at most one line for a kind.

    `numbers` are those that stand on the product itself, by kind: where no certificate speaks of one, the
    office has put it in, and it counts as verified. Verified and in date goes before waiting, waiting
    before expired.
    """
    held = [one for one in certificates if one.state in ("verified", "waiting", "rejected", "withdrawn")]
    found: dict[tuple[str, str], PaperLine] = {}
    for one in sorted(held, key=lambda one: (one.expires_on or LAST_END, one.id)):
        state = _state(one, day)
        if state:
            line = PaperLine(one.kind, label(one.kind, one.name), one.number, state, one.expires_on)
            _keep_best(found, (one.kind, one.name), line)
    spoken_of = {(one.kind, one.number) for one in held}
    for kind, number in numbers.items():
        if number and (kind, number) not in spoken_of and not is_imported(kind, number):
            until = last_day(kind, number, None)
            state = "valid" if until is None or day <= until else "expired"
            _keep_best(found, (kind, ""), PaperLine(kind, label(kind), number, state, until))
    order = list(KIND_LABELS)
    return sorted(found.values(), key=lambda line: order.index(line.kind))


def _state(one: Held, day: date) -> str:
    if one.state == "waiting":
        return "unchecked"
    if one.state != "verified":
        return ""
    if is_in_date(one.issued_on, one.expires_on, day):
        return "valid"
    return "expired" if one.expires_on is not None and one.expires_on < day else ""


def _keep_best(found: dict[tuple[str, str], PaperLine], key: tuple[str, str], line: PaperLine) -> None:
    order = ("expired", "unchecked", "valid")
    best = found.get(key)
    if best is None or order.index(line.state) >= order.index(best.state):
        found[key] = line


def badges(numbers: Mapping[str, str | None], certificates: Iterable[Held], day: date) -> list[Badge]:
    """What a product may carry as a badge on a day."""
    return [
        Badge(line.kind, line.label, line.number, line.expires_on)
        for line in lines(numbers, certificates, day)
        if line.state == "valid"
    ]


def spoken(kind: str, name: str, number: str) -> str:
    """A paper in words: 'P-IRT 2063372010123-28', 'SNI 2886:2015'."""
    called, digits = label(kind, name), written(kind, number)
    return digits if digits.startswith(f"{called} ") else f"{called} {digits}".strip()


def written(kind: str, number: str) -> str:
    """A number as it stands on the paper."""
    return write_pirt(number) if kind == "pirt" else number
