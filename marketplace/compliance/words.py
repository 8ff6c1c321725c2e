"""The judgement of one outlet in plain words: what counts, what does not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from ..i18n import _, format_day, format_number, ngettext
from ..organizations.rules import KIND_LABELS
from .queries.evidence import OutletEvidence, SellerEvidence, evidence_of
from .queries.places import Scope, place_on, region_names
from .rules import Binding, Reason, SellerFinding, Status, is_open


def explain(outlet_id: int, day: date, scope: Scope | None = None) -> list[str] | None:
    """The whole explanation as lines of text; None when there is no such outlet on that day."""
    place = place_on(day, scope or Scope(), outlet_id)
    if place is None:
        return None
    found = next(iter(evidence_of(day, [place])))
    return [*_head(found, day), "", *_rule(found), "", *_result(found, day), *_sellers(found, day)]


def blocks(lines: list[str]) -> list[str | list[str]]:
    """The explanation for a page: sentences, and lists of what began with '- ' (without the codes)."""
    found: list[str | list[str]] = []
    for line in filter(None, lines):
        if not line.startswith("- "):
            found.append(line)
            continue
        if not found or isinstance(found[-1], str):
            found.append([])
        cast("list[str]", found[-1]).append(line.removeprefix("- ").split(" [")[0])
    return found


def reason_sentence(reason: str, found: OutletEvidence, seller: SellerEvidence, day: date) -> str:
    """Why one seller does not count, with the dates or figures that decided it."""
    facts, shown, terms = seller.candidate.seller, seller.candidate.display, found.terms
    match Reason(reason):
        case Reason.NOT_IN_FORCE:
            return _("perjanjiannya tidak berlaku pada hari itu (%(days)s)", days=_days(seller))
        case Reason.BASIS_NOT_COUNTED:
            return _("aturan tidak menghitung cara jualnya")
        case Reason.NOT_VERIFIED if facts.verified_on is None or facts.verified_on > day:
            return _("belum diverifikasi Dinas pada hari itu")
        case Reason.NOT_VERIFIED if facts.closed_on is not None and facts.closed_on <= day:
            return _("usahanya tutup sejak %(day)s", day=format_day(facts.closed_on))
        case Reason.NOT_VERIFIED:
            return _("verifikasinya dicabut sejak %(day)s", day=format_day(facts.revoked_on or day))
        case Reason.NOT_MSME:
            return _("penjualan atau modalnya di atas batas usaha menengah")
        case Reason.AFFILIATED:
            return _("terafiliasi dengan pengelola toko, %(name)s", name=found.place.operator_name)
        case Reason.SAME_OWNER:
            return _("pemiliknya sama dengan UMKM lain yang sudah dihitung di toko ini")
        case Reason.PAPER_ONLY if shown.last_sale_on is not None:
            return _(
                "hanya di atas kertas: rak kosong, terjual terakhir %(day)s, di luar jendela %(window)d hari",
                day=format_day(shown.last_sale_on),
                window=terms.display_window_days,
            )
        case _reason:
            return _("hanya di atas kertas: tidak ada barang di rak dan tidak ada penjualan terbaru")


def _days(seller: SellerEvidence) -> str:
    latest = max(seller.agreements, key=lambda agreement: agreement.days.starts_on).days
    if latest.terminated_on is not None:
        return _("dihentikan mulai %(day)s", day=format_day(latest.terminated_on))
    if latest.ends_on is not None:
        return _("hari terakhir %(day)s", day=format_day(latest.ends_on))
    return _("ditangguhkan") if latest.suspensions else _("mulai %(day)s", day=format_day(latest.starts_on))


def _head(found: OutletEvidence, day: date) -> Iterator[str]:
    place = found.place
    kind = str(dict(KIND_LABELS).get(place.kind, place.kind))  # type: ignore[call-overload]
    name = region_names([place.region_code]).get(place.region_code, place.region_code)
    yield f"{place.name} ({place.outlet_ref})"
    yield f"{kind}, {place.operator_name}, {name}"
    yield _("Keadaan per %(day)s", day=format_day(day))
    if not is_open(found.finding.outlet, day):
        yield _("Toko ini tidak buka pada hari itu, jadi tidak masuk laporan.")


def _rule(found: OutletEvidence) -> Iterator[str]:
    rule = found.finding.rule
    if rule is None:
        yield _("Tidak ada aturan untuk wilayah dan jenis toko ini pada hari itu.")
        return
    binding = _("wajib") if rule.binding == Binding.MANDATORY else _("sasaran")
    yield _(
        "Aturan %(ref)s (%(binding)s): paling sedikit %(required)d UMKM.",
        ref=rule.regulation_ref,
        binding=binding,
        required=rule.min_sellers,
    )
    bases = [
        _("titip jual") if basis == "consignment" else _("beli putus")
        for basis in sorted(rule.terms.counted_bases)
    ]
    yield _(
        "Dihitung: %(bases)s; jendela pajang %(display)d hari, jendela beli putus %(outright)d hari, "
        "masa tenggang %(grace)d hari.",
        bases=", ".join(bases),
        display=rule.terms.display_window_days,
        outright=rule.terms.outright_window_days,
        grace=rule.grace_days,
    )


def _result(found: OutletEvidence, day: date) -> Iterator[str]:
    finding = found.finding
    counted = ngettext("%(num)d UMKM dihitung", "%(num)d UMKM dihitung", finding.counted)
    match finding.status:
        case Status.COMPLIANT:
            yield _("%(counted)s: memenuhi.", counted=counted)
        case Status.SHORT:
            yield _("%(counted)s: kurang %(missing)d.", counted=counted, missing=finding.shortfall or 0)
        case Status.IN_GRACE:
            open_days = (day - finding.outlet.opened_on).days
            yield _(
                "%(counted)s, kurang %(missing)d: dalam masa tenggang, buka baru %(days)s hari.",
                counted=counted,
                missing=finding.shortfall or 0,
                days=format_number(open_days),
            )
        case Status.NOT_APPLICABLE:
            yield _("%(counted)s dengan cara hitung baku.", counted=counted)


def _sellers(found: OutletEvidence, day: date) -> Iterator[str]:
    evidence = {seller.candidate.seller.seller_ref: seller for seller in found.sellers}
    for title, is_counted in ((_("Dihitung"), True), (_("Tidak dihitung"), False)):
        verdicts = [verdict for verdict in found.finding.sellers if verdict.is_counted == is_counted]
        if verdicts:
            yield ""
            yield f"{title} ({len(verdicts)})"
            yield from (_seller(verdict, evidence[verdict.seller_ref], found, day) for verdict in verdicts)


def _seller(verdict: SellerFinding, seller: SellerEvidence, found: OutletEvidence, day: date) -> str:
    if verdict.is_counted:
        why = _shown(seller, found, day)
    else:
        why = "; ".join(reason_sentence(reason, found, seller, day) for reason in verdict.reasons)
    codes = f" [{', '.join(verdict.reasons)}]" if verdict.reasons else ""
    return f"- {seller.name} ({verdict.seller_ref}): {why}{codes}"


def _shown(seller: SellerEvidence, found: OutletEvidence, day: date) -> str:
    shown = seller.candidate.display
    if shown.is_on_hand and any(agreement.days.basis == "consignment" for agreement in seller.agreements):
        return _("barangnya ada di rak")
    sold = shown.last_sale_on
    if sold is not None and (day - sold).days < found.terms.display_window_days:
        return _("terjual terakhir %(day)s", day=format_day(sold))
    return _("dikirim terakhir %(day)s", day=format_day(shown.last_delivery_on or day))
