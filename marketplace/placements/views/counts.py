"""Stock counts on a phone: which outlet, the numbers, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import N_, _, ngettext
from ...permissions import Permission, current_actor, protected
from ...texts import lines, one_line
from ...web import Page, page_within
from ..models import Bearer, LossReason
from ..queries import counts as reads
from ..queries.reporting import WorkedOutlet, outlet_of, outlets_worked_by
from ..queries.sales import ShelfItem, ShelfLot, shelf_of
from ..services.counts import Count, Counted, ShelfChanged, record_count
from ..wording import BEARERS
from .sales_form import new_key, read_number

blueprint = Blueprint("counts", __name__, url_prefix="/counts")
ID = "int(max=9223372036854775807)"
COLUMNS = (
    "id",
    "outlet_name",
    "counted_on",
    "line_count",
    "lost_units",
    "found_units",
    "note",
    "recorded_at",
)
LINE_COLUMNS = (
    "seller_name", "product_name", "sku", "lot_code", "expires_on", "expected", "counted", "difference",
    "reason", "borne_by",
)  # fmt: skip
REASONS = {
    LossReason.MISSING: N_("Tidak ditemukan"),
    LossReason.STOLEN: N_("Diduga dicuri"),
    LossReason.DAMAGED: N_("Rusak"),
    LossReason.EXPIRED: N_("Kedaluwarsa"),
    LossReason.OTHER: N_("Sebab lain"),
}
REASON_WORDS = {
    **REASONS,
    LossReason.NEAR_EXPIRY: N_("Hampir kedaluwarsa"),
    LossReason.SLOW: N_("Tidak laku"),
}
MOST_ROWS = 1000


@dataclass
class CountedRow:
    """One product or lot on the form."""

    item: ShelfItem
    place: ShelfLot
    counted: str = ""
    reason: str = LossReason.MISSING.value
    is_ours: bool = False
    error: str = ""

    @property
    def tail(self) -> str:
        """What the names of its inputs end with."""
        return f"{self.item.product_id}-{self.place.lot_id or 0}"


@dataclass
class CountForm:
    """All that stands on the page of a count."""

    rows: list[CountedRow]
    key: str
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    has_moved: bool = False

    @classmethod
    def of(cls, items: Sequence[ShelfItem]) -> CountForm:
        """An empty page."""
        return cls([CountedRow(item, place) for item in items for place in item.places], new_key())

    def send(self, form: Mapping[str, str]) -> None:
        """Take over what came back."""
        self.key = one_line(form.get("key"))[:64]
        self.note = lines(form.get("note"))[:1000]
        for row in self.rows:
            row.counted = one_line(form.get(f"counted-{row.tail}"))[:20]
            row.reason = one_line(form.get(f"reason-{row.tail}")) or LossReason.MISSING.value
            row.is_ours = form.get(f"ours-{row.tail}") == "1"

    def count(self, outlet_id: int, form: Mapping[str, str]) -> Count | None:
        """What was typed, as the service takes it; None when something cannot be read."""
        taken = []
        for row in self.rows:
            if not row.counted:
                continue
            units = read_number(row.counted)
            if units is None:
                row.error = _("Tulis jumlah dengan angka bulat, misalnya 12.")
                continue
            reason = LossReason(row.reason) if row.reason in set(REASONS) else LossReason.MISSING
            taken.append(
                Counted(
                    row.item.product_id,
                    row.place.lot_id,
                    units,
                    reason,
                    Bearer.OUTLET if row.is_ours else None,
                    read_number(form.get(f"seen-{row.tail}", "")),
                )
            )
        if any(row.error for row in self.rows):
            return None
        return Count(outlet_id, self.key, tuple(taken), self.note)

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        rows = [(f"counted-{row.tail}", f"{row.item.name}: {row.error}") for row in self.rows if row.error]
        return [*self.errors.items(), *rows]

    def take(self, error: InvalidInput) -> None:
        """Show the service's sentences at their places."""
        rows = {f"counted-{row.tail}": row for row in self.rows}
        for name, sentence in error.fields.items():
            if name in rows:
                rows[name].error = sentence
            else:
                self.errors[name] = sentence
        if not error.fields:
            self.errors["key"] = error.message


@blueprint.get("")
@protected(Permission.STOCK_VIEW)
def counts() -> str | Response:
    """Counts of one's outlets, or of one's goods; and which shelves should be counted."""
    actor = current_actor()
    outlet_id = request.args.get("outlet_id", type=int)
    if request.args.get("format") in {"csv", "xlsx"}:
        rows, _total = reads.counts_of(actor, outlet_id=outlet_id, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "hitung-stok")
    _rows, total = reads.counts_of(actor, outlet_id=outlet_id, size=0)
    number = page_within(total, reads.PAGE_SIZE)
    rows, _total = reads.counts_of(actor, outlet_id=outlet_id, number=number)
    may_count = actor.can(Permission.COUNT_RECORD) and actor.operator_id is not None
    return render_template(
        "placements/counts.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        due=reads.counts_due(actor) if may_count else [],
        may_count=may_count,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.COUNT_RECORD)
def new() -> str | Response | tuple[str, int]:
    """Count an outlet's shelf; what was not counted is left empty and stays as it is."""
    actor = current_actor()
    outlet_id = request.values.get("outlet_id", type=int)
    if outlet_id is None:
        outlets = outlets_worked_by(actor)
        if len(outlets) == 1:
            return redirect(url_for(".new", outlet_id=outlets[0].id))
        due = {row.outlet_id: row for row in reads.counts_due(actor)}
        return render_template("placements/count_choose.html", outlets=outlets, due=due)
    outlet = outlet_of(actor, outlet_id)
    if outlet is None:
        raise NotFound(_("Toko ini tidak ada, atau bukan toko Anda."))
    q = one_line(request.values.get("q"))[:100]
    form = CountForm.of(shelf_of(outlet.id, q=q)[:MOST_ROWS])
    if request.method == "GET":
        return _page(outlet, form, q)
    form.send(request.form)
    count = form.count(outlet.id, request.form)
    if count is None:
        return _page(outlet, form, q), 422
    try:
        row = record_count(actor=actor, count=count)
    except InvalidInput as error:
        form.take(error)
        return _page(outlet, form, q), 422
    except ShelfChanged as error:
        form.errors["key"], form.has_moved = error.message, True
        return _page(outlet, form, q), 409
    flash(ngettext("%(num)d barang dihitung.", "%(num)d barang dihitung.", row.line_count), "ok")
    return redirect(url_for(".count", count_id=row.id))


def _page(outlet: WorkedOutlet, form: CountForm, q: str) -> str:
    return render_template("placements/count_new.html", outlet=outlet, form=form, reasons=REASONS, q=q)


@blueprint.get(f"/<{ID}:count_id>")
@protected(Permission.STOCK_VIEW)
def count(count_id: int) -> str | Response:
    """One count: what differed, why, and who bears it."""
    actor = current_actor()
    row = reads.count_for(actor, count_id)
    if row is None:
        raise NotFound(_("Hitungan ini tidak ada, atau bukan untuk akun Anda."))
    found = reads.lines_of(actor, count_id)
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = ([getattr(line, name) for name in LINE_COLUMNS] for line in found)
        return table_response(
            request.args["format"],
            LINE_COLUMNS,
            cells,
            f"hitung-stok-{count_id}",
            {"reason": REASON_WORDS, "borne_by": BEARERS},
        )
    return render_template("placements/count.html", row=row, lines=found, words=REASON_WORDS)
