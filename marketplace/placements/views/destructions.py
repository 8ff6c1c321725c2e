"""Destruction minutes: the list, a page each with its photo, writing them."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from ... import clock, throttle
from ...backends.storage import StorageFailed, current_storage
from ...errors import InvalidInput, NotFound, RuleBroken, Unavailable
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...security import large_upload
from ...web import Page, page_within
from ..documents.returns import destruction_pdf
from ..queries import destructions as reads
from ..queries import returnable
from ..queries.destructions import DestructionPage
from ..queries.returns import ReturnPage, return_page
from ..rules.returns import REASON_WORDS, ReturnVerb
from ..services.destructions import DestructionDraft, file_key, record_destruction
from ..services.parties import no_paper
from . import return_form as forms
from .delivery_form import read_day
from .papers import pdf_response
from .returns import asked_pair

blueprint = Blueprint("destructions", __name__, url_prefix="/destructions")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "number", "outlet_name", "seller_name", "destroyed_on", "units", "borne_by_outlet", "borne_by_seller",
)  # fmt: skip
UPLOADS = "60 per hour"


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def destructions() -> str | Response:
    """The actor's destruction minutes; as a file with ?format=csv or xlsx."""
    actor = current_actor()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.destructions_of(actor, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "berita-acara")
    total = reads.count_destructions(actor)
    number = page_within(total, reads.PAGE_SIZE)
    page = Page(reads.destructions_of(actor, number=number), number, total, reads.PAGE_SIZE)
    return render_template("placements/destructions.html", page=page)


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.RETURN_MAKE)
@large_upload
def new() -> str | Response | tuple[str, int]:
    """Write minutes: of lots on the shelf, or of a return that nobody fetched."""
    note = _asked_note()
    pair = (note.outlet.id, note.seller.id, note.outlet.name, note.seller.name) if note else asked_pair()
    if pair is None:
        pairs = returnable.pairs_with_goods(current_actor())
        return render_template("placements/return_pairs.html", pairs=pairs, q="", to=".new")
    lots = [] if note else returnable.lots_on_shelf(pair[0], pair[1])
    if request.method == "GET":
        start = {"key": secrets.token_hex(12), "destroyed_on": clock.today().isoformat()}
        form = forms.suggested_form(lots, spoiled_only=True, values=start)
        return _form_page(form, pair, note)
    form = forms.typed_form(lots, request.form, spoiled_only=True)
    made = _record(form, pair, note)
    return made if isinstance(made, Response) else (_form_page(form, pair, note), 422)


def _asked_note() -> ReturnPage | None:
    asked = request.values.get("return", "")
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    page = return_page(current_actor(), int(asked))
    if page is None:
        raise no_paper()
    if request.method == "GET" and ReturnVerb.DESTROY not in page.verbs:
        raise RuleBroken(
            _("Yang dimusnahkan hanya retur yang menunggu, dan isinya kedaluwarsa atau rusak."),
            code="return_not_destroyable",
        )
    return page


def _record(form: forms.LotForm, pair: tuple[int, int, str, str], note: ReturnPage | None) -> Any:
    """The redirect to what was written; None when something is wrong (the form says what)."""
    throttle.check_and_count("destruction", str(current_actor().user_id), UPLOADS)
    values, lines = request.form, form.lines()
    destroyed_on = read_day(values.get("destroyed_on", ""))
    if destroyed_on is None:
        form.errors["destroyed_on"] = _("Tulis tanggal, misalnya 1 Desember 2026.")
    if lines is None or destroyed_on is None:
        return None
    file = request.files.get("photo")
    try:
        made = record_destruction(
            actor=current_actor(),
            draft=DestructionDraft(
                outlet_id=pair[0],
                seller_id=pair[1],
                destroyed_on=destroyed_on,
                method=values.get("method", ""),
                witness_name=values.get("witness_name", ""),
                lines=lines,
                seller_witness_name=values.get("seller_witness_name", ""),
                note=values.get("note", ""),
                return_id=note.note.id if note else None,
                client_key=values.get("key", ""),
            ),
            photo=file.read() if file else b"",
        )
    except InvalidInput as error:
        form.take(error.fields)
        return None
    flash(_("Berita acara %(number)s dicatat. Pembuatnya kami beri tahu.", number=made.number), "ok")
    return redirect(url_for(".destruction", destruction_id=made.id))


def _form_page(form: forms.LotForm, pair: tuple[int, int, str, str], note: ReturnPage | None) -> str:
    return render_template(
        "placements/destruction_form.html",
        form=form,
        outlet_id=pair[0],
        seller_id=pair[1],
        outlet_name=pair[2],
        seller_name=pair[3],
        note=note,
        reasons=REASON_WORDS,
        lot_name=forms.lot_name,
        today=clock.today(),
    )


@blueprint.get(f"/<{ID}:destruction_id>")
@protected(Permission.STOCK_VIEW)
def destruction(destruction_id: int) -> str:
    """One set of minutes: what was destroyed, who saw it, who bears it."""
    return render_template("placements/destruction.html", page=_page(destruction_id))


def _page(destruction_id: int) -> DestructionPage:
    page = reads.destruction_page(current_actor(), destruction_id)
    if page is None:
        raise no_paper()
    return page


@blueprint.get(f"/<{ID}:destruction_id>/photo-<int:size>.jpg")
@protected(Permission.STOCK_VIEW)
def photo(destruction_id: int, size: int) -> Response:
    """The photo, for those who may read the minutes."""
    page = _page(destruction_id)
    try:
        content = current_storage().get(file_key(page.row.photo, 320 if size <= 320 else 1280, "jpg"))
    except LookupError:
        raise NotFound(_("Gambar ini tidak ada.")) from None
    except StorageFailed as error:
        raise Unavailable(_("Gambar ini belum bisa diambil. Coba lagi sebentar lagi.")) from error
    answer = FlaskResponse(content, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@blueprint.get(f"/<{ID}:destruction_id>/minutes.pdf")
@protected(Permission.STOCK_VIEW)
def minutes(destruction_id: int) -> Response:
    """The minutes as a page, with the photo."""
    page = _page(destruction_id)
    return pdf_response(destruction_pdf(page), f"berita-acara-{page.row.number}")
