"""Returns: the list, a page each, putting goods aside, fetching them."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _, format_number
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_within
from ..documents.returns import return_note_pdf
from ..models import ReturnState
from ..queries import returnable
from ..queries import returns as reads
from ..queries.destructions import count_destructions
from ..queries.returns import ReturnFilter, ReturnPage
from ..rules.returns import REASON_WORDS, RETURN_WORDS, ReturnVerb
from ..services import returns as services
from ..services.parties import no_paper
from ..services.returns import ReturnDraft
from . import return_form as forms
from .delivery_form import read_whole
from .papers import pdf_response

blueprint = Blueprint("returns", __name__, url_prefix="/returns")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "number", "state", "outlet_name", "seller_name", "made_on", "fetch_by", "fetched_on", "lines", "units",
    "fetched",
)  # fmt: skip


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def returns() -> str | Response:
    """The actor's returns, what waits first; as a file with ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.returns_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "retur", {"state": RETURN_WORDS})
    counts = reads.count_by_state(actor, asked.q)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "placements/returns.html",
        page=Page(reads.returns_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=RETURN_WORDS,
        destructions=count_destructions(actor),
    )


def read_filter() -> ReturnFilter:
    """The filters in the address; what is unknown is left out."""
    state, sort = request.args.get("state", ""), request.args.get("sort", "")
    return ReturnFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in set(ReturnState) else "",
        sort=sort if sort in reads.SORTS else "",
    )


def asked_pair() -> tuple[int, int, str, str] | None:
    """The outlet and seller that a form is about, with their names; None while nobody is chosen.

    Raises NotFound for an outlet of others.
    """
    outlet, seller = request.values.get("outlet", ""), request.values.get("seller", "")
    if not (outlet.isdecimal() and seller.isdecimal() and len(outlet) < 19 and len(seller) < 19):
        return None
    names = returnable.pair_names(current_actor(), int(outlet), int(seller))
    if names is None:
        raise NotFound(_("Toko atau usaha ini tidak ada, atau bukan untuk akun Anda."))
    return int(outlet), int(seller), *names


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.RETURN_MAKE)
def new() -> str | Response | tuple[str, int]:
    """Put goods aside for their maker: first whose, then which lots and why."""
    pair = asked_pair()
    if pair is None:
        asked = one_line(request.args.get("q"))[:200]
        pairs = returnable.pairs_with_goods(current_actor(), asked)
        return render_template("placements/return_pairs.html", pairs=pairs, q=asked, to=".new")
    outlet_id, seller_id, outlet_name, seller_name = pair
    lots = returnable.lots_on_shelf(outlet_id, seller_id)
    if request.method == "GET":
        form = forms.suggested_form(lots, values={"key": secrets.token_hex(12)})
    else:
        form = forms.typed_form(lots, request.form)
        lines = form.lines()
        if lines is not None:
            try:
                note = services.make_return(
                    actor=current_actor(),
                    draft=ReturnDraft(
                        outlet_id,
                        seller_id,
                        lines,
                        request.form.get("note", ""),
                        request.form.get("key", ""),
                    ),
                )
                flash(_("Retur %(number)s dibuat. Pembuatnya kami beri tahu.", number=note.number), "ok")
                return redirect(url_for(".return_note", return_id=note.id))
            except InvalidInput as error:
                form.take(error.fields)
    page = render_template(
        "placements/return_form.html",
        form=form,
        outlet_id=outlet_id,
        seller_id=seller_id,
        outlet_name=outlet_name,
        seller_name=seller_name,
        reasons=REASON_WORDS,
        lot_name=forms.lot_name,
    )
    return (page, 422) if form.all_errors else page


@blueprint.get(f"/<{ID}:return_id>")
@protected(Permission.STOCK_VIEW)
def return_note(return_id: int) -> str:
    """One return: which lots, why, where they are, what can be done now."""
    return _shown(return_id)


def _shown(return_id: int, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "placements/return.html", page=_page(return_id), errors=errors or {}, typed=request.form
    )


def _page(return_id: int) -> ReturnPage:
    page = reads.return_page(current_actor(), return_id)
    if page is None:
        raise no_paper()
    return page


@blueprint.post(f"/<{ID}:return_id>/fetch")
@protected(Permission.RETURN_FETCH)
def fetch(return_id: int) -> Response | tuple[str, int]:
    """The maker has it: all of it in one tap, or line by line."""
    page = _page(return_id)
    fetched: dict[int, int] | None = None
    try:
        if "all" not in request.form:
            fetched = _fetched(page)
        done = services.fetch_return(actor=current_actor(), return_id=return_id, fetched=fetched)
        flash(_("Retur %(number)s dicatat sudah diambil.", number=done.number), "ok")
    except InvalidInput as error:
        return _shown(return_id, error.fields), 422
    except RuleBroken as error:
        if not error.code.startswith("return_"):
            return _shown(return_id, {"lines": error.message}), 409
        flash(error.message, "warning")
    return redirect(url_for(".return_note", return_id=return_id))


def _fetched(page: ReturnPage) -> dict[int, int]:
    found: dict[int, int] = {}
    wrong: dict[str, str] = {}
    for line, _name, _sku in page.lines:
        units = read_whole(request.form.get(f"fetched-{line.id}", "").strip() or "0")
        if units is None or units < 0:
            wrong[f"line-{line.id}"] = _(
                "Tulis angka dari 0 sampai %(most)s.", most=format_number(line.quantity)
            )
        else:
            found[line.id] = units
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    return found


@blueprint.route(f"/<{ID}:return_id>/cancel", methods=["GET", "POST"])
@protected(Permission.RETURN_MAKE)
def cancel(return_id: int) -> str | Response | tuple[str, int]:
    """Call it off."""
    page, errors = _page(return_id), {}
    if request.method == "POST":
        try:
            services.cancel_return(
                actor=current_actor(), return_id=return_id, reason=request.form.get("reason", "")
            )
            flash(_("Retur dibatalkan. Barangnya tetap di rak."), "ok")
            return redirect(url_for(".return_note", return_id=return_id))
        except InvalidInput as error:
            errors = error.fields
    elif ReturnVerb.CANCEL not in page.verbs:
        return redirect(url_for(".return_note", return_id=return_id))
    answer = render_template("placements/return_cancel.html", page=page, errors=errors)
    return (answer, 422) if errors else answer


@blueprint.get(f"/<{ID}:return_id>/note.pdf")
@protected(Permission.STOCK_VIEW)
def note(return_id: int) -> Response:
    """The return note as a page."""
    page = _page(return_id)
    return pdf_response(return_note_pdf(page), f"retur-{page.note.number}")
