"""Products: made, changed, paused, shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Seller, SellerFacts
from ...permissions import Actor, Permission
from .. import rules
from ..models import Category, Product, ProductState
from ..rules import Check
from ..values import ProductValues

FIELDS = (
    "sku", "name", "category_id", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "order_multiple", "gtin", "net_weight_g", "shelf_life_days", "description", "pirt_number",
    "halal_number", "bpom_number",
)  # fmt: skip


@retry_on_conflict
def create_product(*, actor: Actor, seller_id: int, values: ProductValues) -> Product:
    """A new product on a seller's list, live at once.

    Raises NotFound for a stranger's seller, InvalidInput with a sentence for each field.
    """
    actor.require(Permission.PRODUCT_EDIT if actor.seller_id else Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        seller, region = _own_seller(session, actor, seller_id)
        columns = _columns(session, seller.id, values, None)
        now = clock.now()
        product = Product(
            seller_id=seller.id,
            state=ProductState.LIVE,
            first_live_at=now,
            created_at=now,
            updated_at=now,
            **columns,
        )
        session.add(product)
        _flush_sku(session, columns["sku"])
        audit.record(session, actor, "product.created", product, after=columns, region=region)
        signals.product_changed.send(session, product_ids=[product.id])
        return product


@retry_on_conflict
def change_product(*, actor: Actor, product_id: int, values: ProductValues) -> Product:
    """Store what changed in a product; the same values again change nothing."""
    actor.require(Permission.PRODUCT_EDIT if actor.seller_id else Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        product, region = _own_product(session, actor, product_id)
        columns = _columns(session, product.seller_id, values, product)
        before = {name: getattr(product, name) for name in FIELDS if getattr(product, name) != columns[name]}
        if not before:
            return product
        after = {name: columns[name] for name in before}
        for name, value in after.items():
            setattr(product, name, value)
        product.updated_at = clock.now()
        _flush_sku(session, columns["sku"])
        audit.record(session, actor, "product.changed", product, before=before, after=after, region=region)
        signals.product_changed.send(session, product_ids=[product.id])
        return product


def pause_product(*, actor: Actor, product_id: int) -> Product:
    """Take a product off the public shelf; agreements and stock stay as they are."""
    return _move(actor=actor, product_id=product_id, state=ProductState.PAUSED, action="product.paused")


def resume_product(*, actor: Actor, product_id: int) -> Product:
    """Put a paused product back on the public shelf."""
    return _move(actor=actor, product_id=product_id, state=ProductState.LIVE, action="product.resumed")


@retry_on_conflict
def _move(*, actor: Actor, product_id: int, state: ProductState, action: str) -> Product:
    actor.require(Permission.PRODUCT_EDIT if actor.seller_id else Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        product, region = _own_product(session, actor, product_id)
        if product.state != state:
            product.state = state
            product.updated_at = clock.now()
            audit.record(session, actor, action, product, region=region)
            signals.product_changed.send(session, product_ids=[product.id])
        return product


def ensure_category(session: Session, path: str) -> Category:
    """The category of a path such as 'Makanan / Camilan kering', made with its parents where unknown.

    Call it inside a unit of work. Raises ValueError for an empty path.
    """
    steps = rules.category_names(path)
    if not steps[-1][0]:
        raise ValueError("an empty category path")
    found: Category | None = None
    for step, name, _parent in steps:
        known = session.scalar(select(Category).where(Category.path == step))
        found = known or _make_category(session, step, name, found.id if found else None)
    assert found is not None
    return found


def _make_category(session: Session, path: str, name: str, parent_id: int | None) -> Category:
    """One category; when another unit makes the same one first, theirs."""
    values = {
        "path": path,
        "name": name,
        "parent_id": parent_id,
        "picture_form": rules.picture_form(path),
        "is_food": rules.sounds_like_food(path),
    }
    session.execute(
        insert_into(session, Category).values(**values).on_conflict_do_nothing(index_elements=["path"])
    )
    return session.scalars(select(Category).where(Category.path == path)).one()


def _own_seller(session: Session, actor: Actor, seller_id: int) -> tuple[Seller, str]:
    """The locked seller and the region it lies in now; NotFound when it is a stranger's."""
    seller = session.get(Seller, seller_id, with_for_update=True)
    today = clock.today()
    region = session.scalar(
        select(SellerFacts.region_code).where(
            SellerFacts.seller_id == seller_id,
            SellerFacts.superseded_at.is_(None),
            SellerFacts.valid_from <= today,
            SellerFacts.valid_to > today,
        )
    )
    if seller is None or not (seller.id == actor.seller_id or actor.sees_region(region or "")):
        raise NotFound(_("Usaha ini tidak ada, atau bukan milik Anda."))
    return seller, region or ""


def _own_product(session: Session, actor: Actor, product_id: int) -> tuple[Product, str]:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    _seller, region = _own_seller(session, actor, product.seller_id)
    session.refresh(product)
    return product, region


def _columns(
    session: Session, seller_id: int, values: ProductValues, product: Product | None
) -> dict[str, Any]:
    checks = checks_of(values)
    wrong = {name: check.sentence for name, check in checks.items() if not check.ok}
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)
    sku = values.sku or (product.sku if product else _next_sku(session, seller_id))
    return {
        "sku": sku,
        "name": values.name,
        "category_id": ensure_category(session, values.category).id,
        "price_rupiah": values.price_rupiah,
        "retail_price_rupiah": values.retail_price_rupiah,
        "unit": values.unit,
        "min_order": values.min_order,
        "order_multiple": values.order_multiple,
        "gtin": checks["gtin"].value,
        "net_weight_g": values.net_weight_g,
        "shelf_life_days": values.shelf_life_days,
        "description": values.description,
        "pirt_number": checks["pirt_number"].value,
        "halal_number": checks["halal_number"].value,
        "bpom_number": checks["bpom_number"].value,
    }


def checks_of(values: ProductValues, region_names: Mapping[str, str] | None = None) -> dict[str, Check]:
    """What the rules say of each field: a refusal stops the product, a warning is shown beside it."""
    today = clock.today()
    return {
        "name": _needed(values.name, _("Tulis nama produk, misalnya Keripik tempe daun jeruk.")),
        "category": _needed(rules.tidy_path(values.category), _("Pilih atau tulis jenis produk.")),
        "price_rupiah": rules.check_price(values.price_rupiah),
        "retail_price_rupiah": rules.check_retail_price(values.price_rupiah, values.retail_price_rupiah),
        "min_order": rules.check_min_order(values.min_order, values.order_multiple),
        "gtin": rules.check_gtin(values.gtin),
        "pirt_number": rules.check_pirt(values.pirt_number, today, region_names),
        "halal_number": rules.check_halal(values.halal_number),
        "bpom_number": rules.check_bpom(values.bpom_number),
    }


def _needed(text: str, sentence: str) -> Check:
    return Check(text, ok=bool(text), sentence="" if text else sentence)


def _next_sku(session: Session, seller_id: int) -> str:
    """A number for a product without a code of its own: P-001, P-002, ... (the seller's row is locked)."""
    taken = set(session.scalars(select(Product.sku).where(Product.seller_id == seller_id)))
    number = (session.scalar(select(func.count()).where(Product.seller_id == seller_id)) or 0) + 1
    while f"P-{number:03d}" in taken:
        number += 1
    return f"P-{number:03d}"


def _flush_sku(session: Session, sku: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if "sku" not in str(error.orig):
            raise
        sentence = _("Kode “%(sku)s” sudah dipakai produk Anda yang lain. Tulis kode lain.", sku=sku)
        raise InvalidInput(sentence, fields={"sku": sentence}) from error
