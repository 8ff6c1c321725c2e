"""What is said of products, as text to be searched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ... import clock
from ...organizations.models import Seller, SellerFacts
from ...regions.models import Region
from ..models import Category, Product
from .card import joined

SLICE = 500


@dataclass(frozen=True)
class Text:
    """A product that stands in lists, in words."""

    id: int
    name: str
    category: str
    maker: str
    place: str
    rest: str

    @property
    def parts(self) -> tuple[str, ...]:
        """All that its document is made of and that does not change by itself, as a place may on a day."""
        return (self.name, self.category, self.maker, self.rest)


def texts_of(session: Session, ids: Sequence[int] | None = None) -> Iterator[Text]:
    """The live main products among some, or all of them by id, in slices."""
    if ids is not None:
        for start in range(0, len(ids), SLICE):
            yield from _read(session, _listed().where(Product.id.in_(ids[start : start + SLICE])))
        return
    last = 0
    while True:
        found = _read(session, _listed().where(Product.id > last).order_by(Product.id).limit(SLICE))
        yield from found
        if len(found) < SLICE:
            return
        last = found[-1].id


def count_public(session: Session) -> int:
    """How many products stand in lists."""
    query = select(func.count()).where(Product.is_live, Product.main_id.is_(None))
    return int(session.scalar(query) or 0)


def _listed() -> Select[Any]:
    columns = (
        Product.id,
        Product.name,
        Category.path,
        Seller.name,
        SellerFacts.region_code,
        Product.sku,
        Product.gtin,
        Product.description,
        Product.ingredients,
        Product.material,
    )
    return joined(columns, clock.today()).where(Product.is_live, Product.main_id.is_(None))


def _read(session: Session, query: Select[Any]) -> list[Text]:
    rows = session.execute(query).all()
    places = _places(session, {row[4] for row in rows})
    variants = _variants(session, [row[0] for row in rows])
    return [
        Text(
            number,
            " ".join([name, *variants.get(number, ())]),
            category,
            maker,
            places.get(code, ""),
            " ".join(part for part in (sku, *more) if part),
        )
        for number, name, category, maker, code, sku, *more in rows
    ]


def _variants(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(Product.main_id, Product.variant_name)
        .where(Product.main_id.in_(ids), Product.is_live)
        .order_by(Product.main_id, Product.id)
    )
    found: dict[int, list[str]] = {}
    for main_id, name in session.execute(query):
        found.setdefault(main_id or 0, []).append(name)
    return found


def _places(session: Session, codes: set[str]) -> dict[str, str]:
    """Village and district in words, by the village's code."""
    wanted = codes | {code[:8] for code in codes}
    names = dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(wanted))).all())
    return {
        code: " ".join(dict.fromkeys(names[part] for part in (code, code[:8]) if part in names))
        for code in codes
    }
