"""Tables of organizations: sellers, retailers and their outlets, offices, and who belongs to them."""

from .members import Invitation, Membership, Office, OfficeBuyer
from .retailers import Operator, Outlet, OutletFacts, OutletKind
from .sellers import Claim, DistinctSellers, KbliCode, Seller, SellerFacts, SellerMerge, Verification

__all__ = [
    "Claim",
    "DistinctSellers",
    "Invitation",
    "KbliCode",
    "Membership",
    "Office",
    "OfficeBuyer",
    "Operator",
    "Outlet",
    "OutletFacts",
    "OutletKind",
    "Seller",
    "SellerFacts",
    "SellerMerge",
    "Verification",
]
