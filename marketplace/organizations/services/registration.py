"""New sellers, retailers, outlets and offices."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock
from ...crypto import blind_index
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput
from ...i18n import _
from ...permissions import Actor, Permission, Role
from .. import rules, versions
from ..models import Membership, Office, Operator, Outlet, OutletFacts, Seller, SellerFacts, Verification
from . import common


@dataclass(frozen=True)
class SellerForm:
    """What is asked of a new seller: little at first, the rest may follow."""

    name: str
    owner_name: str
    region_code: str
    owner_nik: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str = ""
    nib: str | None = None
    npwp: str | None = None
    kbli_code: str | None = None
    capital_rupiah: int | None = None
    annual_sales_rupiah: int | None = None
    affiliated_operator_ref: str | None = None
    story: str = ""


@retry_on_conflict
def register_seller(
    *, actor: Actor, form: SellerForm, seller_ref: str | None = None, submit: bool = True
) -> Seller:
    """A new seller. A person who registers their own becomes its owner; an officer registers for others.

    It is not verified: with `submit` it stands in the office's queue at once. Raises InvalidInput.
    """
    common.refuse(_identifier_problems(form))
    is_own = not actor.is_office
    if not is_own:
        common.allow(actor, Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        common.require_region(session, form.region_code)
        if not is_own and not actor.sees_region(form.region_code):
            raise InvalidInput(
                _("Tempat ini di luar wilayah kantor Anda."), {"region_code": _("Di luar wilayah.")}
            )
        seller = _new_seller(session, form, seller_ref)
        versions.start_facts(
            session, SellerFacts, seller.id, facts=_first_facts(seller.id, form), actor=actor
        )
        if is_own and actor.user_id is not None:
            _add_member(session, actor.user_id, Role.SELLER_OWNER, seller_id=seller.id)
        if submit:
            _queue(session, actor, form.region_code, seller_id=seller.id)
        audit.record(
            session, actor, "seller.registered", seller, after={"name": seller.name}, region=form.region_code
        )
    return seller


def _identifier_problems(form: SellerForm) -> dict[str, str | None]:
    return {
        "name": None if form.name.strip() else _("Tulis nama usaha."),
        "owner_nik": rules.nik_problem(form.owner_nik) if form.owner_nik else None,
        "nib": rules.nib_problem(form.nib) if form.nib else None,
        "npwp": rules.npwp_problem(form.npwp) if form.npwp else None,
        "kbli_code": rules.kbli_problem(form.kbli_code) if form.kbli_code else None,
    }


def _new_seller(session: Session, form: SellerForm, seller_ref: str | None) -> Seller:
    seller = Seller(
        seller_ref=seller_ref or f"new-{secrets.token_hex(12)}",
        name=form.name,
        owner_name=form.owner_name,
        phone=form.phone,
        email=form.email,
        address=form.address,
        nib=form.nib,
        npwp=form.npwp,
        kbli_code=form.kbli_code,
        story=form.story,
        created_at=clock.now(),
    )
    session.add(seller)
    _flush(session, "seller_ref")
    if seller_ref is None:
        seller.seller_ref = _free_ref(session, Seller.seller_ref, "UMKM", seller.id)
        session.flush()
    return seller


def _first_facts(seller_id: int, form: SellerForm) -> dict[str, object]:
    return {
        "region_code": form.region_code,
        "owner_nik": form.owner_nik,
        "owner_key": owner_key(seller_id, form.owner_nik),
        "capital_rupiah": form.capital_rupiah,
        "annual_sales_rupiah": form.annual_sales_rupiah,
        "affiliated_operator_ref": form.affiliated_operator_ref,
    }


def owner_key(seller_id: int, owner_nik: str | None) -> str:
    """What sellers of one owner share; a seller without a known NIK shares it with nobody."""
    return blind_index(owner_nik) or f"seller:{seller_id}"


def _free_ref(session: Session, column: Any, letters: str, number: int) -> str:
    """A reference of our own making that no city's file has used."""
    ref = f"{letters}-{number:06d}"
    while session.scalar(select(column).where(column == ref)) is not None:
        ref = f"{letters}-{number:06d}-{secrets.token_hex(2)}"
    return ref


def _queue(
    session: Session,
    actor: Actor,
    region_code: str,
    *,
    seller_id: int | None = None,
    operator_id: int | None = None,
) -> Verification:
    request = Verification(
        seller_id=seller_id,
        operator_id=operator_id,
        region_code=region_code,
        submitted_at=clock.now(),
        submitted_by=actor.user_id,
    )
    session.add(request)
    session.flush()
    return request


def _add_member(session: Session, user_id: int, role: Role, **where: int) -> Membership:
    member = Membership(user_id=user_id, role=role.value, created_at=clock.now(), is_active=True, **where)
    session.add(member)
    session.flush()
    return member


def _flush(session: Session, field: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        sentence = _("Kode ini sudah dipakai. Pilih kode lain.")
        raise Conflict(sentence, field=field) from error


@dataclass(frozen=True)
class OperatorForm:
    """What is asked of a new retailer."""

    name: str
    region_code: str
    phone: str | None = None
    email: str | None = None
    address: str = ""
    nib: str | None = None
    npwp: str | None = None


@retry_on_conflict
def register_operator(*, actor: Actor, form: OperatorForm, operator_ref: str | None = None) -> Operator:
    """A new retailer. A person who registers their own becomes its owner and waits for the office."""
    common.refuse(
        {
            "name": None if form.name.strip() else _("Tulis nama perusahaan."),
            "nib": rules.nib_problem(form.nib) if form.nib else None,
            "npwp": rules.npwp_problem(form.npwp) if form.npwp else None,
        }
    )
    is_own = not actor.is_office
    if not is_own:
        common.allow(actor, Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        common.require_region(session, form.region_code)
        operator = Operator(
            operator_ref=operator_ref or f"new-{secrets.token_hex(12)}",
            name=form.name,
            region_code=form.region_code,
            phone=form.phone,
            email=form.email,
            address=form.address,
            nib=form.nib,
            npwp=form.npwp,
            status="pending" if is_own else "verified",
            created_at=clock.now(),
        )
        session.add(operator)
        _flush(session, "operator_ref")
        if operator_ref is None:
            operator.operator_ref = _free_ref(session, Operator.operator_ref, "RITEL", operator.id)
        if is_own and actor.user_id is not None:
            _add_member(session, actor.user_id, Role.BUYER_OWNER, operator_id=operator.id)
            _queue(session, actor, form.region_code, operator_id=operator.id)
        audit.record(
            session,
            actor,
            "operator.registered",
            operator,
            after={"name": operator.name},
            region=form.region_code,
        )
    return operator


@dataclass(frozen=True)
class OutletForm:
    """What is asked of a new outlet."""

    name: str
    kind: str
    region_code: str
    opened_on: date
    address: str = ""
    floor_area_m2: Decimal | None = None
    stars: int | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@retry_on_conflict
def add_outlet(*, actor: Actor, operator_id: int, form: OutletForm, outlet_ref: str | None = None) -> Outlet:
    """A new outlet of a retailer, open from its day on."""
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.OUTLET_EDIT)
    common.refuse(
        {
            "name": None if form.name.strip() else _("Tulis nama toko."),
            "latitude": rules.coordinates_problem(form.latitude, form.longitude),
            "opened_on": None if form.opened_on.year >= 1900 else _("Periksa tahun bukanya."),
        }
    )
    with unit_of_work() as session:
        operator = common.lock_operator(session, actor, operator_id)
        common.require_region(session, form.region_code)
        if actor.is_office and not actor.sees_region(form.region_code):
            raise InvalidInput(
                _("Tempat ini di luar wilayah kantor Anda."), {"region_code": _("Di luar wilayah.")}
            )
        outlet = Outlet(
            outlet_ref=outlet_ref or f"new-{secrets.token_hex(12)}",
            name=form.name,
            address=form.address,
            floor_area_m2=form.floor_area_m2,
            stars=form.stars,
            latitude=form.latitude,
            longitude=form.longitude,
            created_at=clock.now(),
        )
        session.add(outlet)
        _flush(session, "outlet_ref")
        if outlet_ref is None:
            outlet.outlet_ref = _free_ref(session, Outlet.outlet_ref, "TOKO", outlet.id)
        facts = {
            "operator_id": operator.id,
            "kind": form.kind,
            "region_code": form.region_code,
            "opened_on": form.opened_on,
        }
        versions.start_facts(session, OutletFacts, outlet.id, facts=facts, actor=actor)
        audit.record(
            session,
            actor,
            "outlet.added",
            outlet,
            after={**facts, "name": outlet.name},
            region=form.region_code,
        )
        common.tell_outlet(session, outlet.id, form.opened_on)
    return outlet


@retry_on_conflict
def create_office(
    *, actor: Actor, region_code: str, name: str, address: str = "", head_name: str = "", head_title: str = ""
) -> Office:
    """The MSME office of a region; the one that is there already when there is one."""
    common.allow(actor, Permission.PLATFORM_MANAGE)
    with unit_of_work() as session:
        common.require_region(session, region_code)
        found = session.scalar(select(Office).where(Office.region_code == region_code))
        if found is not None:
            return found
        office = Office(
            name=name, region_code=region_code, address=address, head_name=head_name, head_title=head_title
        )
        session.add(office)
        session.flush()
        audit.record(session, actor, "office.created", office, after={"name": name}, region=region_code)
    return office
