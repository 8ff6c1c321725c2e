"""An accepted quotation becomes an order: at the prices of the version that both said yes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...errors import Conflict, RuleBroken
from ...i18n import _, speaking
from ...money import format_rupiah
from ...permissions import Actor, Role
from ..models import (
    Order,
    OrderState,
    PaymentPlan,
    Quote,
    QuoteLine,
    QuoteVersion,
    ShippingKind,
)
from ..queries.offers import Offers, offers_of
from ..queries.tax import tax_terms
from ..rules.buying import Offer
from ..rules.drafts import CheckoutDraft, LineDraft, SellerDraft
from ..rules.splitting import Billable, Split, split_order
from ..rules.states import OrderSide, OrderVerb
from .answering import agree_to
from .checkout import must_wait
from .placing import PricedLine, PricedPart, write_checkout


def split_agreed(
    session: Session, seller_id: int, offers: Offers, lines: Sequence[tuple[int, int, int]], shipping: int
) -> Split:
    """What (product, units, price) and shipping come to today, with tax, and whose it is."""
    contents = {key: offer.content for key, offer in offers.by_product.items() if offer.content}
    makers = {seller_id, *(part.seller_id for content in contents.values() for part in content.parts)}
    return split_order(
        seller_id,
        [
            Billable(quantity, price, contents[product_id].parts if product_id in contents else ())
            for product_id, quantity, price in lines
        ],
        shipping_rupiah=shipping,
        taxes=tax_terms(session, makers, clock.today()),
    )


def order_from(
    session: Session, buyer: Actor, quote: Quote, version: QuoteVersion, *, makes_rest: bool
) -> Order:
    """Write the order of a locked quotation and promise its units; above the buyer's limit it waits.

    `buyer` is who said yes for the buyer; `makes_rest`: the seller makes what is not at hand. Raises
    RuleBroken when a product is not sold any more or the tax changed, NotEnough when units are lacking: the
    quotation stays as it is then.
    """
    lines = lines_of_version(session, version.id)
    offers = offers_of([line.product_id for line in lines])
    _refuse_unsold(lines, offers.by_product, version)
    priced = [
        PricedLine(
            offers.by_product[line.product_id], line.quantity, line.unit_price_rupiah or 0, line.card_text
        )
        for line in lines
    ]
    split = split_agreed(
        session,
        quote.seller_id,
        offers,
        [(line.offer.product_id, line.quantity, line.unit_price_rupiah) for line in priced],
        version.shipping_rupiah or 0,
    )
    if split.total_rupiah != version.total_rupiah:
        raise RuleBroken(
            _(
                "Pajaknya berubah sejak penawaran ini ditulis: totalnya kini %(now)s. Minta penjual menulis "
                "penawaran baru.",
                now=format_rupiah(split.total_rupiah),
            ),
            code="quote_tax_changed",
        )
    draft = _draft(quote, version, lines)
    maker = offers.makers[quote.seller_id]
    terms = replace(
        maker.terms,
        due_days=version.due_days,
        advance_percent=version.advance_percent,
    )
    part = PricedPart(
        draft.parts[0], priced, terms, split, maker.region_code, quote_id=quote.id, makes_rest=makes_rest
    )
    waits = must_wait(session, buyer, quote.operator_id, split.total_rupiah)
    made = write_checkout(session, buyer, quote.operator_id, draft, [part], needs_approval=waits)
    if made is None:
        raise Conflict(_("Penawaran ini sudah menjadi pesanan."), code="quote_accepted")
    return session.scalars(select(Order).where(Order.checkout_id == made.id)).one()


def lines_of_version(session: Session, version_id: int) -> list[QuoteLine]:
    """The lines of a version, in order."""
    query = select(QuoteLine).where(QuoteLine.version_id == version_id).order_by(QuoteLine.position)
    return list(session.scalars(query))


def _refuse_unsold(lines: Sequence[QuoteLine], offers: Mapping[int, Offer], version: QuoteVersion) -> None:
    said = []
    for line in lines:
        offer = offers.get(line.product_id)
        if offer is None or not offer.is_sold:
            said.append(_("%(name)s sedang tidak dijual.", name=line.name))
        elif offer.content:
            refusal = offer.content.not_sold(clock.today(), line.unit_price_rupiah or 0)
            refusal = refusal or offer.content.wrong_days(version.deliver_from, version.deliver_to)
            said += [f"{line.name}: {refusal}"] if refusal else []
    if said:
        raise RuleBroken(
            _("%(what)s Minta penjual menulis penawaran baru.", what=" ".join(said)), code="quote_not_sold"
        )


def _draft(quote: Quote, version: QuoteVersion, lines: Sequence[QuoteLine]) -> CheckoutDraft:
    part = SellerDraft(
        seller_id=quote.seller_id,
        lines=[
            LineDraft(line.product_id, line.quantity, line.unit_price_rupiah or 0, line.card_text)
            for line in lines
        ],
        deliver_from=version.deliver_from,
        deliver_to=version.deliver_to,
        shipping_kind=ShippingKind(quote.shipping_kind),
        payment_plan=PaymentPlan(version.payment_plan),
        outlet_id=quote.outlet_id,
        recipient=quote.recipient,
        phone=quote.phone,
        address=quote.address,
        note=version.note,
        procurement_ref=quote.procurement_ref,
    )
    return CheckoutDraft(f"quote:{quote.quote_ref}", [part])


def confirm_agreed(session: Session, orders: Sequence[Order]) -> None:
    """Orders that came from a quotation and now reach their seller are confirmed: it said yes already."""
    for order in orders:
        if order.quote_id is None or order.state != OrderState.PLACED:
            continue
        quote = session.get_one(Quote, order.quote_id)
        with speaking("id"):
            reason = _("Sesuai penawaran %(number)s.", number=quote.number)
        agree_to(session, _sellers_yes(session, quote), order, OrderVerb.CONFIRM, OrderSide.SELLER, reason)


def _sellers_yes(session: Session, quote: Quote) -> Actor:
    """Who said yes for the seller: whoever wrote its version, or accepted the buyer's."""
    query = select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.number == quote.latest)
    version = session.scalars(query).one()
    is_own = version.side == OrderSide.SELLER
    user_id, name = (version.made_by, version.maker_name) if is_own else (quote.ended_by, quote.ender_name)
    return Actor(user_id, name, Role.SELLER_MANAGER, seller_id=quote.seller_id)
