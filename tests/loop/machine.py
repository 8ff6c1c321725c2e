"""A store and a maker doing business at random, beside a model in plain Python that keeps the same books."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from PIL import Image
from sqlalchemy import select, text

from marketplace import clock
from marketplace.db import Base, db
from marketplace.errors import MarketplaceError
from marketplace.payments.models import JournalAccount, Payable, PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Role
from marketplace.placements import services as agreements
from marketplace.placements.models import (
    AgreementVersion,
    Bearer,
    CommissionBasis,
    DeliveryLine,
    Difference,
    Outcome,
    ReturnLine,
    ReturnReason,
    SalesReport,
    Settlement,
    SettlementCycle,
    SettlementLine,
)
from marketplace.placements.offers import Draft, Good, Offer
from marketplace.placements.rules import Side
from marketplace.placements.rules.deliveries import Counted as CountedLine
from marketplace.placements.services import differences
from marketplace.placements.services.corrections import Correction, correct_line, reverse_report
from marketplace.placements.services.counts import Count, Counted, record_count
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import DeliveryDraft, NewLine
from marketplace.placements.services.destructions import DestructionDraft, record_destruction
from marketplace.placements.services.receiving import receive_delivery
from marketplace.placements.services.reports import HandReport, Sold, report_by_hand
from marketplace.placements.services.return_lines import TakenLine
from marketplace.placements.services.returns import ReturnDraft, fetch_return, make_return
from marketplace.placements.services.settled import confirm_settlement, dispute_line
from marketplace.placements.services.settling import issue_settlement, prepare_settlements
from marketplace.stock.models import Lot, LotBalance, ShelfBalance, StockMovement
from marketplace.stock.rules import derived_ref
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import record_sales
from tests import factories as make
from tests.loop.money_model import Bill, Books, Row, Version
from tests.stock.shelf_model import Model, Told

FIRST = date(2026, 11, 2)
"""A Monday: day 0 of the model."""
HORIZON = 80
A_LOT = st.sampled_from(["", "A", "B", "C"])
LOTS: dict[str, int | None] = {"A": 70, "B": 6, "C": None}
"""Lots by the day on which they expire: one never in our time, one soon, one that says nothing."""
AGAIN = st.booleans()
QUANTITIES = st.integers(1, 9)
PLACES = st.sampled_from([0, 1])
RETAIL = (20_000, 7_501)
NET = (14_999, 5_000)
_numbers = itertools.count(1)


def a_key() -> str:
    """A key as a page makes it."""
    return f"kunci{next(_numbers):08d}"


def photo() -> bytes:
    """A small picture."""
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, "JPEG")
    return target.getvalue()


PHOTO = photo()


@dataclass
class Asked:
    """A row that the ledger should get, in order."""

    ref: str
    product: int
    kind: str
    day: int
    lot: str | None
    change: int
    price: int | None = None
    bearer: str = ""
    reverses: tuple[str, int] | None = None


@dataclass
class SoldLine:
    """A line of a report: what was told, and what the shelf could give."""

    ref: str
    report: int | None
    product: int
    day: int
    quantity: int
    price: int | None
    accepted: int
    is_back: bool = False

    @property
    def told(self) -> str:
        """Its movement's name in the model."""
        return f"sale {self.ref}"


@dataclass
class Open:
    """A difference that waits, and what it is about."""

    kind: str
    product: int
    quantity: int | None
    rupiah: int | None
    day: int = 0
    price: int | None = None
    lot: str | None = None
    about: str = ""
    state: str = "open"


@dataclass
class Paper:
    """A delivery or a return on its way: by the id of each line (product, lot, quantity)."""

    lines: dict[int, tuple[int, str, int]]


@dataclass
class Paid:
    """A payment, and the bill it pays."""

    bill: int
    amount: int
    state: str = "reported"


@dataclass
class Dispute:
    """A line that the seller does not accept."""

    bill: int
    net: int
    claimed: int
    withheld: int
    added: int = 0
    is_open: bool = True


@dataclass
class World:
    """Everything the model knows."""

    books: Books
    shelves: dict[int, Model]
    ids: dict[str, list[int]] = field(default_factory=dict)
    lines: dict[str, SoldLine] = field(default_factory=dict)
    reports: dict[int, bool] = field(default_factory=dict)
    """Hand reports that can be corrected: whether one was taken back."""
    sent: dict[int, Paper] = field(default_factory=dict)
    returns: dict[int, Paper] = field(default_factory=dict)
    open: dict[int, Open] = field(default_factory=dict)
    bills: dict[int, Bill] = field(default_factory=dict)
    settled: dict[int, str] = field(default_factory=dict)
    payments: dict[int, Paid] = field(default_factory=dict)
    disputes: dict[int, Dispute] = field(default_factory=dict)


class Loop(RuleBasedStateMachine):
    """One maker, one store, two products; days pass."""

    # --- the stage -----------------------------------------------------------------------------------------

    @initialize(data=st.data())
    def agree(self, data: st.DataObject) -> None:
        """Proposed, perhaps countered, accepted."""
        self.today = self.acts = 0
        self.seller, operator = make.seller(), make.operator()
        self.outlet = make.outlet(operator_id=operator.id)
        self.operator_id = operator.id
        self.products = [
            make.product(self.seller, price_rupiah=5_000, retail_price_rupiah=RETAIL[n]) for n in (0, 1)
        ]
        self.maker = make.member(Role.SELLER_OWNER, seller_id=self.seller.id)
        self.buyer = make.member(Role.BUYER_MANAGER, operator_id=operator.id)
        self.officer = make.officer()
        self.outlet_id, self.seller_id = self.outlet.id, self.seller.id
        self.outlet_ref, self.seller_ref = self.outlet.outlet_ref, self.seller.seller_ref
        self.product_ids = [product.id for product in self.products]
        self.skus = [product.sku for product in self.products]
        self.world = World(Books(), {n: Model(horizon=HORIZON) for n in (0, 1)})
        self.asked: list[Asked] = []
        self.hoped: list[Open] = []
        session = db.session()
        self.last_row = session.scalar(text("SELECT coalesce(max(id), 0) FROM stock_movements"))
        self.last_difference = session.scalar(text("SELECT coalesce(max(id), 0) FROM differences"))
        session.rollback()
        self.watched = self._watch()
        terms, first, second = self.terms(data), *data.draw(st.permutations([self.maker, self.buyer]))
        offer = Offer(outlet_id=self.outlet_id, seller_id=self.seller_id, **terms)
        again = data.draw(AGAIN)
        agreement = self.act(lambda: agreements.propose_agreement(actor=first, offer=offer), again)
        self.agreement_id = agreement.id
        if data.draw(st.booleans()):
            terms, first, second = self.terms(data), second, first
            self.counter(first, terms, again)
        self.accept(second, again)

    def terms(self, data: st.DataObject, **more: Any) -> dict[str, Any]:
        """Terms of any kind."""
        basis = data.draw(st.sampled_from(list(CommissionBasis)))
        percents = st.sampled_from(["0", "10", "12.5", "33.33", "100"]).map(Decimal)
        needs_net = basis is CommissionBasis.NET_PRICE
        is_percent, is_fixed = (
            basis is CommissionBasis.PERCENT_OF_RETAIL,
            basis is CommissionBasis.FIXED_PER_UNIT,
        )
        return {
            "starts_on": self.day(self.today),
            "ends_on": self.day(self.today + 60) if data.draw(st.booleans()) else None,
            "reply_by": self.day(self.today + 7),
            "goods": tuple(
                Good(self.product_ids[n], RETAIL[n], NET[n] if needs_net else None) for n in (0, 1)
            ),
            "commission_basis": basis,
            "commission_percent": data.draw(percents) if is_percent else None,
            "commission_rupiah": data.draw(st.sampled_from([0, 1_501])) if is_fixed else None,
            "loss_borne_by": data.draw(st.sampled_from(Bearer)),
            "settlement_cycle": data.draw(st.sampled_from(SettlementCycle)),
            "due_days": data.draw(st.integers(0, 30)),
            **more,
        }

    def counter(self, actor: Any, terms: dict[str, Any], again: bool) -> None:
        """Answer with other terms."""
        waiting, draft = self.waiting(), Draft(**terms)
        self.act(
            lambda: agreements.counter_agreement(
                actor=actor, agreement_id=self.agreement_id, version_id=waiting, draft=draft
            ),
            again,
        )

    def accept(self, actor: Any, again: bool) -> None:
        """Say yes, and write it into the books."""
        waiting = self.waiting()
        self.act(
            lambda: agreements.accept_agreement(
                actor=actor, agreement_id=self.agreement_id, version_id=waiting
            ),
            again,
        )
        row = db.session.get_one(AgreementVersion, waiting)
        self.world.books.versions.append(
            Version(
                (row.valid_from - FIRST).days, row.number, row.commission_basis, row.commission_percent,
                row.commission_rupiah, row.loss_borne_by, {n: (RETAIL[n], NET[n]) for n in (0, 1)},
            )
        )  # fmt: skip
        db.session.rollback()

    def waiting(self) -> int:
        """The version on the table."""
        query = select(AgreementVersion.id).where(
            AgreementVersion.agreement_id == self.agreement_id, AgreementVersion.state == "proposed"
        )
        found = db.session.scalars(query).one()
        db.session.rollback()
        return found

    # --- how every step is taken ---------------------------------------------------------------------------

    def moment(self) -> datetime:
        """Now: each thing a second after the one before."""
        self.acts += 1
        return datetime(2026, 11, 2, 5, tzinfo=UTC) + timedelta(days=self.today, seconds=self.acts)

    @staticmethod
    def day(number: int) -> date:
        """The date of a day of the model."""
        return FIRST + timedelta(days=number)

    def act(self, call: Callable[[], Any], again: bool) -> Any:
        """Do it; sent once more it changes nothing. The ledger must then hold what the model asked for."""
        with clock.frozen(self.moment()):
            answer = call()
            self.compare_rows()
            self.compare_differences()
            if again:
                before = self.fingerprint()
                try:
                    call()
                except MarketplaceError:
                    pass
                self.nothing_changed(before)
        return answer

    def refused(self, call: Callable[[], Any], *codes: str) -> None:
        """It is refused with a sentence, and nothing is written."""
        before = self.fingerprint()
        with clock.frozen(self.moment()), pytest.raises(MarketplaceError) as refusal:
            call()
        assert refusal.value.message
        assert not codes or refusal.value.code in codes
        self.nothing_changed(before)
        self.asked.clear()
        self.hoped.clear()

    def _watch(self) -> list[str]:
        """Questions for everything that the two of them can change."""
        tables = Base.metadata.sorted_tables
        session, questions = db.session(), []
        for table in tables:
            columns = table.columns
            if "outlet_id" in columns:
                where = f"outlet_id = {self.outlet_id}"
            elif "id" in columns and str(columns["id"].type).upper() in {"BIGINT", "INTEGER"}:
                known = session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table.name}"))
                where = f"id > {known}"
            elif "seller_id" in columns:
                where = f"seller_id = {self.seller_id}"
            else:
                questions.append(f"SELECT count(*) FROM {table.name}")
                continue
            questions.append(f"SELECT * FROM {table.name} WHERE {where}")
        session.rollback()
        return questions

    def fingerprint(self) -> dict[str, list[str]]:
        """Every row of theirs, by the question of each table that has any."""
        db.session.rollback()
        connection = db.session.connection()
        any_of_each = "SELECT " + ", ".join(f"EXISTS ({question})" for question in self.watched)
        (has_rows,) = connection.exec_driver_sql(any_of_each)
        found = {
            question: sorted(repr(tuple(row)) for row in connection.exec_driver_sql(question))
            for question in itertools.compress(self.watched, has_rows)
        }
        db.session.rollback()
        return found

    def nothing_changed(self, before: dict[str, list[str]]) -> None:
        """Every row is what it was; else says which are not."""
        assert self.fingerprint() == before

    def post(
        self,
        ref: str,
        product: int,
        kind: str,
        day: int,
        rows: Sequence[tuple[str | None, int]],
        *,
        price: int | None = None,
        bearer: str = "",
        reverses: str | None = None,
    ) -> None:
        """The model books it, and asks the ledger for the same."""
        self.world.shelves[product].told[ref] = Told(day, kind, list(rows), None, reverses)
        for part, (lot, change) in enumerate(rows):
            back = (reverses, part) if reverses else None
            self.asked.append(Asked(ref, product, kind, day, lot, change, price, bearer, back))

    def compare_rows(self) -> None:
        """The ledger's new rows are those that the model asked for, in this order."""
        session, moved = db.session(), StockMovement
        session.rollback()
        query = (
            select(
                moved.id, moved.product_id, moved.kind, moved.occurred_on, Lot.code, moved.change,
                moved.unit_price_rupiah, moved.reverses_id,
            )
            .outerjoin(Lot, Lot.id == moved.lot_id)
            .where(moved.outlet_id == self.outlet_id, moved.id > self.last_row)
            .order_by(moved.id)
        )  # fmt: skip
        found = session.execute(query).all()
        session.rollback()
        wanted, self.asked = self.asked, []
        told = [(r.product_id, r.kind, r.occurred_on, r.code, r.change) for r in found]
        hoped = [(self.product_ids[a.product], a.kind, self.day(a.day), a.lot, a.change) for a in wanted]
        assert told == hoped, f"the ledger got {told}, the model {hoped}"
        for row, asked in zip(found, wanted, strict=True):
            self.last_row = row.id
            self.world.ids.setdefault(asked.ref, []).append(row.id)
            back = self.world.ids[asked.reverses[0]][asked.reverses[1]] if asked.reverses else None
            assert row.reverses_id == back
            if asked.kind in {"sale", "loss", "found"}:
                self.world.books.rows[row.id] = Row(
                    row.id,
                    asked.product,
                    asked.kind,
                    asked.day,
                    asked.change,
                    asked.price,
                    asked.bearer,
                    back,
                )

    def compare_differences(self) -> None:
        """The new differences are those that the model hoped for."""
        session = db.session()
        query = select(Difference).where(
            Difference.outlet_id == self.outlet_id, Difference.id > self.last_difference
        )
        found = list(session.scalars(query.order_by(Difference.id)))
        wanted, self.hoped = self.hoped, []

        def said(kind: str, product: int, quantity: int | None, rupiah: int | None) -> tuple[Any, ...]:
            return kind, product, quantity or 0, rupiah or 0

        told = [said(d.kind, d.product_id or 0, d.quantity, d.rupiah) for d in found]
        hoped = [said(o.kind, self.product_ids[o.product], o.quantity, o.rupiah) for o in wanted]
        assert told == hoped
        for row, one in zip(found, wanted, strict=True):
            self.world.open[row.id] = one
            self.last_difference = row.id
        session.rollback()

    # --- days and terms ------------------------------------------------------------------------------------

    @precondition(lambda self: self.today < 30)
    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.today += days

    @rule(data=st.data(), again=AGAIN, is_countered=st.booleans(), later=st.integers(0, 4))
    def change_terms(self, data: st.DataObject, again: bool, is_countered: bool, later: int) -> None:
        """A change, or a renewal: what was sold before keeps its terms."""
        first, second = data.draw(st.permutations([self.maker, self.buyer]))
        since = max(self.today, self.world.books.versions[-1].day) + later
        days = {"valid_from": self.day(since), "ends_on": self.day(since + 60)}
        draft = Draft(**self.terms(data, **days))
        self.act(
            lambda: agreements.propose_change(actor=first, agreement_id=self.agreement_id, draft=draft), again
        )
        if is_countered:
            self.counter(second, self.terms(data, **days), again)
            first, second = second, first
        self.refused(
            lambda: agreements.accept_agreement(
                actor=first, agreement_id=self.agreement_id, version_id=self.waiting()
            )
        )
        self.accept(second, again)

    # --- goods ---------------------------------------------------------------------------------------------

    @rule(
        again=AGAIN,
        lines=st.lists(st.tuples(PLACES, A_LOT, QUANTITIES), min_size=1, max_size=3),
    )
    def send(self, again: bool, lines: list[tuple[int, str, int]]) -> None:
        """A delivery note; what has expired cannot be sent."""
        draft = DeliveryDraft(
            self.agreement_id,
            self.day(self.today),
            [
                NewLine(self.product_ids[product], quantity, lot, self.expiry(lot))
                for product, lot, quantity in lines
            ],
            client_key=a_key(),
        )

        def call() -> Any:
            return make_delivery(actor=self.maker, draft=draft)

        if any(lot and (LOTS[lot] or 99) < self.today for _product, lot, _quantity in lines):
            self.refused(call)
            return
        made = self.act(call, again).id
        self.act(lambda: send_delivery(actor=self.maker, delivery_id=made), again)
        query = (
            select(DeliveryLine.id).where(DeliveryLine.delivery_id == made).order_by(DeliveryLine.position)
        )
        self.world.sent[made] = Paper(dict(zip(db.session.scalars(query), lines, strict=True)))
        db.session.rollback()

    def expiry(self, lot: str) -> date | None:
        """When a lot expires."""
        expires = LOTS[lot] if lot else None
        return None if expires is None else self.day(expires)

    @precondition(lambda self: self.world.sent)
    @rule(data=st.data(), again=AGAIN)
    def receive(self, data: st.DataObject, again: bool) -> None:
        """Counted at the door: accepted, short, damaged; an expired lot is turned away."""
        delivery = data.draw(st.sampled_from(sorted(self.world.sent)))
        paper = self.world.sent.pop(delivery)
        counted: dict[int, CountedLine] = {}
        for position, (line, (product, lot, quantity)) in enumerate(paper.lines.items(), start=1):
            is_expired = bool(lot) and (LOTS[lot] or 99) < self.today
            accepted = 0 if is_expired else data.draw(st.integers(0, quantity))
            short = data.draw(st.integers(0, quantity - accepted))
            damaged = 0 if is_expired else quantity - accepted - short
            counted[line] = CountedLine(accepted, short, damaged)
            if accepted:
                shelf = self.world.shelves[product]
                rows = shelf.deliver(self.today, accepted, (lot, LOTS[lot]) if lot else None)
                self.post(f"delivery {delivery} {position}", product, "delivery", self.today, rows)
            for kind, units in (("delivery_short", short), ("delivery_damaged", damaged)):
                if units:
                    self.hoped.append(Open(kind, product, units, None, lot=lot))
        self.act(lambda: receive_delivery(actor=self.buyer, delivery_id=delivery, counted=counted), again)

    def sell(self, ref: str, product: int, day: int, quantity: int, price: int | None) -> SoldLine:
        """The model sells what the shelf can give."""
        shelf = self.world.shelves[product]
        accepted = min(quantity, max(shelf.free(day), 0))
        line = SoldLine(ref, None, product, day, quantity, price, accepted)
        if accepted:
            rows = shelf.sell(day, accepted)
            assert not isinstance(rows, str)
            self.post(line.told, product, "sale", day, rows, price=price)
        if quantity > accepted:
            self.hoped.append(
                Open("sale_excess", product, quantity - accepted, None, day=day, price=price, about=ref)
            )
        return line

    def takes_expired(self, product: int, day: int, quantity: int) -> bool:
        """Whether units of a lot that has expired would be sold."""
        shelf = self.world.shelves[product]
        rows = shelf.sell(day, min(quantity, max(shelf.free(day), 0)))
        return any(row[0] and (LOTS[row[0]] or 99) < day for row in rows)

    @rule(
        again=AGAIN,
        ago=st.integers(0, 9),
        sold=st.dictionaries(PLACES, st.tuples(QUANTITIES, st.sampled_from([None, None, 19_000, 25_000]))),
    )
    def report(self, again: bool, ago: int, sold: dict[int, tuple[int, int | None]]) -> None:
        """Typed by hand; nothing sold is a report as well."""
        day, key = max(self.today - ago, 0), a_key()
        told = tuple(Sold(self.product_ids[n], quantity, price) for n, (quantity, price) in sold.items())
        asked = HandReport(self.outlet_id, key, self.day(day), self.day(day), told, not told)

        def call() -> Any:
            return report_by_hand(actor=self.buyer, report=asked)

        if any(self.takes_expired(product, day, quantity) for product, (quantity, _price) in sold.items()):
            self.refused(call)
            return
        made = [
            self.sell(derived_ref("screen", key, self.product_ids[n]), n, day, quantity, price)
            for n, (quantity, price) in sold.items()
        ]
        report = self.act(call, again).id
        for line in made:
            line.report = report
            self.world.lines[line.ref] = line
        self.world.reports[report] = False

    @rule(
        data=st.data(),
        again=AGAIN,
        sold=st.lists(st.tuples(PLACES, QUANTITIES, st.integers(0, 9)), min_size=1, max_size=3),
    )
    def program(self, data: st.DataObject, again: bool, sold: list[tuple[int, int, int]]) -> None:
        """A program reports, and takes an earlier line back now and then."""
        key, lines, made = a_key(), [], []
        for number, (product, quantity, ago) in enumerate(sold):
            ref, day = f"{key}-{number}", max(self.today - ago, 0)
            lines.append(
                Line(ref, self.day(day).isoformat(), self.seller_ref, self.skus[product], quantity, None)
            )
            made.append(self.sell(ref, product, day, quantity, None))
        standing = [line for line in self.world.lines.values() if line.accepted and not line.is_back]
        takes_one_back: bool = data.draw(st.booleans()) if standing else False
        if takes_one_back:
            old = data.draw(st.sampled_from(standing))
            day = data.draw(st.integers(old.day, self.today))
            lines.append(Line(f"{key}-back", self.day(day).isoformat(), reverses=old.ref))
            self.take_back(old, day)
        self.act(
            lambda: record_sales(
                actor=self.buyer, idempotency_key=key, outlet_ref=self.outlet_ref, lines=lines
            ),
            again,
        )
        query = select(SalesReport.id).where(SalesReport.client_key == key)
        report = db.session.scalars(query).one()
        db.session.rollback()
        for line in made:
            line.report = report
            self.world.lines[line.ref] = line

    @precondition(lambda self: any(not line.accepted for line in self.world.lines.values()))
    @rule(data=st.data(), again=AGAIN)
    def tell_again(self, data: st.DataObject, again: bool) -> None:
        """A line that found nothing comes again under another key: its difference shrinks, or closes."""
        line = data.draw(st.sampled_from([one for one in self.world.lines.values() if not one.accepted]))
        ((number, one),) = self.booked(line)
        if one.state == "open":
            shelf = self.world.shelves[line.product]
            line.accepted = min(line.quantity, max(shelf.free(line.day), 0))
            one.quantity = line.quantity - line.accepted
            if line.accepted:
                rows = shelf.sell(line.day, line.accepted)
                assert not isinstance(rows, str)
                self.post(line.told, line.product, "sale", line.day, rows, price=line.price)
            if not one.quantity:
                one.state = "taken"
        day, sku, key = self.day(line.day).isoformat(), self.skus[line.product], a_key()
        told = Line(line.ref, day, self.seller_ref, sku, line.quantity, line.price)
        self.act(
            lambda: record_sales(
                actor=self.buyer, idempotency_key=key, outlet_ref=self.outlet_ref, lines=[told]
            ),
            again,
        )
        row = db.session.get_one(Difference, number)
        assert (row.state == "open") is (one.state == "open")
        db.session.rollback()

    def take_back(self, line: SoldLine, day: int) -> None:
        """The model takes a sale back, lot by lot."""
        rows = [(lot, -change) for lot, change in self.world.shelves[line.product].told[line.told].rows]
        self.post(f"back {line.ref}", line.product, "sale", day, rows, reverses=line.told)
        line.is_back = True

    @precondition(lambda self: any(not line.is_back for line in self.world.lines.values()))
    @rule(data=st.data(), again=AGAIN, quantity=st.integers(0, 9))
    def correct(self, data: st.DataObject, again: bool, quantity: int) -> None:
        """A line is taken back and told anew; its excess, open or booked, goes with it."""
        candidates = [
            line for line in self.world.lines.values()
            if not line.is_back and self.world.reports.get(line.report or 0) is not True
        ]  # fmt: skip
        if not candidates:
            return
        line, key = data.draw(st.sampled_from(candidates)), a_key()
        correction = Correction(line.report or 0, line.ref, quantity, None, "salah ketik", key)
        saved, booked = self.save(), self.booked(line)
        if not line.accepted and any(one.state == "corrected" for _key, one in booked):
            self.refused(lambda: correct_line(actor=self.buyer, correction=correction), "line_corrected")
            return
        new: SoldLine | None = None
        if line.accepted:
            self.take_back(line, line.day)
        if quantity:
            new = self.sell(derived_ref("fix", key, "anew"), line.product, line.day, quantity, None)
        if not self.unbook(line, booked):
            self.restore(saved)
            line.is_back = False
            self.refused(lambda: correct_line(actor=self.buyer, correction=correction))
            return
        made = self.act(lambda: correct_line(actor=self.buyer, correction=correction), again).id
        line.is_back = True
        if new is not None:
            new.report = made
            self.world.lines[new.ref] = new

    def booked(self, line: SoldLine) -> list[tuple[int, Open]]:
        """Differences of a line."""
        return [(key, one) for key, one in self.world.open.items() if one.about == line.ref]

    def unbook(self, line: SoldLine, found: list[tuple[int, Open]]) -> bool:
        """What was booked for its excess goes back, if the shelf can give it; open ones are settled."""
        shelf = self.world.shelves[line.product]
        for key, one in found:
            if one.state == "booked":
                for what in ("sale", "found"):
                    ref = f"excess {key} {what}"
                    rows = shelf.take_back(ref, line.day)
                    if isinstance(rows, str):
                        return False
                    self.post(f"un{ref}", line.product, what, line.day, rows, reverses=ref)
            one.state = "corrected"
        return True

    def save(self) -> Any:
        """The model as it is, to return to where the services refuse."""
        shelves = self.world.shelves
        return (
            {n: dict(shelf.told) for n, shelf in shelves.items()},
            {key: one.state for key, one in self.world.open.items()},
        )

    def restore(self, saved: Any) -> None:
        """Back to what it was."""
        for n, told in saved[0].items():
            self.world.shelves[n].told = told
        for key, state in saved[1].items():
            self.world.open[key].state = state
        self.asked.clear()
        self.hoped.clear()

    @precondition(lambda self: any(not is_back for is_back in self.world.reports.values()))
    @rule(data=st.data(), again=AGAIN)
    def take_report_back(self, data: st.DataObject, again: bool) -> None:
        """A whole report is taken back, once."""
        report = data.draw(st.sampled_from([key for key, back in self.world.reports.items() if not back]))
        lines = sorted(
            (one for one in self.world.lines.values() if one.report == report and not one.is_back),
            key=lambda one: one.ref,
        )
        saved = self.save()
        for line in lines:
            if line.accepted:
                self.take_back(line, line.day)
        found = sorted((key, one, line) for line in lines for key, one in self.booked(line))
        is_possible = all(self.unbook(line, [(key, one)]) for key, one, line in found)

        def call() -> Any:
            return reverse_report(actor=self.buyer, report_id=report, reason="laporan ganda")

        if not is_possible:
            self.restore(saved)
            for line in lines:
                line.is_back = False
            self.refused(call)
            return
        self.act(call, again)
        for line in lines:
            line.is_back = True
        self.world.reports[report] = True

    @rule(product=PLACES, lot=A_LOT, counted=st.integers(0, 12), again=AGAIN)
    def count(self, product: int, lot: str, counted: int, again: bool) -> None:
        """Counted on the phone: only the difference is written, and who bears it."""
        shelf = self.world.shelves[product]
        if not shelf.told or (
            lot and not any(lot == name for told in shelf.told.values() for name, _n in told.rows)
        ):
            return
        held = (
            shelf.held(HORIZON, lot)
            if lot
            else shelf.held(HORIZON) - sum(shelf.held(HORIZON, name) for name in shelf.expiry)
        )
        lot_id = None
        if lot:
            query = select(Lot.id).where(
                Lot.outlet_id == self.outlet_id, Lot.product_id == self.product_ids[product], Lot.code == lot
            )
            lot_id = db.session.scalars(query).one()
            db.session.rollback()
        key = a_key()
        if counted > held:
            rows = shelf.deliver(self.today, counted - held, (lot, LOTS[lot]) if lot else None)
            self.post(f"count {key}", product, "found", self.today, rows)
        elif counted < held:
            bearer = self.world.books.terms(self.today).bearer
            taken: list[tuple[str | None, int]] = [(lot or None, counted - held)]
            self.post(f"count {key}", product, "loss", self.today, taken, bearer=bearer)
        asked = Count(self.outlet_id, key, (Counted(self.product_ids[product], lot_id, counted),))
        self.act(lambda: record_count(actor=self.buyer, count=asked), again)

    def stand(self, product: int) -> list[tuple[str, int]]:
        """What could be taken off the shelf: (lot, units).

        A late sale of a lot that is gone by now is booked without its lot: lots may then hold more than
        their shelf.
        """
        shelf = self.world.shelves[product]
        total = loose = shelf.held(HORIZON)
        found = []
        for name in shelf.expiry:
            units = shelf.held(HORIZON, name)
            loose -= units
            if min(units, total) > 0:
                found.append((name, min(units, total)))
        return [*found, ("", loose)] if loose > 0 else found

    @rule(data=st.data(), product=PLACES, again=AGAIN)
    def put_aside(self, data: st.DataObject, product: int, again: bool) -> None:
        """A return note: the goods stay on the shelf until they are fetched."""
        stand = self.stand(product)
        if not stand:
            return
        lot, units = data.draw(st.sampled_from(stand))
        quantity = data.draw(st.integers(1, units))
        line = TakenLine(self.product_ids[product], quantity, ReturnReason.SLOW, lot, self.expiry(lot))
        draft = ReturnDraft(self.outlet_id, self.seller_id, [line], client_key=a_key())
        too_many = ReturnDraft(
            self.outlet_id,
            self.seller_id,
            [TakenLine(self.product_ids[product], units + 1, ReturnReason.SLOW, lot, self.expiry(lot))],
            client_key=a_key(),
        )
        self.refused(lambda: make_return(actor=self.buyer, draft=too_many))
        note = self.act(lambda: make_return(actor=self.buyer, draft=draft), again).id
        query = select(ReturnLine.id).where(ReturnLine.return_note_id == note)
        self.world.returns[note] = Paper({db.session.scalars(query).one(): (product, lot, quantity)})
        db.session.rollback()

    @precondition(lambda self: self.world.returns)
    @rule(data=st.data(), again=AGAIN)
    def fetch(self, data: st.DataObject, again: bool) -> None:
        """The maker fetches it, or some of it, if it is still there."""
        note = data.draw(st.sampled_from(sorted(self.world.returns)))
        ((line, (product, lot, quantity)),) = self.world.returns[note].lines.items()
        units = data.draw(st.integers(1, quantity))
        rows = self.world.shelves[product].take(self.today, units, lot)

        def call() -> Any:
            return fetch_return(actor=self.maker, return_id=note, fetched={line: units})

        if isinstance(rows, str):
            self.refused(call, "below_zero", "lot_short")
            return
        self.post(f"return {note}", product, "return", self.today, rows)
        self.act(call, again)
        del self.world.returns[note]

    @rule(data=st.data(), product=PLACES, again=AGAIN)
    def destroy(self, data: st.DataObject, product: int, again: bool) -> None:
        """Damaged goods are destroyed; who bears them is as agreed."""
        stand = self.stand(product)
        if not stand:
            return
        lot, units = data.draw(st.sampled_from(stand))
        quantity = data.draw(st.integers(1, units))
        draft = DestructionDraft(
            self.outlet_id,
            self.seller_id,
            self.day(self.today),
            "dibuang",
            "Wati",
            [TakenLine(self.product_ids[product], quantity, ReturnReason.DAMAGED, lot, self.expiry(lot))],
            client_key=(key := a_key()),
        )
        bearer = self.world.books.terms(self.today).bearer
        self.post(f"gone {key}", product, "loss", self.today, [(lot or None, -quantity)], bearer=bearer)
        self.act(lambda: record_destruction(actor=self.buyer, draft=draft, photo=PHOTO), again)

    # --- differences ---------------------------------------------------------------------------------------

    @precondition(lambda self: any(one.state == "open" for one in self.world.open.values()))
    @rule(data=st.data(), again=AGAIN, outcome=st.sampled_from(Outcome), favours=st.sampled_from(Side))
    def settle_difference(self, data: st.DataObject, again: bool, outcome: Outcome, favours: Side) -> None:
        """The seller agrees, the store corrects, or the office decides for one of them."""
        key = data.draw(st.sampled_from([k for k, one in self.world.open.items() if one.state == "open"]))
        one, actor = self.world.open[key], self.officer
        if outcome is not Outcome.OFFICER_DECIDES:
            actor = self.maker if outcome is Outcome.SELLER_AGREES else self.buyer
            favours = Side.OUTLET if outcome is Outcome.SELLER_AGREES else Side.SELLER
        one.state = "corrected" if outcome is Outcome.STORE_CORRECTS else "settled"
        if one.kind.startswith("delivery"):
            if favours is Side.SELLER:
                self.book_missing(key, one)
        elif one.kind == "sale_excess":
            if favours is Side.OUTLET:
                self.book_excess(key, one)
        else:
            self.decide(one, favours)

        def call() -> Any:
            given = favours if outcome is Outcome.OFFICER_DECIDES else None
            return differences.settle(actor, key, outcome, "sudah dicek bersama", favours=given)

        self.act(call, again)

    def book_missing(self, key: int, one: Open) -> None:
        """The units were there after all."""
        assert one.quantity
        lot = (one.lot, LOTS[one.lot]) if one.lot else None
        rows = self.world.shelves[one.product].deliver(self.today, one.quantity, lot)
        self.post(f"missing {key}", one.product, "delivery", self.today, rows)

    def book_excess(self, key: int, one: Open) -> None:
        """They were found and sold on the day of the sale."""
        assert one.quantity
        shelf = self.world.shelves[one.product]
        self.post(f"excess {key} found", one.product, "found", one.day, [(None, one.quantity)])
        rows = shelf.sell(one.day, one.quantity)
        assert not isinstance(rows, str)
        self.post(f"excess {key} sale", one.product, "sale", one.day, rows, price=one.price)
        one.state = "booked"

    # --- money ---------------------------------------------------------------------------------------------

    @rule(data=st.data(), again=AGAIN)
    def issue(self, data: st.DataObject, again: bool) -> None:
        """The store issues a cycle: everything up to its last day that was not settled, once."""
        with clock.frozen(self.moment()):
            prepare_settlements(actor=self.buyer)
        drafts = self.drafts()
        if not drafts:
            return
        place = data.draw(st.integers(0, len(drafts) - 1))
        if place:
            self.refused(
                lambda: issue_settlement(actor=self.buyer, settlement_id=drafts[place]), "earlier_cycle_waits"
            )
        self.issue_one(drafts[0], again)

    def drafts(self) -> list[int]:
        """Cycles that wait to be issued, the earliest first."""
        query = select(Settlement.id).where(
            Settlement.outlet_id == self.outlet_id, Settlement.state == "draft"
        )
        found = list(db.session.scalars(query.order_by(Settlement.last_day)))
        db.session.rollback()
        return found

    def issue_one(self, draft: int, again: bool) -> None:
        """Issue and compare line by line."""
        row = self.act(lambda: issue_settlement(actor=self.buyer, settlement_id=draft), again)
        last_day, net = (row.last_day - FIRST).days, row.net_rupiah
        assert last_day < self.today
        query = select(SettlementLine).where(SettlementLine.settlement_id == draft)
        lines = {
            line.movement_id: (
                line.kind,
                line.quantity,
                line.gross_rupiah,
                line.commission_rupiah,
                line.net_rupiah,
            )
            for line in db.session.scalars(query)
        }
        db.session.rollback()
        made = self.world.books.close(last_day)
        assert lines == {key: tuple(entry) for key, entry in made.items()}
        assert net == sum(entry.net for entry in made.values()) >= 0
        payable = db.session.scalars(select(Payable).where(Payable.document_id == draft)).one()
        self.world.bills[payable.id] = Bill(net)
        self.world.settled[draft] = "issued"
        db.session.rollback()

    @precondition(lambda self: self.world.settled)
    @rule(data=st.data(), again=AGAIN)
    def confirm(self, data: st.DataObject, again: bool) -> None:
        """The seller says that it is right."""
        settlement = data.draw(st.sampled_from(sorted(self.world.settled)))
        self.act(lambda: confirm_settlement(actor=self.maker, settlement_id=settlement), again)
        self.world.settled[settlement] = "confirmed"

    def bill_of(self, settlement: int) -> int:
        """The debt of a settlement."""
        query = select(Payable.id).where(Payable.document_id == settlement, Payable.kind == "settlement")
        found = db.session.scalars(query).one()
        db.session.rollback()
        return found

    @precondition(lambda self: "issued" in self.world.settled.values())
    @rule(data=st.data(), again=AGAIN, claimed=st.integers(0, 200_000))
    def dispute(self, data: st.DataObject, again: bool, claimed: int) -> None:
        """The seller does not accept a line: its rupiah waits."""
        settlement = data.draw(
            st.sampled_from([key for key, state in self.world.settled.items() if state == "issued"])
        )
        query = select(SettlementLine).where(SettlementLine.settlement_id == settlement)
        lines = {line.movement_id: line for line in db.session.scalars(query)}
        row = data.draw(st.sampled_from(sorted(lines)))
        net, product = lines[row].net_rupiah, self.product_ids.index(lines[row].product_id)
        db.session.rollback()
        if row in self.world.disputes or net == claimed:
            return
        key = self.bill_of(settlement)
        bill, withheld = self.world.bills[key], max(net, 0)

        def call() -> Any:
            return dispute_line(
                actor=self.maker, settlement_id=settlement, movement_id=row, claimed_rupiah=claimed,
                reason="jumlahnya lain",
            )  # fmt: skip

        if bill.amount - withheld < bill.paid:
            self.refused(call, "cannot_withhold")
            return
        self.hoped.append(Open("settlement_line", product, None, claimed - net, about=str(row)))
        self.act(call, again)
        bill.amount -= withheld
        self.world.disputes[row] = Dispute(key, net, claimed, withheld)

    def decide(self, one: Open, holds: Side) -> None:
        """The line is owed as it stands, or as the seller says."""
        dispute = self.world.disputes[int(one.about)]
        dispute.is_open = False
        dispute.added = dispute.claimed - dispute.net if holds is Side.SELLER else 0
        self.world.bills[dispute.bill].amount += dispute.withheld + dispute.added

    @precondition(lambda self: any(bill.open > 0 for bill in self.world.bills.values()))
    @rule(data=st.data(), again=AGAIN)
    def pay(self, data: st.DataObject, again: bool) -> None:
        """In cash, some of a bill; more than is open is refused."""
        key = data.draw(st.sampled_from([k for k, bill in self.world.bills.items() if bill.open > 0]))
        bill = self.world.bills[key]
        amount = data.draw(st.integers(1, bill.open))
        paid_on = self.day(self.today)

        def call(rupiah: int, name: str) -> Callable[[], Any]:
            asked = NewPayment((key,), rupiah, PaymentMethod.CASH, paid_on, name)
            return lambda: record_payment(actor=self.buyer, payment=asked)

        self.refused(call(bill.open + 1, a_key()), "payment_too_large")
        made = self.act(call(amount, a_key()), again).id
        bill.paid += amount
        self.world.payments[made] = Paid(key, amount)

    @precondition(lambda self: self.world.payments)
    @rule(data=st.data(), again=AGAIN, verb=st.sampled_from(PaymentVerb))
    def answer(self, data: st.DataObject, again: bool, verb: PaymentVerb) -> None:
        """Confirmed, denied, taken back, reversed; out of turn it is refused."""
        key = data.draw(st.sampled_from(sorted(self.world.payments)))
        payment = self.world.payments[key]
        actor = self.buyer if verb is PaymentVerb.TAKE_BACK else self.maker

        def call() -> Any:
            return answer_payment(actor=actor, payment_id=key, verb=verb, reason="salah rekening")

        source = "confirmed" if verb is PaymentVerb.REVERSE else "reported"
        if verb is PaymentVerb.CONFIRM and payment.state == "confirmed":
            source = "confirmed"
        if payment.state != source:
            self.refused(call)
            return
        self.act(call, again)
        bill = self.world.bills[payment.bill]
        if verb is PaymentVerb.CONFIRM:
            bill.confirmed += payment.amount if payment.state == "reported" else 0
            payment.state = "confirmed"
            return
        bill.paid -= payment.amount
        bill.confirmed -= payment.amount if verb is PaymentVerb.REVERSE else 0
        payment.state = "denied" if verb is PaymentVerb.DENY else "reversed"

    # --- the end -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """When every cycle has ended: units and rupiah are where the model says."""
        if not hasattr(self, "agreement_id") or not self.world.books.versions:
            return
        self.today = HORIZON - 5
        with clock.frozen(self.moment()):
            prepare_settlements(actor=self.buyer)
        for draft in self.drafts():
            self.issue_one(draft, again=True)
        self.compare_shelves()
        self.compare_settlements()
        self.compare_money()

    def compare_shelves(self) -> None:
        """Balances, of shelves and of lots, are the model's and nowhere below zero."""
        session = db.session()
        kept = dict(
            session.execute(
                select(ShelfBalance.product_id, ShelfBalance.on_hand).where(
                    ShelfBalance.outlet_id == self.outlet_id
                )
            ).all()
        )
        lots = {
            (product, code): on_hand
            for product, code, on_hand in session.execute(
                select(Lot.product_id, Lot.code, LotBalance.on_hand)
                .join(LotBalance, LotBalance.lot_id == Lot.id)
                .where(Lot.outlet_id == self.outlet_id)
            )
        }
        session.rollback()
        for number, shelf in self.world.shelves.items():
            product = self.product_ids[number]
            assert kept.get(product, 0) == shelf.held(HORIZON)
            assert all(shelf.held(day) >= 0 for day in range(HORIZON))
            for name in shelf.expiry:
                assert lots.get((product, name), 0) == shelf.held(HORIZON, name) >= 0

    def compare_settlements(self) -> None:
        """Everything that moves money was settled once; what is left comes to less than nothing."""
        books, session = self.world.books, db.session()
        rows = select(SettlementLine.movement_id).join(
            StockMovement, StockMovement.id == SettlementLine.movement_id
        )
        settled = list(session.scalars(rows.where(StockMovement.outlet_id == self.outlet_id)))
        session.rollback()
        assert sorted(settled) == sorted(books.settled)
        left = books.close(HORIZON)
        assert not left or sum(entry.net for entry in left.values()) < 0

    def compare_money(self) -> None:
        """Bills, payments, disputes and journal say the same, and the journal sums to zero."""
        world, session = self.world, db.session()
        rows = session.scalars(select(Payable).where(Payable.seller_id == self.seller_id))
        kept = {row.id: Bill(row.amount_rupiah, row.paid_rupiah, row.confirmed_rupiah) for row in rows}
        assert kept == world.bills
        lines = select(SettlementLine).join(Settlement, Settlement.id == SettlementLine.settlement_id)
        entries = list(session.scalars(lines.where(Settlement.outlet_id == self.outlet_id)))
        bills, disputes = world.bills.values(), world.disputes.values()
        wanted = {
            "sales": -sum(one.gross_rupiah for one in entries if one.kind in {"sale", "reversal"}),
            "losses": -sum(one.net_rupiah for one in entries if one.kind in {"loss", "found"}),
            "commission": sum(one.commission_rupiah for one in entries),
            "correction": -sum(one.added for one in disputes),
            "disputed": sum(one.withheld for one in disputes if one.is_open),
            "owed": sum(bill.open for bill in bills),
            "transit": sum(bill.paid - bill.confirmed for bill in bills),
            "received": sum(bill.confirmed for bill in bills),
        }
        accounts = session.execute(
            select(JournalAccount.kind, JournalAccount.balance_rupiah).where(
                JournalAccount.seller_id == self.seller_id
            )
        )
        balances = dict.fromkeys(wanted, 0) | dict(accounts.all())
        session.rollback()
        assert balances == wanted
        assert sum(balances.values()) == 0
        nets = sum(one.net_rupiah for one in entries)
        closed = sum(one.added for one in disputes)
        waiting = sum(one.withheld for one in disputes if one.is_open)
        assert sum(bill.amount for bill in bills) == nets + closed - waiting
