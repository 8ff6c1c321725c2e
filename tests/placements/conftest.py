"""Two parties who could agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from marketplace.organizations.models import Outlet, Seller
from marketplace.permissions import Actor, Role
from marketplace.placements import services
from marketplace.placements.models import Agreement, CommissionBasis
from marketplace.placements.offers import Good, Offer
from tests import factories as make

TODAY = date(2026, 11, 22)


@dataclass
class Parties:
    """A seller with one product, an outlet, and a person at each."""

    seller: Seller
    outlet: Outlet
    product_id: int
    maker: Actor
    buyer: Actor

    def offer(self, **changes: object) -> Offer:
        """A proposal that nothing speaks against."""
        values: dict[str, object] = {
            "outlet_id": self.outlet.id,
            "seller_id": self.seller.id,
            "starts_on": TODAY,
            "reply_by": TODAY + timedelta(days=7),
            "goods": (Good(self.product_id),),
            "commission_basis": CommissionBasis.PERCENT_OF_RETAIL,
            "commission_percent": Decimal("12.5"),
            "due_days": 14,
        }
        return Offer(**{**values, **changes})  # type: ignore[arg-type]

    def proposed(self, **changes: object) -> Agreement:
        """The buyer has proposed."""
        return services.propose_agreement(actor=self.buyer, offer=self.offer(**changes))

    def accepted(self, **changes: object) -> Agreement:
        """The seller has said yes to it."""
        return services.accept_agreement(actor=self.maker, agreement_id=self.proposed(**changes).id)


@pytest.fixture
def parties(app: Flask) -> Parties:
    """Two parties who could agree."""
    seller = make.seller(name="Dapur Contoh")
    operator = make.operator(name="Rukun Mart")
    outlet = make.outlet(name="Rukun Mart Nusukan", operator_id=operator.id)
    return Parties(
        seller=seller,
        outlet=outlet,
        product_id=make.product(seller, name="Keripik tempe").id,
        maker=make.member(Role.SELLER_OWNER, seller_id=seller.id),
        buyer=make.member(Role.BUYER_MANAGER, operator_id=operator.id),
    )
