"""`flask audit` finds what parcels and receipts say and their rows do not."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update

from marketplace.db import db, unit_of_work
from marketplace.orders.models import ParcelConsent, Reservation
from marketplace.orders.parcel_audit import differences
from tests.orders.made import pay, received
from tests.orders.parcel_support import hamper_of
from tests.orders.support import lines_of


@pytest.mark.corrupts
def test_every_kind_of_difference_is_found(app):
    hamper = hamper_of()
    order = received(hamper.trade, 3)
    (line,) = lines_of(order)
    assert list(differences()) == []
    with unit_of_work() as session:
        session.execute(
            update(Reservation).where(Reservation.product_id == hamper.cake.id).values(quantity=1)
        )
        session.execute(delete(ParcelConsent))
    found = list(differences())
    assert f"line {line.id}: its parcels need 6 of product {hamper.cake.id}, 1 are promised" in found
    assert f"parcel version {hamper.version.id} is sold without every maker's yes" in found
    with unit_of_work() as session:
        session.execute(text("UPDATE order_lines SET is_parcel = NOT is_parcel"))
        session.execute(text("UPDATE parcel_versions SET price_rupiah = price_rupiah + 1,"
                             " components_rupiah = components_rupiah + 1"))  # fmt: skip
    told = " ".join(differences())
    assert "a parcel without its version, or a version without a parcel" in told
    assert "110001 for its makers, its components come to 110000" in told


@pytest.mark.corrupts
def test_a_payment_that_changed_after_its_receipt_is_found(app, trade):
    payment = pay(trade, received(trade))
    assert list(differences()) == []
    with unit_of_work() as session:
        session.execute(text("UPDATE payments SET amount_rupiah = amount_rupiah + 1"))
    assert list(differences()) == [f"receipt of payment {payment.id}: it says 150000, the payment 150001"]
    db.session.rollback()
