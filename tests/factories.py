"""Things to test with: each function writes one row (and what it must point at) and returns it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ParamSpec, TypeVar

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.catalog.models import Category, Product
from marketplace.catalog.services.readiness import keep_readiness
from marketplace.compliance.models import Regulation
from marketplace.crypto import blind_index
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import (
    Membership,
    Office,
    Operator,
    Outlet,
    OutletFacts,
    Seller,
    SellerFacts,
)
from marketplace.permissions import Actor, Role
from marketplace.placements.models import Agreement, AgreementVersion, AgreementVersionProduct

LAWEYAN, JEBRES, SURAKARTA = "33.72.01.1002", "33.72.04.1010", "33.72"
MODERN = ["minimarket", "supermarket", "hypermarket", "department_store", "wholesale"]
_numbers = itertools.count(1)
P = ParamSpec("P")
R = TypeVar("R")


def _in_one_unit(factory: Callable[P, R]) -> Callable[P, R]:
    """A unit of work for a whole factory: committing each of its rows would be half of its time."""

    @functools.wraps(factory)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with unit_of_work():
            return factory(*args, **kwargs)

    return wrapped


def _add(row: Any) -> Any:
    with unit_of_work() as session:
        session.add(row)
        session.flush()
    return row


def office(region_code: str = SURAKARTA, **values: Any) -> Office:
    """The MSME office of a region (one for each region)."""
    found = db.session.query(Office).filter_by(region_code=region_code).one_or_none()
    return found or _add(Office(region_code=region_code, **{"name": f"Dinas UMKM {region_code}", **values}))


def user(**values: Any) -> User:
    """A person with an e-mail and no password."""
    n = next(_numbers)
    defaults = {"name": f"Orang {n}", "email": f"orang{n}@contoh.example", "created_at": clock.now()}
    return _add(User(**{**defaults, **values}))


@_in_one_unit
def member(role: Role, **where: Any) -> Actor:
    """A new person with a role in an organization, as the actor that services take."""
    person = user()
    _add(Membership(user_id=person.id, role=role.value, created_at=clock.now(), **where))
    region = db.session.get_one(Office, where["office_id"]).region_code if "office_id" in where else ""
    return Actor(user_id=person.id, name=person.name, role=role, region=region, **where)


@_in_one_unit
def officer(role: Role = Role.OFFICER, region_code: str = SURAKARTA) -> Actor:
    """An officer of a region's office."""
    return member(role, office_id=office(region_code).id)


@_in_one_unit
def seller(ref: str | None = None, **values: Any) -> Seller:
    """A seller, verified since 2020 unless told otherwise; takes the columns of Seller and SellerFacts."""
    n = next(_numbers)
    facts: dict[str, Any] = {"region_code": LAWEYAN, "verified_on": date(2020, 1, 1)}
    facts |= {key: values.pop(key) for key in list(values) if hasattr(SellerFacts, key)}
    row = _add(
        Seller(
            **{"seller_ref": ref or f"U{n:05d}", "name": f"Usaha {n}", "created_at": clock.now(), **values}
        )
    )
    nik = facts.get("owner_nik")
    facts.setdefault("owner_key", blind_index(nik) or f"seller:{row.id}")
    _add(SellerFacts(seller_id=row.id, recorded_at=clock.now(), **facts))
    return row


def operator(ref: str | None = None, **values: Any) -> Operator:
    """A retailer."""
    ref = ref or f"OP{next(_numbers)}"
    return _add(Operator(**{"operator_ref": ref, "name": f"PT {ref}", "created_at": clock.now(), **values}))


@_in_one_unit
def outlet(ref: str | None = None, **values: Any) -> Outlet:
    """A minimarket open since 2019 unless told otherwise; takes the columns of Outlet and OutletFacts."""
    n = next(_numbers)
    facts: dict[str, Any] = {"kind": "minimarket", "region_code": JEBRES, "opened_on": date(2019, 1, 1)}
    facts |= {key: values.pop(key) for key in list(values) if hasattr(OutletFacts, key)}
    if "operator_id" not in facts:
        facts["operator_id"] = operator().id
    row = _add(
        Outlet(**{"outlet_ref": ref or f"T{n:05d}", "name": f"Toko {n}", "created_at": clock.now(), **values})
    )
    _add(OutletFacts(outlet_id=row.id, recorded_at=clock.now(), **facts))
    return row


def category(path: str = "Camilan") -> Category:
    """A category at the root."""
    found = db.session.query(Category).filter_by(path=path).one_or_none()
    return found or _add(Category(path=path, name=path))


@_in_one_unit
def product(maker: Seller, sku: str | None = None, **values: Any) -> Product:
    """A live product of a seller."""
    n = next(_numbers)
    defaults = {
        "seller_id": maker.id,
        "sku": sku or f"SKU-{n}",
        "name": f"Keripik {n}",
        "category_id": values.pop("category_id", None) or category().id,
        "price_rupiah": 15_000,
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    row = _add(Product(**{**defaults, **values}))
    with unit_of_work() as session:
        keep_readiness(session, [row.id])
    return row


@_in_one_unit
def agreement(
    place: Outlet,
    maker: Seller,
    *,
    terms: Mapping[str, Any] | None = None,
    annex: Mapping[int, tuple[int | None, int | None]] | None = None,
    **values: Any,
) -> Agreement:
    """An accepted consignment agreement, open since 2020, with its version 1.

    `terms`: columns of the version beside those that the agreement says; `annex`: by product, the retail
    and the net price.
    """
    defaults = {
        "agreement_ref": f"A{next(_numbers):06d}",
        "outlet_id": place.id,
        "seller_id": maker.id,
        "basis": "consignment",
        "state": "accepted",
        "starts_on": date(2020, 1, 1),
        "created_at": clock.now(),
    }
    row = _add(Agreement(**{**defaults, **values}))
    version(row, terms, annex)
    return row


@_in_one_unit
def version(
    of: Agreement,
    terms: Mapping[str, Any] | None = None,
    annex: Mapping[int, tuple[int | None, int | None]] | None = None,
) -> AgreementVersion:
    """The next version of an agreement, in the agreement's own state."""
    percent = of.commission_percent
    defaults = {
        "agreement_id": of.id,
        "number": db.session.query(AgreementVersion).filter_by(agreement_id=of.id).count() + 1,
        "state": of.state,
        "basis": of.basis,
        "valid_from": of.starts_on,
        "starts_on": of.starts_on,
        "ends_on": of.ends_on,
        "commission_basis": "none" if percent is None else "percent_of_retail",
        "commission_percent": percent,
        "due_days": 14 if of.settlement_days is None else of.settlement_days,
        "proposed_by_side": of.proposed_by_side or "",
        "reply_by": of.reply_by,
        "created_at": clock.now(),
    }
    row = _add(AgreementVersion(**{**defaults, **(terms or {})}))
    for product_id, (retail, net) in (annex or {}).items():
        _add(
            AgreementVersionProduct(
                version_id=row.id, product_id=product_id, retail_price_rupiah=retail, net_price_rupiah=net
            )
        )
    return row


def regulation(region_code: str = SURAKARTA, **values: Any) -> Regulation:
    """Five sellers for modern stores, binding, open since 2011."""
    defaults = {
        "regulation_ref": f"R{next(_numbers)}",
        "region_code": region_code,
        "outlet_kinds": MODERN,
        "counted_bases": ["consignment"],
        "min_sellers": 5,
        "valid_from": date(2011, 10, 26),
        "recorded_at": clock.now(),
    }
    return _add(Regulation(**{**defaults, **values}))
