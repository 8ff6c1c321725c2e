"""Claims: the list, a page each with its photos, making one, and what seller and office say of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import table_response
from ...i18n import N_, _
from ...payments.views.proofs import proof_response
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...texts import one_line
from ...typed import read_id, read_whole
from ...web import Page, page_within
from ..models import ClaimKind, ClaimState, OrderClaim
from ..queries import claims as reads
from ..queries.claims import ClaimFilter, ClaimPage
from ..queries.order_page import OrderPage
from ..rules.claims import CLAIM_WORDS, KIND_WORDS, MAX_PHOTOS, ClaimVerb
from ..services import claims as services
from ..services.claims import ClaimDraft, no_claim
from .orders import ID, page_of

blueprint = Blueprint("claims", __name__)
COLUMNS = (
    "number", "state", "kind", "name", "quantity", "granted", "amount_rupiah", "seller_name",
    "operator_name", "made_at", "due_at",
)  # fmt: skip


@blueprint.get("/claims")
@protected(Permission.ORDER_VIEW)
def claims() -> str | Response:
    """The claims that the actor may see, what waits for the actor first; as a file with ?format=."""
    actor, state = current_actor(), request.args.get("state", "")
    asked = ClaimFilter(one_line(request.args.get("q"))[:200], state if state in set(ClaimState) else "")
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.claims_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"], COLUMNS, cells, "klaim", {"state": CLAIM_WORDS, "kind": KIND_WORDS}
        )
    counts = reads.count_claims(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "orders/claims.html",
        page=Page(reads.claims_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=CLAIM_WORDS,
        kinds=KIND_WORDS,
    )


@blueprint.get(f"/claims/<{ID}:claim_id>")
@protected(Permission.ORDER_VIEW)
def claim(claim_id: int) -> str:
    """One claim: what is wrong, with photos, what was said of it, and what can be done now."""
    return _render(_page(claim_id))


def _page(claim_id: int) -> ClaimPage:
    page = reads.claim_page(current_actor(), claim_id)
    if page is None:
        raise no_claim()
    return page


def _render(page: ClaimPage, errors: dict[str, str] | None = None, asked: str = "") -> str:
    return render_template(
        "orders/claim.html",
        page=page,
        words=CLAIM_WORDS,
        kinds=KIND_WORDS,
        errors=errors or {},
        asked=asked,
        typed=request.form,
    )


@blueprint.get(f"/claims/<{ID}:claim_id>/photos/<{ID}:photo_id>")
@protected(Permission.ORDER_VIEW)
def photo(claim_id: int, photo_id: int) -> Response:
    """A photo of a claim."""
    found = next((one for one in _page(claim_id).photos if one.id == photo_id), None)
    if found is None:
        raise no_claim()
    return proof_response(found.storage_key, found.kind, f"klaim-{claim_id}-{photo_id}")


@blueprint.route(f"/orders/<{ID}:order_id>/claims/new", methods=["GET", "POST"])
@protected(Permission.ORDER_RECEIVE)
@large_upload
def new(order_id: int) -> str | Response | tuple[str, int]:
    """The buyer says what is wrong with goods that it took in."""
    page = page_of(order_id)
    if request.method == "GET":
        if not page.may_claim:
            return redirect(url_for("orders.order", order_id=order_id))
        return _form(page, {}, secrets.token_hex(12))
    errors: dict[str, str] = {}
    try:
        photos = [file.read() for file in request.files.getlist("photos") if file.filename]
        made = services.make_claim(actor=current_actor(), order_id=order_id, draft=_draft(), photos=photos)
    except InvalidInput as error:
        errors = error.fields
    except RuleBroken as error:
        flash(error.message, "warning")
        return redirect(url_for("orders.order", order_id=order_id))
    else:
        flash(_("Klaim dikirim. Penjual kami minta menjawab."), "ok")
        return redirect(url_for(".claim", claim_id=made.id))
    return _form(page, errors, request.form.get("key", "")), 422


def _form(page: OrderPage, errors: dict[str, str], key: str) -> str:
    return render_template(
        "orders/claim_new.html",
        page=page,
        kinds=KIND_WORDS,
        errors=errors,
        typed=request.values,
        key=key or secrets.token_hex(12),
        most=MAX_PHOTOS,
    )


def _draft() -> ClaimDraft:
    """What the form says. Raises InvalidInput, by field, for what cannot be read."""
    line, kind = read_id(request.form.get("line")), request.form.get("kind", "")
    quantity = read_whole(request.form.get("quantity", ""))
    wrong = {}
    if not line:
        wrong["line"] = _("Pilih barangnya.")
    if kind not in set(ClaimKind):
        wrong["kind"] = _("Pilih apa yang salah.")
    if quantity is None:
        wrong["quantity"] = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
    if wrong or quantity is None:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    body = request.form.get("body", "")
    return ClaimDraft(line, ClaimKind(kind), quantity, body, request.form.get("key", ""))


def _answered(
    claim_id: int, verb: ClaimVerb, act: Callable[[], OrderClaim], sentence: object
) -> str | Response | tuple[str, int]:
    """Do what the form of a claim's page asks; what was typed stays where it cannot be."""
    try:
        act()
        flash(str(sentence), "ok")
    except InvalidInput as error:
        return _render(_page(claim_id), error.fields, verb.value), 422
    except RuleBroken as error:
        flash(error.message, "warning")
    return redirect(url_for(".claim", claim_id=claim_id))


def _granted() -> int:
    granted = read_whole(request.form.get("granted", ""))
    return -1 if granted is None else granted


@blueprint.post(f"/claims/<{ID}:claim_id>/accept")
@protected(Permission.ORDER_ANSWER)
def accept(claim_id: int) -> str | Response | tuple[str, int]:
    """The seller agrees, for all or some."""
    return _answered(
        claim_id,
        ClaimVerb.ACCEPT,
        lambda: services.accept_claim(
            actor=current_actor(),
            claim_id=claim_id,
            granted=_granted(),
            answer=request.form.get("answer", ""),
        ),
        N_("Klaim disetujui dan nota kreditnya dibuat."),
    )


@blueprint.post(f"/claims/<{ID}:claim_id>/reject")
@protected(Permission.ORDER_ANSWER)
def reject(claim_id: int) -> str | Response | tuple[str, int]:
    """The seller does not agree."""
    return _answered(
        claim_id,
        ClaimVerb.REJECT,
        lambda: services.reject_claim(
            actor=current_actor(), claim_id=claim_id, reason=request.form.get("answer", "")
        ),
        N_("Klaim ditolak. Pembeli membaca alasan Anda dan boleh membawanya ke Dinas."),
    )


@blueprint.post(f"/claims/<{ID}:claim_id>/refer")
@protected(Permission.ORDER_RECEIVE)
def refer(claim_id: int) -> str | Response | tuple[str, int]:
    """The buyer takes the no to the office."""
    return _answered(
        claim_id,
        ClaimVerb.REFER,
        lambda: services.refer_claim(actor=current_actor(), claim_id=claim_id),
        N_("Klaim dibawa ke Dinas, yang akan memutuskan."),
    )


@blueprint.post(f"/claims/<{ID}:claim_id>/decide")
@protected(Permission.CLAIM_DECIDE)
def decide(claim_id: int) -> str | Response | tuple[str, int]:
    """The office decides."""
    return _answered(
        claim_id,
        ClaimVerb.DECIDE,
        lambda: services.decide_claim(
            actor=current_actor(),
            claim_id=claim_id,
            granted=_granted(),
            reason=request.form.get("answer", ""),
        ),
        N_("Klaim diputuskan. Kedua pihak kami beri tahu."),
    )


@blueprint.post(f"/claims/<{ID}:claim_id>/withdraw")
@protected(Permission.ORDER_RECEIVE)
def withdraw(claim_id: int) -> str | Response | tuple[str, int]:
    """The buyer takes it back."""
    return _answered(
        claim_id,
        ClaimVerb.WITHDRAW,
        lambda: services.withdraw_claim(actor=current_actor(), claim_id=claim_id),
        N_("Klaim ditarik."),
    )
