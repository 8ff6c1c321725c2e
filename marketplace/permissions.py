"""Who may do what: one enum, one table from role to permissions, one declaration on every endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, g, request

from .errors import Forbidden, SignInNeeded
from .i18n import N_, _

View = TypeVar("View", bound=Callable[..., Any])


class Permission(StrEnum):
    """Everything that may be allowed or refused."""

    ACCOUNT_USE = "account:use"
    SELLER_HOME = "seller:home"
    SELLER_EDIT = "seller:edit"
    PRODUCT_EDIT = "product:edit"
    PRODUCT_CURATE = "product:curate"
    CERTIFICATE_VERIFY = "certificate:verify"
    CATALOG_MANAGE = "catalog:manage"
    SHORTLIST_EDIT = "shortlist:edit"
    QUESTION_ASK = "question:ask"
    SAMPLE_REQUEST = "sample:request"
    BUYER_HOME = "buyer:home"
    OUTLET_EDIT = "outlet:edit"
    SALES_REPORT = "sales:report"
    STOCK_VIEW = "stock:view"
    AGREEMENT_VIEW = "agreement:view"
    AGREEMENT_PROPOSE = "agreement:propose"
    AGREEMENT_ANSWER = "agreement:answer"
    REPLACEMENT_DECIDE = "replacement:decide"
    DELIVERY_SEND = "delivery:send"
    DELIVERY_RECEIVE = "delivery:receive"
    DIFFERENCE_SETTLE = "difference:settle"
    DIFFERENCE_DECIDE = "difference:decide"
    COUNT_RECORD = "count:record"
    RETURN_MAKE = "return:make"
    RETURN_FETCH = "return:fetch"
    MARKDOWN_ASK = "markdown:ask"
    MARKDOWN_ANSWER = "markdown:answer"
    SETTLEMENT_VIEW = "settlement:view"
    SETTLEMENT_ISSUE = "settlement:issue"
    SETTLEMENT_ANSWER = "settlement:answer"
    PAYMENT_RECORD = "payment:record"
    PAYMENT_CONFIRM = "payment:confirm"
    ORDER_VIEW = "order:view"
    ORDER_PLACE = "order:place"
    ORDER_APPROVE = "order:approve"
    ORDER_ANSWER = "order:answer"
    ORDER_FULFIL = "order:fulfil"
    ORDER_RECEIVE = "order:receive"
    CLAIM_DECIDE = "claim:decide"
    SPEND_VIEW = "spend:view"
    WEBHOOK_MANAGE = "webhook:manage"
    MEMBER_MANAGE = "member:manage"
    COMPLIANCE_VIEW = "compliance:view"
    REPORT_ISSUE = "report:issue"
    REGULATION_EDIT = "regulation:edit"
    REGISTRY_VIEW = "registry:view"
    REGISTRY_EDIT = "registry:edit"
    SELLER_VERIFY = "seller:verify"
    PERSONAL_REVEAL = "personal:reveal"
    DUPLICATE_MERGE = "duplicate:merge"
    CODE_ISSUE = "code:issue"
    AUDIT_VIEW = "audit:view"
    DATA_IMPORT = "data:import"
    DATA_EXPORT = "data:export"
    PLATFORM_MANAGE = "platform:manage"


class Role(StrEnum):
    """What a person is in an organization."""

    SELLER_OWNER = "seller_owner"
    SELLER_MANAGER = "seller_manager"
    SELLER_STAFF = "seller_staff"
    BUYER_OWNER = "buyer_owner"
    BUYER_MANAGER = "buyer_manager"
    BUYER_STAFF = "buyer_staff"
    OFFICER = "officer"
    HEAD = "head"
    COACH = "coach"
    ADMIN = "admin"


ROLE_LABELS = {
    Role.SELLER_OWNER: N_("Pemilik usaha"),
    Role.SELLER_MANAGER: N_("Pengelola usaha"),
    Role.SELLER_STAFF: N_("Staf usaha"),
    Role.BUYER_OWNER: N_("Pemilik toko"),
    Role.BUYER_MANAGER: N_("Manajer pembelian"),
    Role.BUYER_STAFF: N_("Staf toko"),
    Role.OFFICER: N_("Petugas Dinas"),
    Role.HEAD: N_("Kepala Dinas"),
    Role.COACH: N_("Pendamping UMKM"),
    Role.ADMIN: N_("Pengelola sistem"),
}

P = Permission
_EVERYONE = frozenset({P.ACCOUNT_USE})
_SELLER_STAFF = _EVERYONE | {
    P.SELLER_HOME,
    P.PRODUCT_EDIT,
    P.AGREEMENT_VIEW,
    P.STOCK_VIEW,
    P.DELIVERY_SEND,
    P.RETURN_FETCH,
    P.ORDER_VIEW,
    P.ORDER_FULFIL,
}
_SELLER_MANAGER = _SELLER_STAFF | {
    P.SELLER_EDIT,
    P.AGREEMENT_PROPOSE,
    P.AGREEMENT_ANSWER,
    P.DIFFERENCE_SETTLE,
    P.MARKDOWN_ANSWER,
    P.SETTLEMENT_VIEW,
    P.SETTLEMENT_ANSWER,
    P.PAYMENT_CONFIRM,
    P.ORDER_ANSWER,
    P.WEBHOOK_MANAGE,
}
_BUYER_STAFF = _EVERYONE | {
    P.BUYER_HOME,
    P.AGREEMENT_VIEW,
    P.STOCK_VIEW,
    P.SALES_REPORT,
    P.DELIVERY_RECEIVE,
    P.COUNT_RECORD,
    P.RETURN_MAKE,
    P.SHORTLIST_EDIT,
    P.QUESTION_ASK,
    P.ORDER_VIEW,
    P.ORDER_PLACE,
    P.ORDER_RECEIVE,
}
_BUYER_MANAGER = _BUYER_STAFF | {
    P.SAMPLE_REQUEST,
    P.OUTLET_EDIT,
    P.AGREEMENT_PROPOSE,
    P.AGREEMENT_ANSWER,
    P.DIFFERENCE_SETTLE,
    P.MARKDOWN_ASK,
    P.SETTLEMENT_VIEW,
    P.SETTLEMENT_ISSUE,
    P.PAYMENT_RECORD,
    P.ORDER_APPROVE,
    P.SPEND_VIEW,
    P.WEBHOOK_MANAGE,
}
_COACH = _EVERYONE | {P.COMPLIANCE_VIEW, P.REGISTRY_VIEW, P.AGREEMENT_VIEW, P.STOCK_VIEW, P.CODE_ISSUE}
_OFFICER = _COACH | {
    P.REGISTRY_EDIT,
    P.SELLER_VERIFY,
    P.PRODUCT_CURATE,
    P.CERTIFICATE_VERIFY,
    P.CATALOG_MANAGE,
    P.QUESTION_ASK,
    P.PERSONAL_REVEAL,
    P.DUPLICATE_MERGE,
    P.AUDIT_VIEW,
    P.DATA_IMPORT,
    P.DATA_EXPORT,
    P.REPORT_ISSUE,
    P.REPLACEMENT_DECIDE,
    P.DIFFERENCE_DECIDE,
    P.SETTLEMENT_VIEW,
    P.ORDER_VIEW,
    P.ORDER_PLACE,
    P.ORDER_RECEIVE,
    P.CLAIM_DECIDE,
    P.SPEND_VIEW,
}
_HEAD = _OFFICER | {P.REGULATION_EDIT, P.MEMBER_MANAGE, P.ORDER_APPROVE, P.PAYMENT_RECORD}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SELLER_STAFF: _SELLER_STAFF,
    Role.SELLER_MANAGER: _SELLER_MANAGER,
    Role.SELLER_OWNER: _SELLER_MANAGER | {P.MEMBER_MANAGE},
    Role.BUYER_STAFF: _BUYER_STAFF,
    Role.BUYER_MANAGER: _BUYER_MANAGER,
    Role.BUYER_OWNER: _BUYER_MANAGER | {P.MEMBER_MANAGE},
    Role.COACH: _COACH,
    Role.OFFICER: _OFFICER,
    Role.HEAD: _HEAD,
    Role.ADMIN: _HEAD | {P.PLATFORM_MANAGE, P.SALES_REPORT},
}


@dataclass(frozen=True)
class Actor:
    """Who acts, and for whom. Plain values, so that services and rules need no request.

    At most one of seller_id, operator_id, office_id is set. `region` is the Kemendagri code under
    which an office sees everything ('' for a platform admin: the whole country).
    """

    user_id: int | None
    name: str
    role: Role | None = None
    seller_id: int | None = None
    operator_id: int | None = None
    office_id: int | None = None
    region: str = ""
    organization_name: str = ""
    locale: str = "id"
    purchasing_id: int | None = None
    """The operator through which this person's office buys for itself."""

    @property
    def buyer_id(self) -> int | None:
        """Whose money this person's orders spend: its operator's, or that which its office buys through."""
        return self.operator_id or self.purchasing_id

    def can(self, permission: Permission | str) -> bool:
        """Whether this actor's role carries the permission."""
        if self.role is None:
            return self.user_id is not None and permission == Permission.ACCOUNT_USE
        return permission in ROLE_PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise SignInNeeded or Forbidden unless the role carries the permission."""
        if self.user_id is None and self.role is None:
            raise SignInNeeded(_("Silakan masuk dulu."))
        if not self.can(permission):
            raise Forbidden(_("Akun Anda tidak boleh membuka ini. Masuk dengan akun lain bila punya."))

    @property
    def is_office(self) -> bool:
        """An officer, head or coach, or the platform's admin."""
        return self.role in {Role.OFFICER, Role.HEAD, Role.COACH, Role.ADMIN}

    def sees_region(self, code: str) -> bool:
        """Whether a place lies in the office's region; codes match by whole levels."""
        return self.is_office and within(code, self.region)

    @property
    def role_label(self) -> str:
        """The role in words."""
        return str(ROLE_LABELS[self.role]) if self.role else ""

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = self.name.split() or ["?"]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


def within(code: str, prefix: str) -> bool:
    """Whether a region code lies in a prefix, by whole levels: 33.72.01 in 33.72, not in 33.7."""
    return prefix == "" or code == prefix or code.startswith(prefix + ".")


NOBODY = Actor(user_id=None, name="")
SYSTEM = Actor(user_id=None, name="Etalase", role=Role.ADMIN)
"""The product itself: nightly jobs and the command line."""


def protected(permission: Permission) -> Callable[[View], View]:
    """Declare that an endpoint needs a permission."""

    def mark(view: View) -> View:
        view.__dict__["etalase_permission"] = permission
        return view

    return mark


def public(view: View) -> View:
    """Declare that an endpoint is open to everybody."""
    view.__dict__["etalase_permission"] = None
    return view


_loader: list[Callable[[], Actor]] = []


def actor_loader(load: Callable[[], Actor]) -> Callable[[], Actor]:
    """Register the function that finds the actor of the current request (organizations does)."""
    _loader[:] = [load]
    return load


def current_actor() -> Actor:
    """Who makes this request; NOBODY when signed out."""
    if "actor" not in g:
        g.actor = _loader[0]() if _loader else NOBODY
    actor: Actor = g.actor
    return actor


def forget_actor() -> None:
    """Find the actor anew: somebody has just signed in or out, or put on another hat."""
    g.pop("actor", None)


def init_app(app: Flask) -> None:
    """Find the actor and enforce the declarations before every request."""

    @app.before_request
    def enforce() -> None:
        if request.endpoint is None or request.endpoint.endswith("static"):
            return
        permission = declared(app, request.endpoint)
        actor = current_actor()
        if permission is not None:
            actor.require(permission)


def declared(app: Flask, endpoint: str) -> Permission | None:
    """The permission an endpoint declares; None for a public one. Raises LookupError when undeclared."""
    view = app.view_functions[endpoint]
    if endpoint == "static" or endpoint.endswith(".static"):
        return None
    try:
        permission: Permission | None = view.__dict__["etalase_permission"]
    except KeyError:
        raise LookupError(f"{endpoint} declares neither @protected nor @public") from None
    return permission


def check_declared(app: Flask) -> None:
    """Refuse to start while an endpoint declares nothing."""
    for endpoint in app.view_functions:
        declared(app, endpoint)
