"""What happens to a settlement once it was issued: the seller confirms it, or disputes a line of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_day, speaking
from ...money import format_rupiah
from ...payments.models import AccountKind
from ...payments.rules import MAX_RUPIAH
from ...payments.services import Account, Step, change_amount, enter, lock_payable
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from .. import queries
from ..models import (
    Agreement,
    Difference,
    DifferenceKind,
    Settlement,
    SettlementDispute,
    SettlementLine,
    SettlementState,
)
from ..rules import Side
from .common import lock_parties, outlet_facts
from .differences import DifferentLine, on_settled, open_differences
from .parties import Parties, no_paper, record, tell

MAX_REASON = 2000


@dataclass
class HeldSettlement:
    """A settlement under its locks, and its parties."""

    row: Settlement
    parties: Parties


def hold_settlement(session: Session, actor: Actor, settlement_id: int, side: Side) -> HeldSettlement:
    """Outlet, seller, agreement and settlement, locked in this order; NotFound unless the actor is that side.

    The store's side is the operator that owes, also after the outlet went to another.
    """
    columns = (Settlement.outlet_id, Settlement.seller_id, Settlement.agreement_id, Settlement.operator_id)
    found = session.execute(select(*columns).where(Settlement.id == settlement_id)).one_or_none()
    if found is None:
        raise no_paper()
    outlet, seller = lock_parties(session, found.outlet_id, found.seller_id)
    acts_as = queries.side_of(session, actor, seller_id=seller.id, operator_id=found.operator_id)
    if acts_as is not side:
        raise no_paper()
    session.get_one(Agreement, found.agreement_id, with_for_update=True, populate_existing=True)
    row = session.get(Settlement, settlement_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise no_paper()
    region = outlet_facts(session, outlet.id).region_code
    return HeldSettlement(row, Parties(outlet, seller, row.operator_id, region, side))


@retry_on_conflict
def confirm_settlement(*, actor: Actor, settlement_id: int) -> Settlement:
    """The seller says that a settlement is right, but for lines it disputed. Said again nothing changes."""
    with unit_of_work() as session:
        held = hold_settlement(session, actor, settlement_id, Side.SELLER)
        actor.require(Permission.SETTLEMENT_ANSWER)
        row = held.row
        if row.state == SettlementState.CONFIRMED:
            return row
        _require_issued(row)
        row.state = SettlementState.CONFIRMED.value
        row.confirmed_at, row.confirmed_by = clock.now(), actor.user_id
        record(session, actor, held.parties, "settlement.confirmed", row, before={"state": "issued"})
        tell(
            session, held.parties, Side.OUTLET, "settlement_confirmed", f"/settlements/{row.id}",
            number=row.number, rupiah=row.net_rupiah, due_on=row.due_on.isoformat() if row.due_on else None,
        )  # fmt: skip
        return row


def _require_issued(row: Settlement) -> None:
    if row.state == SettlementState.DRAFT:
        raise RuleBroken(
            _("Penyelesaian ini masih konsep. Tunggu toko menerbitkannya."), code="settlement_draft"
        )
    if row.state == SettlementState.CONFIRMED:
        raise RuleBroken(
            _("Penyelesaian ini sudah Anda benarkan. Tulis pesan kepada toko bila ada yang keliru."),
            code="settlement_confirmed",
        )


@retry_on_conflict
def dispute_line(
    *, actor: Actor, settlement_id: int, movement_id: int, claimed_rupiah: int, reason: str
) -> SettlementDispute:
    """The seller does not accept a line: its rupiah waits for a decision, the rest is owed as before.

    `claimed_rupiah` is what the line should bring. Disputed again it is the same dispute. Raises NotFound for
    a stranger, InvalidInput for a claim that cannot be, RuleBroken once it was confirmed or paid.
    """
    with unit_of_work() as session:
        held = hold_settlement(session, actor, settlement_id, Side.SELLER)
        actor.require(Permission.SETTLEMENT_ANSWER)
        row = held.row
        line = session.get(SettlementLine, movement_id)
        if line is None or line.settlement_id != row.id:
            raise no_paper()
        known = session.get(SettlementDispute, movement_id, populate_existing=True)
        if known is not None:
            return known
        _require_issued(row)
        _check_claim(line, claimed_rupiah, reason)
        payable = lock_payable(session, "settlement", row.id)
        withheld = max(line.net_rupiah, 0)
        if payable.amount_rupiah - withheld < payable.paid_rupiah:
            raise RuleBroken(
                _(
                    "Baris ini tidak bisa disisihkan: sisa tagihan akan kurang dari yang sudah dibayar, "
                    "atau kurang dari nol. Tulis pesan kepada toko.",
                ),
                code="cannot_withhold",
                net_rupiah=line.net_rupiah,
                amount_rupiah=payable.amount_rupiah,
                paid_rupiah=payable.paid_rupiah,
            )
        dispute = SettlementDispute(
            movement_id=movement_id,
            settlement_id=row.id,
            state="open",
            withheld_rupiah=withheld,
            claimed_rupiah=claimed_rupiah,
            added_rupiah=0,
            reason=clean_lines(reason),
            opened_at=clock.now(),
            opened_by=actor.user_id,
        )
        session.add(dispute)
        change_amount(payable, -withheld)
        product = session.get_one(Product, line.product_id)
        different = DifferentLine(
            seller_id=row.seller_id,
            line_ref=str(movement_id),
            product_id=line.product_id,
            rupiah=claimed_rupiah - line.net_rupiah,
            description=_describe(product.name, row, line, claimed_rupiah, clean_lines(reason)),
        )
        open_differences(
            session,
            [different],
            kind=DifferenceKind.SETTLEMENT_LINE,
            outlet_id=row.outlet_id,
            document_kind="settlement",
            document_id=row.id,
            actor=actor,
        )
        _enter(session, actor, row, f"dispute:{movement_id}:opened", "disputed", {
            AccountKind.DISPUTED: withheld, AccountKind.OWED: -withheld,
        })  # fmt: skip
        record(
            session, actor, held.parties, "settlement.disputed", row,
            after={"line": movement_id, "claimed_rupiah": claimed_rupiah}, reason=reason,
        )  # fmt: skip
        tell(
            session, held.parties, Side.OUTLET, "settlement_disputed", f"/settlements/{row.id}",
            number=row.number, product=product.name, rupiah=line.net_rupiah, claimed=claimed_rupiah,
            reason=clean_lines(reason),
        )  # fmt: skip
        return dispute


def _describe(product: str, row: Settlement, line: SettlementLine, claimed: int, why: str) -> str:
    """The dispute in words, kept as they are for both parties, so in Indonesian whoever disputes."""
    with speaking("id"):
        return _(
            "%(product)s, %(day)s: %(net)s pada penyelesaian %(number)s, "
            "menurut penjual %(claimed)s. %(why)s",
            product=product,
            day=format_day(line.occurred_on),
            net=format_rupiah(line.net_rupiah),
            number=row.number,
            claimed=format_rupiah(claimed),
            why=why,
        )


def _check_claim(line: SettlementLine, claimed_rupiah: int, reason: str) -> None:
    wrong = {}
    if not 0 <= claimed_rupiah <= MAX_RUPIAH:
        wrong["claimed_rupiah"] = _("Tulis berapa seharusnya baris ini, dari nol ke atas.")
    elif claimed_rupiah == line.net_rupiah:
        wrong["claimed_rupiah"] = _("Itu sama dengan jumlah pada baris ini. Tulis jumlah menurut Anda.")
    if not clean_lines(reason):
        wrong["reason"] = _("Tulis apa yang keliru, supaya toko tahu apa yang perlu diperiksa.")
    elif len(reason) > MAX_REASON:
        wrong["reason"] = _("Alasan paling panjang 2.000 huruf.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def decide_dispute(session: Session, actor: Actor, difference: Difference, holds: Side) -> None:
    """What settling the difference does: the line is owed as it stands, or as the seller says."""
    dispute = session.get_one(
        SettlementDispute, int(difference.line_ref), with_for_update=True, populate_existing=True
    )
    if dispute.state != "open":
        return
    row = session.get_one(Settlement, dispute.settlement_id)
    line = session.get_one(SettlementLine, dispute.movement_id)
    added = dispute.claimed_rupiah - line.net_rupiah if holds is Side.SELLER else 0
    payable = lock_payable(session, "settlement", row.id)
    change_amount(payable, dispute.withheld_rupiah + added)
    dispute.state, dispute.added_rupiah = "closed", added
    dispute.closed_at, dispute.closed_by = clock.now(), actor.user_id
    _enter(session, actor, row, f"dispute:{dispute.movement_id}:closed", "decided", {
        AccountKind.OWED: dispute.withheld_rupiah + added,
        AccountKind.DISPUTED: -dispute.withheld_rupiah,
        AccountKind.CORRECTION: -added,
    })  # fmt: skip


def _enter(
    session: Session, actor: Actor, row: Settlement, name: str, kind: str, amounts: dict[AccountKind, int]
) -> None:
    lines = {Account(row.operator_id, row.seller_id, account): amount for account, amount in amounts.items()}
    step = Step(f"settlement:{row.id}:{name}", kind, "settlement", row.id, clock.today(), lines)
    enter(session, [step], recorded_at=clock.now(), recorded_by=actor.user_id)


on_settled(DifferenceKind.SETTLEMENT_LINE, decide_dispute)
