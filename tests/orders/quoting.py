"""What tests of quotations begin with: somebody who asked, and terms as each side writes them."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import select

from marketplace.db import db
from marketplace.orders.models import Order, PaymentPlan, Quote, QuoteState, QuoteVersion
from marketplace.orders.rules.quote_drafts import QuotedLine, QuotedTerms
from marketplace.orders.services import asking, quotes
from tests.orders.support import DAY, TODAY, Trade, draft_part

_keys = itertools.count(1)


def ask(trade: Trade, quantity: int = 200, **how: Any) -> Quote:
    """The buyer asks for prices of the trade's product, delivered to its outlet."""
    values = {
        "outlet_id": trade.outlet.id,
        "shipping_kind": "seller_rate",
        "deliver_from": TODAY + 10 * DAY,
        "deliver_to": TODAY + 12 * DAY,
        **how,
    }
    actor, from_cart = values.pop("actor", trade.buyer), values.pop("from_cart", False)
    part = draft_part(trade.seller.id, [(trade.product.id, quantity)], **values)
    return asking.ask(actor=actor, client_key=f"ask-{next(_keys)}", part=part, from_cart=from_cart)


def terms(trade: Trade, price: int = 12_000, quantity: int = 200, **how: Any) -> QuotedTerms:
    """Terms for the trade's product: paid in advance by a third, brought for Rp25.000."""
    values: dict[str, Any] = {
        "lines": [QuotedLine(trade.product.id, quantity, price)],
        "deliver_from": TODAY + 10 * DAY,
        "deliver_to": TODAY + 12 * DAY,
        "payment_plan": PaymentPlan.ADVANCE,
        "advance_percent": 30,
        "shipping_rupiah": 25_000,
    }
    return QuotedTerms(**{**values, **how})


def offered(trade: Trade, price: int = 12_000, **how: Any) -> Quote:
    """A quotation that waits for the buyer's answer."""
    quote = ask(trade, **{key: how.pop(key) for key in ("actor",) if key in how})
    return quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade, price, **how))


def order_of(quote: Quote) -> Order:
    """The order that a quotation became."""
    db.session.rollback()
    return db.session.scalars(select(Order).where(Order.quote_id == quote.id)).one()


def quote_state(quote: Quote) -> QuoteState:
    """Where it stands now."""
    db.session.rollback()
    return QuoteState(db.session.scalars(select(Quote.state).where(Quote.id == quote.id)).one())


def versions_of(quote: Quote) -> list[tuple[int, str, int | None]]:
    """Number, side and total of every version."""
    query = select(QuoteVersion.number, QuoteVersion.side, QuoteVersion.total_rupiah)
    rows = db.session.execute(query.where(QuoteVersion.quote_id == quote.id).order_by(QuoteVersion.number))
    return [(number, side, total) for number, side, total in rows]
