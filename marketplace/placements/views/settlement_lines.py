"""The lines of a settlement as table rows: a thousand stand on one page, so they are drawn at once."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from ...i18n import _, format_number
from ...marks import time_short
from ...money import format_rupiah
from ..queries.settlement_page import LineRow, SettlementPage
from ..rules.settling import LineKind, line_words

CELL = '<td class="num" data-label="{}">{}</td>'


def line_heads() -> list[tuple[str, bool]]:
    """The heads of the columns after the product, and whether numbers stand below."""
    return [
        (_("Hari"), False), (_("Apa"), False), (_("Unit"), True), (_("Harga"), True), (_("Nilai"), True),
        (_("Komisi"), True), (_("Untuk penjual"), True),
    ]  # fmt: skip


def line_rows(page: SettlementPage, *, may_dispute: bool) -> Markup:
    """The rows of the table, each with its name for a phone; what is disputed says so."""
    heads = [str(escape(name)) for name, _numeric in line_heads()]
    words = {(kind, sign): str(escape(line_words(kind, sign))) for kind in LineKind for sign in (1, -1)}
    late, dispute = str(escape(_("dilaporkan terlambat"))), str(escape(_("Bantah")))
    states = {"open": str(escape(_("dibantah"))), "closed": str(escape(_("bantahan diputuskan")))}
    names: dict[int, str] = {}
    drawn = []
    for line in page.lines:
        name = names.get(line.product_id)
        if name is None:
            name = names[line.product_id] = str(escape(line.product_name))
        what = words[LineKind(line.kind), 1 if line.quantity > 0 else -1]
        if line.occurred_on < page.row.first_day:
            what += f', <span class="small muted">{late}</span>'
        disputed = page.disputes.get(line.movement_id)
        if disputed is not None:
            what += f' <a href="#selisih">{states[disputed.state]}</a>'
        act = ""
        if may_dispute and disputed is None:
            act = (
                f'<a href="/settlements/{page.row.id}/lines/{line.movement_id}">{dispute}'
                f'<span class="visually-hidden"> {name}</span></a>'
            )
        drawn.append(_row(line, heads, name, what, f"<td>{act}</td>" if may_dispute else ""))
    return Markup("".join(drawn))  # noqa: S704 - every word in it is escaped


def _row(line: LineRow, heads: Sequence[str], name: str, what: str, act: str) -> str:
    figures = (
        format_number(line.quantity), *map(format_rupiah, (
            line.unit_price_rupiah, line.gross_rupiah, line.commission_rupiah, line.net_rupiah,
        )),
    )  # fmt: skip
    cells = "".join(map(CELL.format, heads[2:], figures))
    return (
        f'<tr id="b{line.movement_id}"><th scope="row">{name}</th>'
        f'<td data-label="{heads[0]}">{time_short(line.occurred_on)}</td>'
        f'<td data-label="{heads[1]}"><span>{what}</span></td>{cells}{act}</tr>'
    )
