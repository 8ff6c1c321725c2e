"""Steps of paying through a provider, and processes that die at a commit on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.db import db, unit_of_work
from marketplace.payments.models import Charge, ChargeItem, Payable
from marketplace.payments.services import withdraw_advance
from marketplace.payments.services.charges import look_at, start_charge
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import SYSTEM, Actor, Role


class Died(BaseException):
    """The process ended here, as far as its transaction goes."""


@contextmanager
def dying_at(number: int, when: str, die: Callable[[], None]) -> Iterator[list[int]]:
    """Within the block the process dies before or after its nth commit; counts the commits."""
    commits, whole = [0], Session.commit

    def commit(self: Session) -> None:
        commits[0] += 1
        if commits[0] == number and when == "before":
            die()
        whole(self)
        if commits[0] == number and when == "after":
            die()

    Session.commit = commit  # type: ignore[method-assign]
    try:
        yield commits
    finally:
        Session.commit = whole  # type: ignore[method-assign]


def bills_of(operator_id: int) -> list[Payable]:
    query = select(Payable).where(Payable.operator_id == operator_id).order_by(Payable.id)
    return list(db.session.scalars(query))


def start(operator_id: int) -> None:
    """The buyer sets out to pay all its bills."""
    actor = Actor(user_id=None, name="Pembeli", role=Role.BUYER_MANAGER, operator_id=operator_id)
    start_charge(actor=actor, payable_ids=[row.id for row in bills_of(operator_id)])


def capture(operator_id: int) -> None:
    """The buyer is back, and the provider says that it paid."""
    look_at(db.session.scalars(select(Charge.id).where(Charge.operator_id == operator_id)).one())


def give_back(operator_id: int) -> None:
    """The first order is cancelled, and the worker gives its money back."""
    with unit_of_work() as session:
        withdraw_advance(session, bills_of(operator_id)[0].document_id, reason="Batal", actor=SYSTEM)
    sweep()


def returned(operator_id: int) -> None:
    """The worker gives back what came for orders that were cancelled meanwhile."""
    query = select(ChargeItem).join(Charge).where(Charge.operator_id == operator_id)
    assert db.session.scalars(query).first() is not None
    sweep()


STEPS: dict[str, Callable[[int], None]] = {
    "start": start, "capture": capture, "give_back": give_back, "returned": returned,
}  # fmt: skip


def killed_at(number: int, when: str, step: str, operator_id: int, _app: Flask) -> None:
    """Take a step; this process is killed with signal 9 just before, or just after, its nth commit."""
    with dying_at(number, when, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        STEPS[step](operator_id)
