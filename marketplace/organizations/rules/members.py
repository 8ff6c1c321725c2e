"""Who may give whom which role."""

from __future__ import annotations

from ...permissions import Role

SELLER_ROLES = (Role.SELLER_OWNER, Role.SELLER_MANAGER, Role.SELLER_STAFF)
BUYER_ROLES = (Role.BUYER_OWNER, Role.BUYER_MANAGER, Role.BUYER_STAFF)
OFFICE_ROLES = (Role.HEAD, Role.OFFICER, Role.COACH)
LEADING = frozenset({Role.SELLER_OWNER, Role.BUYER_OWNER, Role.HEAD})
"""Each organization keeps at least one person in its leading role."""


def roles_in(
    *, seller_id: int | None = None, operator_id: int | None = None, office_id: int | None = None
) -> tuple[Role, ...]:
    """The roles that people have in one kind of organization; none of them given: the platform's."""
    if seller_id is not None:
        return SELLER_ROLES
    if operator_id is not None:
        return BUYER_ROLES
    return OFFICE_ROLES if office_id is not None else (Role.ADMIN,)


def leading_role(role: Role) -> Role:
    """The role that must not stay empty in the organization where `role` is one."""
    if role in SELLER_ROLES:
        return Role.SELLER_OWNER
    if role in BUYER_ROLES:
        return Role.BUYER_OWNER
    return Role.HEAD if role in OFFICE_ROLES else Role.ADMIN
