"""Talking about terms: a counter-offer, a change, two versions side by side, the written paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...catalog import queries as catalog
from ...documents import Verified
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...marks import time_moment
from ...permissions import Permission, current_actor, protected
from .. import queries, services
from ..documents.agreement_pdf import draft_pdf
from ..forms import TermsForm, defaults, filled_from, price_defaults, take_refusals, with_prices
from ..queries import AgreementPage
from ..queries.agreement_papers import file_of_paper, hash_of, later_paper, paper_to_verify
from ..queries.talks import VersionRow, goods_compared
from ..rules import ONE_DAY, Verb
from ..services.agreement_papers import paper_file
from ..wording import compared, term_lines
from .agreements import ID, blueprint, done, load
from .steps import walk, wrong_step

YEAR_DAYS = 365


@blueprint.route(f"/<{ID}:agreement_id>/counter", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_PROPOSE)
def counter(agreement_id: int) -> str | Response:
    """Answer the version on the table with other terms."""
    page = load(agreement_id)
    if page.waiting is None or (Verb.COUNTER not in page.verbs and request.method == "GET"):
        return redirect(url_for(".agreement", agreement_id=agreement_id))
    base = page.waiting

    def act(form: TermsForm) -> None:
        services.counter_agreement(
            actor=current_actor(), agreement_id=agreement_id, version_id=_read_version(), draft=form.draft()
        )

    known = {**filled_from(base.terms), "reply_by": defaults(clock.today())["reply_by"]}
    if page.is_change:
        known["valid_from"] = max(base.terms.valid_from, clock.today())
    return _talk(page, base, known, act, "counter", _("Tawaran balik terkirim."))


@blueprint.route(f"/<{ID}:agreement_id>/change", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_PROPOSE)
def change(agreement_id: int) -> str | Response:
    """Propose other terms for a running agreement; ?renew=1 proposes a later last day."""
    page = load(agreement_id)
    if Verb.CHANGE not in page.verbs and request.method == "GET":
        return redirect(url_for(".agreement", agreement_id=agreement_id))
    base = page.shown

    def act(form: TermsForm) -> None:
        services.propose_change(actor=current_actor(), agreement_id=agreement_id, draft=form.draft())

    return _talk(page, base, _changed(base), act, "change", _("Usulan perubahan terkirim."))


def _changed(base: VersionRow) -> dict[str, Any]:
    """What stands in the form of a change at first: the terms of today, for a renewal a year longer."""
    today, terms = clock.today(), base.terms
    notice = max(today, terms.valid_from)
    known = {
        **filled_from(terms),
        "reply_by": defaults(today)["reply_by"],
        "valid_from": notice,
    }
    if request.args.get("renew") and terms.ends_on:
        known["valid_from"] = max(notice, terms.ends_on + ONE_DAY)
        known["ends_on"] = terms.ends_on + timedelta(days=YEAR_DAYS)
    return known


def _read_version() -> int:
    text = request.form.get("version_id", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def _talk(
    page: AgreementPage,
    base: VersionRow,
    known: dict[str, Any],
    act: Callable[[TermsForm], None],
    kind: str,
    sentence: str,
) -> str | Response:
    """The form over the terms that are known; then the act."""
    cards = _cards(page, base)
    form_class = with_prices(TermsForm, list(cards))
    prices = {good.product_id: good.price for good in base.goods}
    known |= price_defaults(prices, queries.catalogue_prices(list(cards)))
    known["product_ids"] = [good.product_id for good in base.goods] or list(cards)
    form = form_class() if request.method == "POST" else form_class(data=known)
    form.product_ids.offer({card.id: card.name for card in cards.values()})
    step, is_ready = walk(form)
    if is_ready:
        try:
            act(form)
            return done(page.agreement.id, sentence)
        except InvalidInput as error:
            take_refusals(form, error.fields or {"": error.message})
        except (RuleBroken, Conflict) as error:
            form.form_errors.append(error.message)
        step = wrong_step(form)
    return render_template(
        "placements/terms.html", page=page, base=base, form=form, step=step, cards=cards, kind=kind
    )


def _cards(page: AgreementPage, base: VersionRow) -> dict[int, Any]:
    """The products to choose from: those of the annex, and what the seller shows today."""
    choice = queries.seller_choice(page.seller.id)
    named = catalog.cards([good.product_id for good in base.goods])
    return {card.id: card for card in [*named, *(choice.products if choice else [])]}


@blueprint.get(f"/<{ID}:agreement_id>/compare")
@protected(Permission.AGREEMENT_VIEW)
def compare(agreement_id: int) -> str:
    """Two versions side by side, what differs marked: by default the one on the table and the one before."""
    page = load(agreement_id)
    one, other = _chosen(page)
    return render_template(
        "placements/compare.html",
        page=page,
        one=one,
        other=other,
        pairs=compared(one.terms, other.terms),
        goods=goods_compared(one.goods, other.goods),
    )


def _chosen(page: AgreementPage) -> tuple[VersionRow, VersionRow]:
    numbers = {row.number: row for row in page.versions}
    other = numbers.get(request.args.get("b", 0, int)) or page.waiting or page.versions[0]
    before = next((row for row in page.versions if row.number < other.number), other)
    if page.is_change and other.is_waiting and page.current is not None:
        before = page.current
    return numbers.get(request.args.get("a", 0, int)) or before, other


@blueprint.get(f"/<{ID}:agreement_id>/versions/<{ID}:number>")
@protected(Permission.AGREEMENT_VIEW)
def version(agreement_id: int, number: int) -> str:
    """One version whole, as it was proposed or agreed."""
    page = load(agreement_id)
    row = _version(page, number)
    return render_template("placements/version.html", page=page, row=row, lines=term_lines(row.terms))


def _version(page: AgreementPage, number: int) -> VersionRow:
    row = next((row for row in page.versions if row.number == number), None)
    if row is None:
        raise NotFound(_("Versi ini tidak ada."))
    return row


@blueprint.get(f"/<{ID}:agreement_id>/versions/<{ID}:number>.pdf")
@protected(Permission.AGREEMENT_VIEW)
def paper(agreement_id: int, number: int) -> FlaskResponse:
    """The written agreement of a version; before both accepted, a draft without a number."""
    page = load(agreement_id)
    row = _version(page, number)
    body = paper_file(row.id) if row.paper_number else draft_pdf(row.version)
    name = (row.paper_number or f"konsep-{page.agreement.agreement_ref}").replace("/", "-")
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def verified(code: str) -> Verified | None:
    """The written agreement of a code, for the public page: who agreed, when, and the hashes; no terms."""
    found = paper_to_verify(code)
    if found is None:
        return None
    row, version, agreement = found
    content = row.content
    later, file = later_paper(version), file_of_paper(row.version_id)
    notes = []
    if later:
        notes.append(("grace", _("Sudah diperbarui dengan %(number)s.", number=later[0])))
    if agreement.terminated_on:
        notes.append(("grace", _("Diakhiri mulai %(day)s.", day=format_day(agreement.terminated_on))))
    return Verified(
        heading=_("Perjanjian ini asli"),
        lead=_(
            "%(first)s dan %(second)s menyetujuinya di Etalase.",
            first=content["first"]["outlet"],
            second=content["second"]["name"],
        ),
        facts=[
            (_("Nomor"), row.number),
            (_("Pihak Pertama"), f"{content['first']['name']}, {content['first']['outlet']}"),
            (_("Pihak Kedua"), content["second"]["name"]),
            (_("Disetujui keduanya"), time_moment(row.issued_at)),
            (_("Barang di lampiran"), len(content["goods"])),
            (_("Sidik isi (SHA-256)"), row.content_hash),
            (_("Sidik berkas PDF (SHA-256)"), file.file_hash if file else None),
        ],
        is_whole=hash_of(content) == row.content_hash,
        notes=notes,
    )
