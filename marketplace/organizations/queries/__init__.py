"""Every read of organizations."""

from .actors import Hat, actor_of, has_hat, hats_of, load_actor
from .acts import acts_on
from .duplicates import LIKENESS_LABELS, merges, possible_duplicates
from .outlets import (
    operator,
    operator_choices,
    operator_names,
    operators,
    outlet,
    outlets,
    place_names,
)
from .people import (
    invitations,
    members,
    office,
    office_of_region,
    open_invitation,
    organization_name,
    role_label,
    user_email,
)
from .queue import (
    claims_of,
    own_request,
    queue_counts,
    waiting_claims,
    waiting_operators,
    waiting_sellers,
)
from .registry import (
    RegistryFilter,
    business_classes,
    registry,
    registry_counts,
    registry_rows,
    state_choices,
)
from .scope import operators_visible_to, outlets_visible_to, sellers_visible_to
from .sellers import (
    SellerPage,
    Storefront,
    operator_name,
    seller_page,
    storefront,
    user_names,
    verification_history,
)
from .sizes import size_case, store_limits_on, thresholds_on

__all__ = [
    "LIKENESS_LABELS",
    "Hat",
    "RegistryFilter",
    "SellerPage",
    "Storefront",
    "actor_of",
    "acts_on",
    "business_classes",
    "claims_of",
    "has_hat",
    "hats_of",
    "invitations",
    "load_actor",
    "members",
    "merges",
    "office",
    "office_of_region",
    "open_invitation",
    "operator",
    "operator_choices",
    "operator_name",
    "operator_names",
    "operators",
    "operators_visible_to",
    "organization_name",
    "outlet",
    "outlets",
    "outlets_visible_to",
    "own_request",
    "place_names",
    "possible_duplicates",
    "queue_counts",
    "registry",
    "registry_counts",
    "registry_rows",
    "role_label",
    "seller_page",
    "sellers_visible_to",
    "size_case",
    "state_choices",
    "store_limits_on",
    "storefront",
    "thresholds_on",
    "user_email",
    "user_names",
    "verification_history",
    "waiting_claims",
    "waiting_operators",
    "waiting_sellers",
]
