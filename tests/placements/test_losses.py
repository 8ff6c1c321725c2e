"""Who bears a loss is said once and never changed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import DBAPIError

from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict
from marketplace.placements.models import Bearer, BorneLoss, LossReason
from marketplace.placements.services.losses import bear


def test_the_same_said_twice_is_kept_once(app: Flask) -> None:
    for _time in range(2):
        with unit_of_work() as session:
            bear(session, "count:1:2", Bearer.OUTLET, LossReason.MISSING, "count", 1)
    row = db.session.query(BorneLoss).one()
    assert (row.borne_by, row.reason, row.document_kind, row.document_id) == ("outlet", "missing", "count", 1)


def test_another_bearer_for_the_same_loss_is_a_conflict(app: Flask) -> None:
    with unit_of_work() as session:
        bear(session, "count:1:2", "outlet", "missing", "count", 1)
    with pytest.raises(Conflict), unit_of_work() as session:
        bear(session, "count:1:2", "seller", "missing", "count", 1)


@pytest.mark.parametrize("statement", [update(BorneLoss).values(borne_by="seller"), delete(BorneLoss)])
def test_the_database_refuses_to_change_what_was_said(app: Flask, statement: Executable) -> None:
    with unit_of_work() as session:
        bear(session, "count:1:2", "outlet", "missing", "count", 1)
    with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
        session.execute(statement)
