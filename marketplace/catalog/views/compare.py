"""Up to four products side by side; the address holds which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request, url_for

from ...permissions import current_actor, public
from ...texts import one_line
from .. import queries
from ..queries import ProductPage, Search
from .facts import Fact, facts_of
from .public import blueprint

MOST = 4
SUGGESTED = 8


@dataclass(frozen=True)
class Line:
    """One fact of all the products that are compared."""

    label: str
    values: list[str]
    differs: bool


@blueprint.get("/compare")
@public
def compare() -> str:
    """What is the same and what is not; and what else could stand beside them."""
    ids, q = compared_ids(), one_line(request.args.get("q"))[:200]
    found = queries.product_pages(current_actor(), ids)
    pages = [found[product_id] for product_id in ids if product_id in found]
    suggested = []
    if len(pages) < MOST and (q or not pages):
        suggested = queries.page_of_products(Search(q=q), number=1, size=SUGGESTED + MOST).items
    elif len(pages) == 1:
        suggested = queries.similar_products(pages[0], limit=SUGGESTED)
    shown = {page.card.id for page in pages}
    return render_template(
        "catalog/compare.html",
        pages=pages,
        lines=_lines(pages),
        q=q,
        gone=len(ids) - len(pages),
        most=MOST,
        suggested=[card for card in suggested if card.id not in shown][:SUGGESTED],
        with_one=lambda product_id: compare_url([*(page.card.id for page in pages), product_id]),
        without=lambda product_id: compare_url(page.card.id for page in pages if page.card.id != product_id),
    )


def compared_ids() -> list[int]:
    """The products that the address names, each once, no more than fit; what is no number is left out."""
    texts = [text for value in request.args.getlist("ids") for text in value.split(",")]
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
    return list(dict.fromkeys(ids))[:MOST]


def compare_url(ids: Iterable[int]) -> str:
    """Where some products stand side by side."""
    return url_for("catalog.compare", ids=",".join(str(one) for one in ids) or None)


def _lines(pages: list[ProductPage]) -> list[Line]:
    """The facts that at least one of them tells, in their order."""
    columns: list[dict[str, Fact]] = [{fact.key: fact for fact in facts_of(page)} for page in pages]
    if not columns:
        return []
    lines = []
    for key, fact in columns[0].items():
        values = [column[key].value for column in columns]
        if any(values) and key not in {"sku", "gtin"}:
            lines.append(Line(fact.label, values, len(set(values)) > 1))
    return lines
