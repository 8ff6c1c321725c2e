"""Two parties leading orders at random, beside a model of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from marketplace import clock
from marketplace.db import db
from marketplace.errors import MarketplaceError
from marketplace.orders.models import ClaimKind, Order, OrderClaim, OrderLine, ReadyStock
from marketplace.orders.rules.shipping import Packed, Taken
from marketplace.orders.services import answering, claims, receiving, shipping
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.payments.models import Refund
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.services import answer_payment
from tests import factories as make
from tests.orders.made import note_lines, pay, payables_of
from tests.orders.support import TODAY, Trade, buyable, lines_of, sells, trade_of
from tests.orders.walk_model import DUE, HOLDING, LATEST, PRICE, Life

READY = 10_000
WHICH = st.integers(0, 5)


class OrderWalk(RuleBasedStateMachine):
    """Orders of one product between one store and one kitchen."""

    trade: Trade
    lives: list[Life]
    held: Any

    @initialize()
    def begin(self) -> None:
        """A new pair for each walk, on the first day."""
        self.day, self.lives, self.left = 0, [], 0
        self.enter()
        self.trade = trade_of()
        self.trade.product = buyable(self.trade.seller, ready=READY)
        sells(self.trade.seller, due_days=30)
        self.officer = make.officer()

    def enter(self) -> None:
        """Live on the day of the walk, at noon."""
        self.leave()
        moment = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=clock.WIB)
        self.held = clock.frozen(moment + timedelta(days=self.day))
        self.held.__enter__()

    def leave(self) -> None:
        held = getattr(self, "held", None)
        if held is not None:
            held.__exit__(None, None, None)
            self.held = None

    def teardown(self) -> None:
        """Let time go again."""
        self.leave()
        db.session.rollback()

    # --- what both do --------------------------------------------------------------------------------------

    def attempt(self, legal: bool, act: Any, **values: Any) -> Any:
        """Do it; it must work exactly when the model says so. Answers what came of it, None when refused."""
        try:
            answer = act(**values)
        except MarketplaceError as error:
            if legal:
                raise AssertionError(f"refused: {error.message}") from error
            return None
        assert legal, f"{act.__name__} was allowed"
        return answer

    def pick(self, which: int) -> Life | None:
        return self.lives[which % len(self.lives)] if self.lives else None

    def move(self, life: Life, state: str) -> None:
        """What follows for the model when an order enters a state today."""
        life.state = state
        if state in DUE:
            life.due = self.day + DUE[state]
        elif state in {"packed", "shipped"}:
            life.due = max(self.day, life.begun + LATEST) + (5 if state == "shipped" else 0)
        elif state == "settled":
            life.due = self.day + 3

    def settle(self, life: Life) -> None:
        """What money does to a state."""
        all_came = life.paid >= life.asked
        if life.state == "awaiting_payment" and all_came:
            self.move(life, "paid")
        elif life.state == "invoiced" and all_came:
            self.move(life, "settled")
        elif life.state == "paid" and not all_came:
            self.move(life, "awaiting_payment")
        elif life.state == "settled" and not all_came:
            self.move(life, "invoiced")

    @rule(
        quantity=st.integers(1, 9),
        plan=st.sampled_from(["before", "on_delivery", "later"]),
        is_quoted=st.booleans(),
    )
    def place(self, quantity: int, plan: str, is_quoted: bool) -> None:
        """The buyer orders."""
        if len(self.lives) >= 6:
            return
        today = TODAY + timedelta(days=self.day)
        order = self.trade.order(
            quantity,
            payment_plan=plan,
            shipping_kind="quoted" if is_quoted else "pickup",
            deliver_from=today + timedelta(days=1),
            deliver_to=today + timedelta(days=LATEST),
        )
        life = Life(order, quantity, plan, is_quoted, quantity * PRICE, self.day)
        self.move(life, "placed")
        self.lives.append(life)

    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        """The seller says yes."""
        if life := self.pick(which):
            legal = life.state == "placed" and not life.is_quoted
            if self.attempt(legal, answering.confirm, actor=self.trade.maker, order_id=life.order.id):
                self.go_on(life)

    def go_on(self, life: Life) -> None:
        life.advance = life.total if life.plan == "before" else 0
        self.move(life, "awaiting_payment" if life.advance else "confirmed")

    @rule(which=WHICH, rupiah=st.integers(0, 3))
    def quote(self, which: int, rupiah: int) -> None:
        """The seller says what shipping costs."""
        if life := self.pick(which):
            legal = life.state == "placed" and life.is_quoted
            if self.attempt(
                legal,
                answering.quote_shipping,
                actor=self.trade.maker,
                order_id=life.order.id,
                shipping_rupiah=rupiah * 999,
            ):
                life.total = life.quantity * PRICE + rupiah * 999
                self.move(life, "quoted")

    @rule(which=WHICH)
    def agree(self, which: int) -> None:
        """The buyer agrees to it."""
        if life := self.pick(which):
            legal = life.state == "quoted"
            if self.attempt(legal, answering.agree, actor=self.trade.buyer, order_id=life.order.id):
                self.go_on(life)

    @rule(which=WHICH, how=st.sampled_from(["decline", "cancel", "call_off"]))
    def end(self, which: int, how: str) -> None:
        """Somebody steps back."""
        life = self.pick(which)
        if life is None:
            return
        sources = {
            "decline": {"placed"},
            "cancel": {"placed", "quoted", "awaiting_payment", "confirmed", "paid", "packed"},
            "call_off": {"quoted", "awaiting_payment", "confirmed", "paid", "packed"},
        }[how]
        who = self.trade.buyer if how == "cancel" else self.trade.maker
        act, is_late = getattr(answering, how), life.state != "packed" or self.day > life.due
        legal = life.state in sources and (how != "cancel" or is_late)
        if self.attempt(legal, act, actor=who, order_id=life.order.id, reason="Begitulah."):
            self.move(life, "declined" if how == "decline" else "cancelled")

    @rule(which=WHICH)
    def pack(self, which: int) -> None:
        """The goods are packed."""
        if life := self.pick(which):
            legal = life.state in {"confirmed", "paid"}
            if self.attempt(legal, shipping.pack, actor=self.trade.maker, order_id=life.order.id):
                self.move(life, "packed")

    @rule(which=WHICH, units=st.integers(0, 10), lots=st.integers(1, 2))
    def ship(self, which: int, units: int, lots: int) -> None:
        """The seller sends so many units, in one lot or two."""
        life = self.pick(which)
        if life is None:
            return
        (line,) = lines_of(life.order)
        first = units // lots
        parts = [
            Packed(line.id, count, name) for count, name in ((first, "A"), (units - first, "B")) if count
        ]
        legal = life.state in {"confirmed", "paid", "packed"} and 0 < units <= life.quantity
        draft = shipping.ShipmentDraft(parts)
        if self.attempt(legal, shipping.ship, actor=self.trade.maker, order_id=life.order.id, draft=draft):
            life.sent = units
            self.left += units
            self.move(life, "shipped")

    @rule(which=WHICH, bad=st.integers(0, 2), gone=st.integers(0, 2))
    def receive(self, which: int, bad: int, gone: int) -> None:
        """The buyer takes in what is good."""
        life = self.pick(which)
        if life is None:
            return
        counted, accepted = {}, 0
        for part in note_lines(life.order):
            damaged = min(bad, part.quantity)
            good = part.quantity - damaged - min(gone, part.quantity - damaged)
            counted[part.id], accepted = Taken(good, damaged), accepted + good
        legal = life.state == "shipped"
        if self.attempt(
            legal, receiving.receive, actor=self.trade.buyer, order_id=life.order.id, counted=counted
        ):
            self.take_in(life, accepted)

    def take_in(self, life: Life, accepted: int) -> None:
        shipping_rupiah = life.total - life.quantity * PRICE
        life.accepted, life.received = accepted, self.day
        life.billed = accepted * PRICE + (shipping_rupiah if accepted else 0)
        life.paid = min(life.paid, life.billed)
        self.move(life, "invoiced")
        self.settle(life)

    # --- rupiah --------------------------------------------------------------------------------------------

    @rule(which=WHICH, is_half=st.booleans(), confirms=st.booleans())
    def pay(self, which: int, is_half: bool, confirms: bool) -> None:
        """The buyer reports what is open, or half of it; the seller may confirm at once."""
        life = self.pick(which)
        if life is None or life.state not in {"awaiting_payment", "invoiced"}:
            return
        open_ = life.asked - life.told
        db.session.rollback()
        assert sum(row.open_rupiah for row in payables_of(life.order)) == max(open_, 0)
        if open_ <= 0:
            return
        amount = max(open_ // 2, 1) if is_half else open_
        payment = pay(self.trade, life.order, amount=amount, confirms=confirms)
        if confirms:
            life.paid += amount
            self.settle(life)
        else:
            life.reported.append((payment, amount))

    @rule(which=WHICH, comes=st.booleans())
    def answer(self, which: int, comes: bool) -> None:
        """The seller says whether a reported payment came."""
        life = self.pick(which)
        if life is None or not life.reported or life.state not in {"awaiting_payment", "invoiced"}:
            return
        payment, amount = life.reported.pop()
        verb = PaymentVerb.CONFIRM if comes else PaymentVerb.DENY
        answer_payment(actor=self.trade.maker, payment_id=payment.id, verb=verb, reason="Begitulah.")
        if comes:
            life.paid += amount
        self.settle(life)

    # --- claims --------------------------------------------------------------------------------------------

    @rule(which=WHICH, quantity=st.integers(1, 4))
    def claim(self, which: int, quantity: int) -> None:
        """The buyer claims some units."""
        life = self.pick(which)
        if life is None:
            return
        (line,) = lines_of(life.order)
        claimed = sum(one["quantity"] for one in life.claims if one["state"] in {"open", "referred"})
        legal = (
            life.state in {"invoiced", "settled"}
            and self.day <= life.received + 3
            and claimed + life.granted + quantity <= life.accepted
        )
        draft = claims.ClaimDraft(
            line.id, ClaimKind.SHORT, quantity, "Kurang.", f"k{len(life.claims)}-{self.day}"
        )
        made = self.attempt(
            legal, claims.make_claim, actor=self.trade.buyer, order_id=life.order.id, draft=draft
        )
        if made:
            life.claims.append({"id": made.id, "quantity": quantity, "state": "open", "due": self.day + 3})

    @rule(which=WHICH, granted=st.integers(0, 4), is_office=st.booleans())
    def decide(self, which: int, granted: int, is_office: bool) -> None:
        """The seller, or the office, answers the latest claim."""
        life = self.pick(which)
        if life is None or not life.claims:
            return
        one = life.claims[-1]
        act: Any
        if is_office:
            legal = one["state"] == "referred" and granted <= one["quantity"]
            act, who = claims.decide_claim, self.officer
            values: dict[str, Any] = {"granted": granted, "reason": "Begitulah."}
        elif granted:
            legal = one["state"] in {"open", "referred"} and granted <= one["quantity"]
            act, who, values = claims.accept_claim, self.trade.maker, {"granted": granted}
        else:
            legal = one["state"] == "open"
            act, who, values = claims.reject_claim, self.trade.maker, {"reason": "Begitulah."}
        if not self.attempt(legal, act, actor=who, claim_id=one["id"], **values):
            return
        if not granted:
            one["state"], one["due"] = "rejected", None if is_office else self.day + 7
            return
        one["state"] = "accepted"
        life.granted += granted
        unpaid = max(0, (life.billed or 0) - (life.granted - granted) * PRICE - life.told)
        life.paid -= max(0, granted * PRICE - unpaid)
        self.settle(life)

    # --- days ----------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        """Some days later the worker looks, twice."""
        self.day += days
        self.enter()
        pass_deadlines()
        for life in self.lives:
            self.grow_old(life)
        assert pass_deadlines() == 0

    def grow_old(self, life: Life) -> None:
        if life.state in DUE and self.day > life.due:
            if not (life.state == "awaiting_payment" and life.told >= life.asked):
                self.move(life, "expired")
        elif life.state == "shipped" and self.day > life.due:
            self.take_in(life, life.sent)
        for one in life.claims:
            if one["state"] == "open" and self.day > one["due"]:
                one["state"] = "referred"
        holds = any(
            one["state"] in {"open", "referred"}
            or (one["state"] == "rejected" and one["due"] is not None and one["due"] >= self.day)
            for one in life.claims
        )
        if life.state == "settled" and self.day > life.due and not holds:
            self.move(life, "closed")

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        """Every order is where the model has it, with its units and its rupiah; so is the stock."""
        if not getattr(self, "lives", None):
            return
        db.session.rollback()
        for life in self.lives:
            row = db.session.execute(
                select(Order.state, OrderLine.sent, OrderLine.accepted)
                .join(OrderLine, OrderLine.order_id == Order.id)
                .where(Order.id == life.order.id)
            ).one()
            assert tuple(row) == (life.state, life.sent, life.accepted)
            units = select(func.coalesce(func.sum(OrderClaim.granted), 0))
            assert db.session.scalar(units.where(OrderClaim.order_id == life.order.id)) == life.granted
            self.money_agrees(life)
        stock = db.session.get_one(ReadyStock, self.trade.product.id, populate_existing=True)
        held = sum(life.quantity for life in self.lives if life.state in HOLDING)
        assert (stock.on_hand, stock.reserved) == (READY - self.left, held)

    def money_agrees(self, life: Life) -> None:
        """What is asked less what goes back is as the model says: nothing of an order that ended."""
        rows = payables_of(life.order)
        keys = [row.id for row in rows]
        back = select(func.coalesce(func.sum(Refund.amount_rupiah), 0)).where(
            Refund.payable_id.in_(keys), Refund.state != "dropped"
        )
        asked = sum(row.amount_rupiah for row in rows) - int(db.session.scalar(back) or 0)
        assert asked == life.asked, (life.state, asked, life.asked)
