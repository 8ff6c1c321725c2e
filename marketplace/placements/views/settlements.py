"""Settlements: the list, a page each with its lines, issuing, confirming, disputing; who pays late."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, RuleBroken
from ...exchange.responses import file_response, table_response
from ...i18n import N_, _
from ...payments.views.payments import METHOD_WORDS
from ...payments.views.payments import STATE_WORDS as PAYMENT_WORDS
from ...permissions import Permission, current_actor, protected
from ...texts import one_line
from ...web import Page, page_number, page_within
from ..documents import settlement_papers
from ..models import SettlementState
from ..queries import pace
from ..queries import settlements as reads
from ..queries.settlement_page import LINES_SHOWN, SettlementPage, line_of, settlement_page
from ..queries.settlements import SettlementFilter
from ..rules import Side
from ..rules.settling import line_words
from ..services import settled, settling
from ..services.parties import no_paper
from .papers import pdf_response
from .settlement_form import DisputeForm
from .settlement_lines import line_heads, line_rows

blueprint = Blueprint("settlements", __name__, url_prefix="/settlements")
office = Blueprint("office_money", __name__, url_prefix="/office")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "number", "bill_number", "status", "outlet_name", "seller_name", "first_day", "last_day", "line_count",
    "net_rupiah", "amount_rupiah", "paid_rupiah", "confirmed_rupiah", "due_on",
)  # fmt: skip
PAYER_COLUMNS = (
    "name", "outlets", "sellers", "days_to_money", "confirmed_rupiah", "open_rupiah", "overdue_rupiah",
    "age_0_15", "age_16_30", "age_31_60", "age_over_60",
)  # fmt: skip
STATUS_WORDS = {
    "overdue": N_("Lewat jatuh tempo"),
    "draft": N_("Konsep"),
    "issued": N_("Menunggu penjual"),
    "disputed": N_("Ada baris dibantah"),
    "to_pay": N_("Belum dibayar"),
    "reported": N_("Bayaran dilaporkan"),
    "paid": N_("Lunas"),
}


@blueprint.get("")
@protected(Permission.SETTLEMENT_VIEW)
def settlements() -> str | Response:
    """The actor's settlements, what is overdue first, and how old the debts are; ?format=csv or xlsx."""
    actor, asked = current_actor(), read_filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.settlements_of(actor, asked, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(
            request.args["format"], COLUMNS, cells, "penyelesaian", {"status": STATUS_WORDS}
        )
    counts = reads.count_by_status(actor, asked)
    total = counts.get(asked.status, 0) if asked.status else sum(counts.values())
    number = page_within(total, reads.PAGE_SIZE)
    return render_template(
        "placements/settlements.html",
        page=Page(reads.settlements_of(actor, asked, number=number), number, total, reads.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=STATUS_WORDS,
        ages=pace.ages_of(actor),
        pace=pace.days_to_money(actor.operator_id) if actor.operator_id else None,
    )


def read_filter() -> SettlementFilter:
    """The filters in the address; what is unknown is left out."""
    status, sort = request.args.get("status", ""), request.args.get("sort", "")
    return SettlementFilter(
        q=one_line(request.args.get("q"))[:200],
        status=status if status in reads.STATUSES else "",
        sort=sort if sort in reads.SORTS else "",
        agreement_id=_whole("agreement"),
        outlet_id=_whole("outlet"),
    )


def _whole(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


@blueprint.post("/prepare")
@protected(Permission.SETTLEMENT_ISSUE)
def prepare() -> Response:
    """Draft every cycle that ended, now and not only tonight."""
    counts = settling.prepare_settlements(actor=current_actor())
    if counts.settlements:
        flash(_("%(count)d konsep siap diterbitkan.", count=counts.settlements), "ok")
    else:
        flash(_("Belum ada siklus yang berakhir dengan penjualan yang belum diselesaikan."), "info")
    return redirect(url_for(".settlements", status="draft" if counts.settlements else None))


@blueprint.get(f"/<{ID}:settlement_id>")
@protected(Permission.SETTLEMENT_VIEW)
def settlement(settlement_id: int) -> str:
    """One settlement: its arithmetic line by line, what is disputed, what was paid, what to do now."""
    page = _page(settlement_id, page_number())
    may_dispute = (
        page.side is Side.SELLER
        and page.row.state == SettlementState.ISSUED
        and current_actor().can(Permission.SETTLEMENT_ANSWER)
    )
    return render_template(
        "placements/settlement.html",
        page=page,
        may_dispute=may_dispute,
        drawn=line_rows(page, may_dispute=may_dispute),
        heads=line_heads(),
        lines=Page(page.lines, page_number(), page.line_total, LINES_SHOWN),
        words=STATUS_WORDS,
        payment_words=PAYMENT_WORDS,
        methods=METHOD_WORDS,
    )


def _page(settlement_id: int, number: int = 1, size: int | None = LINES_SHOWN) -> SettlementPage:
    page = settlement_page(current_actor(), settlement_id, number=number, size=size)
    if page is None:
        raise no_paper()
    return page


@blueprint.post(f"/<{ID}:settlement_id>/issue")
@protected(Permission.SETTLEMENT_ISSUE)
def issue(settlement_id: int) -> Response:
    """The store sends it: lines fixed, numbers given, the bill made."""
    row = settling.issue_settlement(actor=current_actor(), settlement_id=settlement_id)
    flash(_("Penyelesaian %(number)s diterbitkan. Penjual kami beri tahu.", number=row.number), "ok")
    return redirect(url_for(".settlement", settlement_id=row.id))


@blueprint.post(f"/<{ID}:settlement_id>/confirm")
@protected(Permission.SETTLEMENT_ANSWER)
def confirm(settlement_id: int) -> Response:
    """The seller says that it is right."""
    settled.confirm_settlement(actor=current_actor(), settlement_id=settlement_id)
    flash(_("Penyelesaian Anda benarkan. Toko kami beri tahu."), "ok")
    return redirect(url_for(".settlement", settlement_id=settlement_id))


@blueprint.route(f"/<{ID}:settlement_id>/lines/<{ID}:movement_id>", methods=["GET", "POST"])
@protected(Permission.SETTLEMENT_ANSWER)
def dispute(settlement_id: int, movement_id: int) -> str | Response:
    """One line that the seller does not accept: what it should be, and why."""
    found = line_of(current_actor(), settlement_id, movement_id)
    if found is None:
        raise no_paper()
    page, line = found
    form = DisputeForm()
    if form.validate_on_submit():
        try:
            settled.dispute_line(
                actor=current_actor(),
                settlement_id=settlement_id,
                movement_id=movement_id,
                claimed_rupiah=form.claimed_rupiah.data or 0,
                reason=form.reason.data or "",
            )
        except InvalidInput as error:
            form.take_refusals(error.fields)
        except RuleBroken as error:
            form.take_refusals({"claimed_rupiah": error.message})
        else:
            flash(_("Baris ini disisihkan sampai disepakati. Sisanya tetap berjalan."), "ok")
            return redirect(url_for(".settlement", settlement_id=settlement_id))
    elif movement_id in page.disputes:
        return redirect(url_for(".settlement", settlement_id=settlement_id))
    return render_template(
        "placements/settlement_dispute.html",
        page=page,
        line=line,
        what=line_words(line.kind, line.quantity),
        form=form,
    )


@blueprint.get(f"/<{ID}:settlement_id>/<any(statement, bill):paper>.pdf")
@protected(Permission.SETTLEMENT_VIEW)
def paper(settlement_id: int, paper: str) -> Response:
    """The statement of the store, or the seller's bill, on paper."""
    page = _page(settlement_id, size=None)
    if page.is_draft:
        raise RuleBroken(
            _("Penyelesaian ini masih konsep, jadi belum ada dokumennya."), code="settlement_draft"
        )
    name = page.row.number if paper == "statement" else page.row.bill_number
    return pdf_response(settlement_papers.settlement_pdf(page, paper), name or paper)


@blueprint.get(f"/<{ID}:settlement_id>.xlsx")
@protected(Permission.SETTLEMENT_VIEW)
def workbook(settlement_id: int) -> Response:
    """Every line as a workbook, with the sums by product."""
    page = _page(settlement_id, size=None)
    name = f"{page.row.number or 'konsep'}.xlsx"
    return file_response(name, lambda path: settlement_papers.write_workbook(path, page))


@office.get("/payers")
@protected(Permission.SETTLEMENT_VIEW)
def payers() -> str | Response:
    """Stores by how old what they owe is, and by how long their money takes; ?format=csv or xlsx."""
    q, sort = one_line(request.args.get("q"))[:200], request.args.get("sort", "")
    sort = sort if sort in pace.PAYER_SORTS else ""
    found = pace.payers(current_actor(), q=q, sort=sort)
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = (
            [one.name, one.outlets, one.sellers, None if one.days is None else round(one.days, 1),
             one.confirmed_rupiah, one.open_rupiah, one.overdue_rupiah, *one.ages]
            for one in found
        )  # fmt: skip
        return table_response(request.args["format"], PAYER_COLUMNS, cells, "bayaran-toko")
    number = page_within(len(found), reads.PAGE_SIZE)
    start = (number - 1) * reads.PAGE_SIZE
    return render_template(
        "placements/payers.html",
        page=Page(found[start : start + reads.PAGE_SIZE], number, len(found), reads.PAGE_SIZE),
        q=q,
        sort=sort,
        ages=pace.ages_of(current_actor()),
    )
