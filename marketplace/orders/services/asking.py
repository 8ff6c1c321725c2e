"""Asking one seller for prices, before anything is ordered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ... import clock, documents
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput
from ...i18n import _
from ...organizations.services.purchasing import buyer_of
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import CartLine, Quote, QuoteLine, QuoteState, QuoteVersion, ShippingKind
from ..queries.buyers import destinations_of
from ..queries.offers import Offers, offers_of
from ..queries.quotes import quote_of_form
from ..rules import buying
from ..rules.deadlines import end_of_day
from ..rules.drafts import MAX_LINES, SellerDraft
from ..rules.quote_drafts import MAX_NOTE, ask_until
from ..rules.states import OrderSide
from .checkout import MAX_KEY, clean_part, wrong_destination
from .quote_letters import tell_asked
from .quotes import record_quote


@retry_on_conflict
def ask(*, actor: Actor, client_key: str, part: SellerDraft, from_cart: bool = False) -> Quote:
    """Ask one seller for prices of these units, for a destination and days. Nothing is promised yet.

    `part.payment_plan` is a wish. `from_cart`: the products leave this person's cart. The same key twice is
    one quotation. Raises InvalidInput with a sentence for each field ('quantity-ID', 'deliver_from', ...).
    """
    actor.require(Permission.ORDER_PLACE)
    key = one_line(client_key)[:MAX_KEY]
    if not key:
        raise InvalidInput(_("Formulir ini tidak lengkap. Buka lagi halamannya, lalu kirim."))
    with unit_of_work() as session:
        operator_id = buyer_of(session, actor)
        known = quote_of_form(operator_id, key)
        if known is not None:
            return known
        offers = offers_of([line.product_id for line in part.lines])
        clean = clean_part(part)
        wrong = _wrong_ask(part, clean, offers, operator_id)
        if wrong:
            raise InvalidInput(next(iter(wrong.values())), wrong)
        quote = _write_quote(session, actor, operator_id, key, clean)
        if quote is None:  # another request with this key was first
            return quote_of_form(operator_id, key) or _nobody()
        _write_ask(session, actor, quote, clean, offers)
        if from_cart:
            _empty_cart(session, actor, operator_id, clean)
        record_quote(session, actor, quote)
        tell_asked(session, quote)
        return quote


def _nobody() -> Quote:
    raise Conflict(_("Permintaan ini sedang dikirim. Coba lagi sebentar lagi."))


def _wrong_ask(part: SellerDraft, clean: SellerDraft, offers: Offers, operator_id: int) -> dict[str, str]:
    today = clock.today()
    wrong = buying.wrong_days(part.deliver_from, part.deliver_to, earliest=today, today=today)
    if not 0 < len(part.lines) <= MAX_LINES or len({line.product_id for line in part.lines}) < len(
        part.lines
    ):
        wrong["lines"] = _("Pilih paling sedikit satu barang, masing-masing satu kali.")
    for line in part.lines:
        offer = offers.by_product.get(line.product_id)
        if offer is None or offer.seller_id != part.seller_id or not offer.is_sold:
            wrong[f"quantity-{line.product_id}"] = _("Sedang tidak dijual. Hapus dari permintaan.")
        elif not 0 < line.quantity <= buying.MAX_UNITS:
            wrong[f"quantity-{line.product_id}"] = _("Tulis jumlah dengan angka bulat, misalnya 24.")
    if part.shipping_kind not in {ShippingKind.SELLER_RATE, ShippingKind.PICKUP}:
        wrong["shipping_kind"] = _("Pilih dikirim atau diambil sendiri.")
    outlets = {outlet.id for outlet in destinations_of(operator_id)} if part.outlet_id is not None else set()
    return wrong | wrong_destination(part, clean, outlets)


def _write_quote(
    session: Session, actor: Actor, operator_id: int, key: str, part: SellerDraft
) -> Quote | None:
    today = clock.today()
    series = f"quote:{operator_id}:{today.year}"
    number = documents.take_numbers(session, {series: 1})[series]
    row = {
        "quote_ref": documents.new_code(),
        "number": f"PP/{today.year}/{number:04d}",
        "client_key": key,
        "operator_id": operator_id,
        "seller_id": part.seller_id,
        "state": QuoteState.ASKED.value,
        "latest": 1,
        "due_at": end_of_day(ask_until(today, part.deliver_from)),
        "outlet_id": part.outlet_id,
        "recipient": part.recipient,
        "phone": part.phone,
        "address": "" if part.outlet_id is not None else part.address,
        "shipping_kind": part.shipping_kind.value,
        "procurement_ref": part.procurement_ref,
        "asked_at": clock.now(),
        "asked_by": actor.user_id,
        "asker_name": actor.name,
        "ended_side": "",
        "ender_name": "",
        "end_reason": "",
    }
    statement = insert_into(session, Quote).values(**row).returning(Quote)
    return session.scalars(
        statement.on_conflict_do_nothing(index_elements=["operator_id", "client_key"])
    ).one_or_none()


def _write_ask(session: Session, actor: Actor, quote: Quote, part: SellerDraft, offers: Offers) -> None:
    version = QuoteVersion(
        quote_id=quote.id,
        number=1,
        side=OrderSide.BUYER.value,
        deliver_from=part.deliver_from,
        deliver_to=part.deliver_to,
        payment_plan=part.payment_plan.value,
        valid_until=ask_until(clock.today(), part.deliver_from),
        note=part.note[:MAX_NOTE],
        made_at=clock.now(),
        made_by=actor.user_id,
        maker_name=actor.name,
    )
    session.add(version)
    session.flush()
    for position, line in enumerate(part.lines, start=1):
        offer = offers.by_product[line.product_id]
        session.add(
            QuoteLine(
                version_id=version.id,
                position=position,
                product_id=offer.product_id,
                name=offer.name,
                sku=offer.sku,
                unit=offer.unit,
                quantity=line.quantity,
                list_price_rupiah=offer.unit_price(line.quantity),
                card_text=line.card_text,
            )
        )
    session.flush()


def _empty_cart(session: Session, actor: Actor, operator_id: int, part: SellerDraft) -> None:
    for line in part.lines:
        kept = session.get(CartLine, (operator_id, actor.user_id, line.product_id))
        if kept is not None:
            session.delete(kept)
    session.flush()
