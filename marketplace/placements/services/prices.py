"""Sales below the agreed price: found when they are reported, kept, and paid from the agreed price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ...i18n import _, format_day
from ...money import format_rupiah
from ...stock.hooks import LineWarning, TakenLine
from ..models import PriceFlag
from ..queries.markdowns import consents_of
from ..queries.versions import agreements_for, annex_prices, versions_of
from ..rules.terms import terms_among

BELOW = "below_agreed_price"
Key = tuple[int, int, date]
"""seller_id, product_id, day"""


def flag_low_prices(
    session: Session, report_id: int, outlet_id: int, lines: Sequence[TakenLine]
) -> list[LineWarning]:
    """Keep the lines sold below the agreed price without the maker's consent; answers what they are told."""
    priced = [
        line for line in lines
        if line.unit_price_rupiah is not None and line.accepted > 0 and line.seller_id is not None
    ]  # fmt: skip
    lowest = _lowest_allowed(session, outlet_id, {_key(line) for line in priced})
    low = [line for line in priced if (line.unit_price_rupiah or 0) < lowest.get(_key(line), 0)]
    if not low:
        return []
    rows = [
        {
            "outlet_id": outlet_id,
            "line_ref": line.line_ref,
            "report_id": report_id,
            "seller_id": line.seller_id,
            "product_id": line.product_id,
            "occurred_on": line.occurred_on,
            "price_rupiah": line.unit_price_rupiah,
            "agreed_rupiah": lowest[_key(line)],
        }
        for line in low
    ]
    session.execute(insert(PriceFlag), rows)
    return [LineWarning(line.line_ref, BELOW, _sentence(line, lowest[_key(line)])) for line in low]


def _key(line: TakenLine) -> Key:
    return line.seller_id or 0, line.product_id or 0, line.occurred_on


def _sentence(line: TakenLine, agreed: int) -> str:
    return _(
        "Dijual %(price)s, di bawah harga yang disetujui %(agreed)s pada %(day)s. Pembuatnya dibayar menurut "
        "harga yang disetujui; minta persetujuan dulu sebelum menurunkan harga.",
        price=format_rupiah(line.unit_price_rupiah or 0),
        agreed=format_rupiah(agreed),
        day=format_day(line.occurred_on),
    )


def _lowest_allowed(session: Session, outlet_id: int, keys: set[Key]) -> dict[Key, int]:
    """The lowest price that the maker agreed to, by seller, product and day; none where none was agreed."""
    if not keys:
        return {}
    agreements = agreements_for(session, {(outlet_id, seller_id, day) for seller_id, _product, day in keys})
    if not agreements:
        return {}
    versions = versions_of(session, set(agreements.values()))
    terms = {
        (agreement_id, day): terms_among(versions.get(agreement_id, []), day)
        for (_outlet, _seller, day), agreement_id in agreements.items()
    }
    annexes = annex_prices(session, {one.version_id for one in terms.values() if one is not None})
    consents = consents_of(session, set(agreements.values()))
    found: dict[Key, int] = {}
    for seller_id, product_id, day in keys:
        agreement_id = agreements.get((outlet_id, seller_id, day))
        held = terms.get((agreement_id, day)) if agreement_id is not None else None
        if held is None or agreement_id is None:
            continue
        annex = annexes.get((held.version_id, product_id))
        if annex is None or annex.retail_rupiah is None:
            continue
        allowed = [one.price_rupiah for one in consents.get((agreement_id, product_id), []) if one.holds(day)]
        found[seller_id, product_id, day] = min([annex.retail_rupiah, *allowed])
    return found
