"""Lower prices: a store asks for some days, the maker answers. Nothing is agreed by silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...money import format_rupiah
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ..models import Agreement, AgreementState, Markdown, MarkdownState
from ..queries.versions import annex_prices, terms_on
from ..rules import Side
from .parties import Parties, lock_as_side, no_paper, record, tell
from .reports import check_key

MAX_DAYS = 92
MAX_REASON = 1000


@dataclass(frozen=True)
class Asked:
    """The question: this product, at this price, on these days, because."""

    agreement_id: int
    product_id: int
    price_rupiah: int
    first_day: date
    last_day: date
    reason: str
    client_key: str


def no_markdown() -> NotFound:
    """What a stranger hears, and whoever asks for one that is not there."""
    return no_paper()


@retry_on_conflict
def ask_markdown(*, actor: Actor, asked: Asked) -> Markdown:
    """The store asks the maker for a lower price. Sent twice with one key it is asked once.

    Raises NotFound for a stranger's agreement, InvalidInput for prices and days that cannot be.
    """
    actor.require(Permission.MARKDOWN_ASK)
    with unit_of_work() as session:
        check_key(asked.client_key)
        agreement, parties = _hold(session, actor, asked.agreement_id, Side.OUTLET)
        known = session.scalar(
            select(Markdown).where(
                Markdown.asked_by == actor.user_id, Markdown.client_key == asked.client_key
            )
        )
        if known is not None:
            return known
        agreed = _agreed_price(session, agreement, asked.product_id)
        _check(asked, agreed)
        _refuse_second_question(session, asked)
        row = Markdown(
            agreement_id=agreement.id,
            outlet_id=agreement.outlet_id,
            seller_id=agreement.seller_id,
            product_id=asked.product_id,
            client_key=asked.client_key,
            agreed_rupiah=agreed,
            price_rupiah=asked.price_rupiah,
            first_day=asked.first_day,
            last_day=asked.last_day,
            reason=clean_lines(asked.reason),
            state=MarkdownState.ASKED.value,
            asked_at=clock.now(),
            asked_by=actor.user_id,
            answer_reason="",
        )
        session.add(row)
        session.flush()
        after = {"price_rupiah": row.price_rupiah, "first_day": row.first_day, "last_day": row.last_day}
        record(session, actor, parties, "markdown.asked", row, after=after, reason=row.reason)
        _tell(session, parties, Side.SELLER, row, "markdown_asked")
        return row


@retry_on_conflict
def answer_markdown(*, actor: Actor, markdown_id: int, agrees: bool, reason: str = "") -> Markdown:
    """The maker agrees, from today on, or declines. Raises RuleBroken once it was answered or has lapsed."""
    actor.require(Permission.MARKDOWN_ANSWER)
    with unit_of_work() as session:
        row, parties = _find(session, actor, markdown_id, Side.SELLER)
        if not agrees and not clean_lines(reason):
            sentence = _("Tulis alasan singkat, supaya toko tahu apa yang bisa ditawarkan.")
            raise InvalidInput(sentence, {"reason": sentence})
        row.state = (MarkdownState.AGREED if agrees else MarkdownState.DECLINED).value
        row.first_day = max(row.first_day, clock.today()) if agrees else row.first_day
        row.answered_at, row.answered_by = clock.now(), actor.user_id
        row.answer_reason = clean_lines(reason)
        record(session, actor, parties, f"markdown.{row.state}", row, reason=row.answer_reason)
        _tell(session, parties, Side.OUTLET, row, "markdown_answered")
        return row


@retry_on_conflict
def withdraw_markdown(*, actor: Actor, markdown_id: int) -> Markdown:
    """The store takes its question back before it was answered."""
    actor.require(Permission.MARKDOWN_ASK)
    with unit_of_work() as session:
        row, parties = _find(session, actor, markdown_id, Side.OUTLET)
        row.state = MarkdownState.WITHDRAWN.value
        record(session, actor, parties, "markdown.withdrawn", row)
        return row


def _hold(session: Session, actor: Actor, agreement_id: int, side: Side) -> tuple[Agreement, Parties]:
    """The agreement under the locks of its parties; NotFound for everybody but this side."""
    found = session.execute(
        select(Agreement.outlet_id, Agreement.seller_id).where(
            Agreement.id == agreement_id, Agreement.state == AgreementState.ACCEPTED.value
        )
    ).one_or_none()
    if found is None:
        raise no_markdown()
    parties = lock_as_side(session, actor, found.outlet_id, found.seller_id, side)
    agreement = session.get_one(Agreement, agreement_id, with_for_update=True, populate_existing=True)
    return agreement, parties


def _find(session: Session, actor: Actor, markdown_id: int, side: Side) -> tuple[Markdown, Parties]:
    """A question that still waits, under its locks."""
    agreement_id = session.scalar(select(Markdown.agreement_id).where(Markdown.id == markdown_id))
    if agreement_id is None:
        raise no_markdown()
    _agreement, parties = _hold(session, actor, agreement_id, side)
    row = session.get_one(Markdown, markdown_id, with_for_update=True, populate_existing=True)
    if row.state != MarkdownState.ASKED:
        raise RuleBroken(_("Permintaan ini sudah dijawab atau ditarik."), code="markdown_answered")
    if row.last_day < clock.today():
        raise RuleBroken(
            _(
                "Hari terakhirnya, %(day)s, sudah lewat. Toko bisa meminta lagi.",
                day=format_day(row.last_day),
            ),
            code="markdown_lapsed",
        )
    return row, parties


def _agreed_price(session: Session, agreement: Agreement, product_id: int) -> int:
    """What a customer pays by the agreement, else by the maker's own price list."""
    product = session.get(Product, product_id)
    if product is None or product.seller_id != agreement.seller_id:
        raise no_markdown()
    terms = terms_on(session, agreement.id, clock.today())
    annex = annex_prices(session, [terms.version_id]).get((terms.version_id, product_id)) if terms else None
    if annex is not None and annex.retail_rupiah is not None:
        return annex.retail_rupiah
    return product.retail_price_rupiah or product.price_rupiah


def _check(asked: Asked, agreed: int) -> None:
    today, wrong = clock.today(), {}
    if asked.price_rupiah < 1:
        wrong["price_rupiah"] = _("Tulis harga paling sedikit Rp1.")
    elif asked.price_rupiah >= agreed:
        wrong["price_rupiah"] = _(
            "Tulis harga di bawah %(agreed)s, harga yang sekarang disetujui.", agreed=format_rupiah(agreed)
        )
    if asked.first_day < today:
        wrong["first_day"] = _("Harga baru berlaku paling cepat mulai hari ini.")
    if asked.last_day < asked.first_day:
        wrong["last_day"] = _("Hari terakhir tidak boleh sebelum hari pertama.")
    elif asked.last_day - asked.first_day > timedelta(days=MAX_DAYS):
        wrong["last_day"] = _("Paling lama %(count)d hari. Sesudah itu minta lagi.", count=MAX_DAYS)
    if not clean_lines(asked.reason):
        wrong["reason"] = _("Tulis alasannya, misalnya mendekati kedaluwarsa.")
    elif len(asked.reason) > MAX_REASON:
        wrong["reason"] = _("Alasan paling panjang 1.000 huruf.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)


def _refuse_second_question(session: Session, asked: Asked) -> None:
    """One question at a time: two for the same days could both be answered yes. The agreement is locked."""
    waits = select(Markdown.price_rupiah).where(
        Markdown.agreement_id == asked.agreement_id,
        Markdown.product_id == asked.product_id,
        Markdown.state == MarkdownState.ASKED.value,
        Markdown.first_day <= asked.last_day,
        Markdown.last_day >= max(asked.first_day, clock.today()),
    )
    price = session.scalar(waits.limit(1))
    if price is not None:
        sentence = _(
            "Permintaan seharga %(price)s untuk hari-hari itu masih menunggu jawaban. Tarik dulu yang itu.",
            price=format_rupiah(price),
        )
        raise InvalidInput(sentence, {"product": sentence})


def _tell(session: Session, parties: Parties, side: Side, row: Markdown, template: str) -> None:
    product = session.get_one(Product, row.product_id)
    tell(
        session,
        parties,
        side,
        template,
        f"/markdowns/{row.id}",
        product=product.name,
        price=format_rupiah(row.price_rupiah),
        agreed=format_rupiah(row.agreed_rupiah),
        first_day=row.first_day.isoformat(),
        last_day=row.last_day.isoformat(),
        reason=row.reason,
        answer=row.answer_reason,
        is_agreed=row.state == MarkdownState.AGREED.value,
    )
