"""Computes again what parcels and receipts keep, from their rows."""

from __future__ import annotations

from collections.abc import Iterator

from ..audits import sentences_of, snapshot

BOUGHT = """SELECT l.id FROM order_lines l LEFT JOIN order_line_parcels p ON p.order_line_id = l.id
    WHERE l.is_parcel = (p.order_line_id IS NULL)"""
PROMISED = """SELECT l.id, c.product_id, l.quantity * c.quantity, coalesce(r.quantity, 0)
    FROM order_lines l JOIN order_line_parcels p ON p.order_line_id = l.id
    JOIN parcel_components c ON c.version_id = p.version_id
    LEFT JOIN reservations r ON r.order_line_id = l.id AND r.product_id = c.product_id
    WHERE coalesce(r.quantity, 0) <> l.quantity * c.quantity"""
SHARED = """SELECT v.id, v.components_rupiah, coalesce(sum(c.share_rupiah), 0) FROM parcel_versions v
    LEFT JOIN parcel_components c ON c.version_id = v.id GROUP BY v.id, v.components_rupiah
    HAVING v.components_rupiah <> coalesce(sum(c.share_rupiah), 0)"""
AGREED = """SELECT DISTINCT v.id FROM parcel_versions v
    JOIN parcel_components c ON c.version_id = v.id JOIN products p ON p.id = v.product_id
    LEFT JOIN parcel_consents s ON s.version_id = v.id AND s.seller_id = c.seller_id AND s.is_accepted
    WHERE v.state = 'accepted' AND c.seller_id <> p.seller_id AND s.seller_id IS NULL"""
RECEIPTS = """SELECT r.payment_id, r.amount_rupiah, p.amount_rupiah FROM payment_receipts r
    JOIN payments p ON p.id = r.payment_id
    WHERE r.amount_rupiah <> p.amount_rupiah OR r.seller_id <> p.seller_id"""
UNRECEIPTED = """SELECT DISTINCT p.id FROM payments p
    JOIN payment_allocations a ON a.payment_id = p.id
    JOIN payables d ON d.id = a.payable_id AND d.kind IN ('advance', 'invoice')
    LEFT JOIN payment_receipts r ON r.payment_id = p.id
    WHERE p.state = 'confirmed' AND r.payment_id IS NULL"""
TABLES = ("order_lines", "parcel_versions", "payment_receipts", "payments")
"""Whose rows the sentences are about; all else hangs on these."""
CHECKS = (
    (BOUGHT, "line {0}: a parcel without its version, or a version without a parcel"),
    (PROMISED, "line {0}: its parcels need {2} of product {1}, {3} are promised"),
    (SHARED, "parcel version {0}: {1} for its makers, its components come to {2}"),
    (AGREED, "parcel version {0} is sold without every maker's yes"),
    (RECEIPTS, "receipt of payment {0}: it says {1}, the payment {2}"),
    (UNRECEIPTED, "payment {0} of an order is confirmed without a receipt"),
)


def differences() -> Iterator[str]:
    """One sentence for each thing that does not follow from its rows."""
    with snapshot() as connection:
        yield from sentences_of(connection, CHECKS)
