"""Lower prices: the questions, one of them, asking, answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...texts import lines, one_line
from ...web import Page, page_within
from ..models import MarkdownState
from ..queries import markdowns as reads
from ..queries.reporting import outlets_worked_by
from ..queries.sales import shelf_of
from ..services.markdowns import Asked, answer_markdown, ask_markdown, no_markdown, withdraw_markdown
from .sales_form import new_key, read_day, read_number

blueprint = Blueprint("markdowns", __name__, url_prefix="/markdowns")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id", "outlet_name", "seller_name", "product_name", "sku", "agreed_rupiah", "price_rupiah", "first_day",
    "last_day", "reason", "condition", "asked_at", "answered_at", "answer_reason",
)  # fmt: skip
CONDITIONS = (*(state.value for state in MarkdownState), reads.LAPSED)
USUAL_DAYS = 7


@dataclass
class AskForm:
    """All that stands on the page that asks for a lower price."""

    product: str = ""
    price_rupiah: str = ""
    first_day: str = ""
    last_day: str = ""
    reason: str = ""
    key: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> AskForm:
        """The page as it came back."""
        return cls(
            one_line(form.get("product"))[:50],
            one_line(form.get("price_rupiah"))[:20],
            one_line(form.get("first_day"))[:10],
            one_line(form.get("last_day"))[:10],
            lines(form.get("reason"))[:1000],
            one_line(form.get("key"))[:64],
        )

    def asked(self, choices: Mapping[str, reads.Choice]) -> Asked | None:
        """What was typed, as the service takes it; None when something cannot be read."""
        choice = choices.get(self.product)
        price = read_number(self.price_rupiah)
        first, last = read_day(self.first_day), read_day(self.last_day)
        if choice is None:
            self.errors["product"] = _("Pilih produknya.")
        if price is None:
            self.errors["price_rupiah"] = _("Tulis harga dengan angka, misalnya 15.000.")
        for name, day in (("first_day", first), ("last_day", last)):
            if day is None:
                self.errors[name] = _("Tulis tanggal, misalnya 1 Desember 2026.")
        if choice is None or price is None or first is None or last is None:
            return None
        return Asked(choice.agreement_id, choice.product_id, price, first, last, self.reason, self.key)


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def markdowns() -> str | Response:
    """Questions for lower prices, what waits first; as a file with ?format=csv or xlsx."""
    actor = current_actor()
    condition = request.args.get("condition", "")
    asked = reads.MarkdownFilter(
        one_line(request.args.get("q"))[:200], condition if condition in CONDITIONS else ""
    )
    if request.args.get("format") in {"csv", "xlsx"}:
        rows, _total = reads.markdowns_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "penurunan-harga")
    _rows, total = reads.markdowns_of(actor, asked, size=0)
    number = page_within(total, reads.PAGE_SIZE)
    rows, _total = reads.markdowns_of(actor, asked, number=number)
    return render_template(
        "placements/markdowns.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        asked=asked,
        waiting=len(reads.markdowns_waiting(actor)),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.MARKDOWN_ASK)
def new() -> str | Response | tuple[str, int]:
    """Ask a maker for a lower price."""
    actor = current_actor()
    outlet_id = request.values.get("outlet_id", type=int)
    outlets = outlets_worked_by(actor)
    outlet = next((one for one in outlets if one.id == outlet_id), None)
    if outlet is None:
        if outlet_id is not None:
            raise no_markdown()
        if len(outlets) == 1:
            return redirect(url_for(".new", outlet_id=outlets[0].id))
        return render_template("placements/markdown_choose.html", outlets=outlets)
    choices = reads.choices_at(outlet.id, shelf_of(outlet.id))
    if request.method == "GET":
        today = clock.today()
        last = today + timedelta(days=USUAL_DAYS - 1)
        form = AskForm(
            one_line(request.args.get("product")), "", today.isoformat(), last.isoformat(), "", new_key()
        )
        return render_template("placements/markdown_new.html", outlet=outlet, choices=choices, form=form)
    form = AskForm.sent(request.form)
    asked = form.asked(choices)
    if asked is not None:
        try:
            row = ask_markdown(actor=actor, asked=asked)
        except InvalidInput as error:
            form.errors |= error.fields or {"product": error.message}
        else:
            flash(_("Permintaan terkirim. Harga baru berlaku sesudah pembuatnya setuju."), "ok")
            return redirect(url_for(".markdown", markdown_id=row.id))
    return render_template("placements/markdown_new.html", outlet=outlet, choices=choices, form=form), 422


@blueprint.get(f"/<{ID}:markdown_id>")
@protected(Permission.STOCK_VIEW)
def markdown(markdown_id: int) -> str:
    """One question and what can be done with it."""
    return _page(markdown_id)


def _page(markdown_id: int, errors: Mapping[str, str] | None = None, reason: str = "") -> str:
    actor = current_actor()
    row = reads.markdown_for(actor, markdown_id)
    if row is None:
        raise no_markdown()
    return render_template(
        "placements/markdown.html",
        row=row,
        may_answer=row.is_open and actor.can(Permission.MARKDOWN_ANSWER) and actor.seller_id is not None,
        may_withdraw=row.is_open and actor.can(Permission.MARKDOWN_ASK) and actor.operator_id is not None,
        errors=errors or {},
        reason=reason,
    )


@blueprint.post(f"/<{ID}:markdown_id>/answer")
@protected(Permission.MARKDOWN_ANSWER)
def answer(markdown_id: int) -> Response | tuple[str, int]:
    """Agree or decline."""
    agrees, reason = request.form.get("answer") == "agree", lines(request.form.get("reason"))[:1000]
    try:
        answer_markdown(actor=current_actor(), markdown_id=markdown_id, agrees=agrees, reason=reason)
    except InvalidInput as error:
        return _page(markdown_id, error.fields, reason), 422
    flash(_("Disetujui. Toko kami beri tahu.") if agrees else _("Ditolak. Toko kami beri tahu."), "ok")
    return redirect(url_for(".markdown", markdown_id=markdown_id))


@blueprint.post(f"/<{ID}:markdown_id>/withdraw")
@protected(Permission.MARKDOWN_ASK)
def withdraw(markdown_id: int) -> Response:
    """Take the question back."""
    withdraw_markdown(actor=current_actor(), markdown_id=markdown_id)
    flash(_("Permintaan ditarik. Harganya tidak berubah."), "ok")
    return redirect(url_for(".markdown", markdown_id=markdown_id))
