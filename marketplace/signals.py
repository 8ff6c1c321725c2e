"""How a lower area tells a higher one that something changed, without knowing it."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

evidence_changed = _signals.signal("evidence-changed")
"""What counting reads changed. sender: the session of the unit; outlets: list of (outlet_id, first day
affected). Sent inside the unit of work, so that receivers write in the same transaction."""

product_changed = _signals.signal("product-changed")
"""A product's public face changed. sender: the session; product_ids: list of ids."""

seller_facts_changed = _signals.signal("seller-facts-changed")
"""What counting reads of sellers changed. sender: the session; seller_ids: list of ids; from_day: the first
day affected. Whoever knows the outlets that carry them (placements, compliance) marks those."""

products_deleting = _signals.signal("products-deleting")
"""Drafts are about to be deleted for good. sender: the session of the unit; product_ids: list of ids.
Whoever keeps rows about a product deletes them now."""

payment_changed = _signals.signal("payment-changed")
"""A payment was recorded, confirmed, denied or taken back. sender: the session of the unit; payment: the row;
act: recorded, confirm, deny, take_back or reverse, and of a provider's captured or charged_back; actor: who
did it."""

order_moved = _signals.signal("order-moved")
"""An order was placed or moved to another state. sender: the session of the unit; order: the row; step: its
new step; actor: who did it."""

claim_moved = _signals.signal("claim-moved")
"""A claim on an order was made or answered. sender: the session of the unit; claim: the row; verb: make,
accept, reject, refer, lapse, decide or withdraw; order: its order; actor: who did it."""

refund_changed = _signals.signal("refund-changed")
"""Money is to go back, was sent, came, did not come, or need not go back after all. sender: the session of
the unit; refund: the row; act: due, sent, done, denied or dropped; actor: who did it."""

webhook_stopped = _signals.signal("webhook-stopped")
"""Nothing is sent to an address any more, because nothing arrived there. sender: the session of the unit;
endpoint: the row."""
