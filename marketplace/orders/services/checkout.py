"""Sending a cart off: one order for each seller in it, all of them or none."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ... import clock
from ...accounts.rules import phone_e164
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, MarketplaceError
from ...i18n import _, format_number
from ...money import format_rupiah
from ...organizations.models import Operator
from ...organizations.services.purchasing import buyer_of
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import Checkout, ShippingKind
from ..queries.buyers import allowance_of, destinations_of, limit_of
from ..queries.offers import Offers, offers_of
from ..queries.tax import tax_terms
from ..rules import buying
from ..rules.drafts import (
    MAX_LINES,
    MAX_SELLERS,
    CartChanged,
    CheckoutDraft,
    LineDraft,
    SellerDraft,
    card_words,
)
from ..rules.splitting import Billable, split_order
from ..rules.tax import TaxTerms
from ..rules.terms import Terms
from .placing import PricedLine, PricedPart, write_checkout

MAX_KEY = 100


@retry_on_conflict
def place(*, actor: Actor, draft: CheckoutDraft) -> Checkout:
    """Order everything in a draft: units are promised, prices frozen, each seller gets an order of its own.

    Above the person's limit the orders wait for a manager. The same draft sent twice is one checkout.
    Raises InvalidInput for what cannot be (fields named 'deliver_from-SELLER_ID'), CartChanged when the
    buyer saw something else, NotEnough when units are lacking, Conflict for a key used for something else.
    Nothing is half done.
    """
    actor.require(Permission.ORDER_PLACE)
    check_shape(draft)
    with unit_of_work() as session:
        operator_id = buyer_of(session, actor)
        try:
            parts = price_parts(session, operator_id, draft)
        except MarketplaceError:  # what was ordered before stays so, whatever has changed since
            known = placed_before(session, operator_id, draft)
            if known is None:
                raise
            return known
        total = sum(part.split.total_rupiah for part in parts)
        waits = must_wait(session, actor, operator_id, total)
        made = write_checkout(session, actor, operator_id, draft, parts, needs_approval=waits)
        return made or _sent_before(session, operator_id, draft)


def preview(*, actor: Actor, draft: CheckoutDraft) -> list[PricedPart]:
    """What a draft would come to if it were placed now, by seller. Raises as `place`; nothing is kept."""
    actor.require(Permission.ORDER_PLACE)
    check_shape(draft)
    return price_parts(db.session(), actor.buyer_id or 0, draft)


def waits_for_approval(*, actor: Actor, total_rupiah: int) -> bool:
    """Whether an order of so much by this person has to wait for a manager."""
    return actor.buyer_id is not None and _is_above(actor, actor.buyer_id, total_rupiah)


def check_shape(draft: CheckoutDraft) -> None:
    """Refuse what no page sends. Raises InvalidInput."""
    products = Counter(line.product_id for part in draft.parts for line in part.lines)
    sellers = {part.seller_id for part in draft.parts}
    sentence = ""
    if not one_line(draft.client_key) or len(draft.client_key) > MAX_KEY:
        sentence = _("Formulir ini tidak lengkap. Buka lagi halaman pesanan, lalu kirim.")
    elif not products or any(not part.lines for part in draft.parts):
        sentence = _("Keranjang kosong. Pilih barang dulu.")
    elif len(products) > MAX_LINES or len(sellers) > MAX_SELLERS:
        sentence = _(
            "Paling banyak %(lines)s barang dari %(sellers)s penjual sekali kirim. Pecah jadi dua.",
            lines=format_number(MAX_LINES),
            sellers=format_number(MAX_SELLERS),
        )
    elif max(products.values()) > 1 or len(sellers) < len(draft.parts):
        sentence = _("Satu barang tertulis dua kali. Gabungkan jumlahnya.")
    if sentence:
        raise InvalidInput(sentence, {"lines": sentence})


def placed_before(session: Session, operator_id: int, draft: CheckoutDraft) -> Checkout | None:
    """The checkout that this form became already. Raises Conflict when it says something else now."""
    asked = {"operator": operator_id, "key": draft.client_key}
    found = session.connection().execute(_under_key(), asked).scalar()
    known = session.get(Checkout, found) if found else None
    if known is not None and known.content_hash != draft.content_hash:
        raise Conflict(
            _("Formulir ini sudah dikirim dengan isi lain. Buka lagi keranjang untuk pesanan baru."),
            code="checkout_differs",
        )
    return known


@functools.cache
def _under_key() -> Any:
    asked = Checkout.operator_id == bindparam("operator"), Checkout.client_key == bindparam("key")
    return select(Checkout.id).where(*asked)


def _sent_before(session: Session, operator_id: int, draft: CheckoutDraft) -> Checkout:
    """The same form was sent before, or by another at once who was first."""
    known = placed_before(session, operator_id, draft)
    if known is None:  # the other one failed meanwhile
        raise Conflict(_("Pesanan ini sedang dikirim. Coba lagi sebentar lagi."))
    return known


def must_wait(
    session: Session, actor: Actor, operator_id: int, total_rupiah: int, *, but: int | None = None
) -> bool:
    """Whether so much, with what they ordered alone in the last days, is above what this person may order of
    an operator's money alone; `but`: an order that is left out of the latter.

    Locks the operator for whoever has a limit, so that of two orders at once the second counts the first.
    """
    if actor.can(Permission.ORDER_APPROVE) or limit_of(operator_id, actor.user_id) is None:
        return False
    session.get_one(Operator, operator_id, with_for_update={"key_share": True}, populate_existing=True)
    return _is_above(actor, operator_id, total_rupiah, but)


def _is_above(actor: Actor, operator_id: int, total_rupiah: int, but: int | None = None) -> bool:
    if actor.can(Permission.ORDER_APPROVE):
        return False
    return buying.needs_approval(total_rupiah, *allowance_of(operator_id, actor.user_id, but=but))


# --- what it comes to --------------------------------------------------------------------------------------


def price_parts(session: Session, operator_id: int, draft: CheckoutDraft) -> list[PricedPart]:
    """Every part at today's prices, checked against what the buyer saw and what its seller offers.

    Raises InvalidInput and CartChanged as `place` does.
    """
    product_ids = [line.product_id for part in draft.parts for line in part.lines]
    seller_ids = [part.seller_id for part in draft.parts]
    offers = offers_of(product_ids)
    taxes = tax_terms(session, {*seller_ids, *_makers(offers)}, clock.today())
    _refuse_changed(draft, offers)
    outlets = _outlets(operator_id, draft)
    parts, wrong, changed = [], {}, {}
    for part in draft.parts:
        terms = offers.makers[part.seller_id].terms
        clean, problems = _cleaned(part, terms, offers, outlets)
        wrong.update({f"{name}-{part.seller_id}": sentence for name, sentence in problems.items()})
        if problems:
            continue
        priced = _price(clean, offers, taxes)
        sentence = _shipping_changed(part, priced)
        if sentence:
            changed[part.seller_id] = sentence
        parts.append(priced)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    if changed:
        raise CartChanged({}, changed)
    return parts


def _makers(offers: Offers) -> set[int]:
    """Whose goods are in the parcels."""
    contents = (offer.content for offer in offers.by_product.values() if offer.content)
    return {part.seller_id for content in contents for part in content.parts}


def _refuse_changed(draft: CheckoutDraft, offers: Offers) -> None:
    """Raise CartChanged with a sentence for each product that is no longer sold as the buyer saw it."""
    changed = {}
    for part in draft.parts:
        for line in part.lines:
            sentence = _line_changed(line, part.seller_id, offers)
            if sentence:
                changed[line.product_id] = sentence
    if changed:
        raise CartChanged(changed)


def _line_changed(line: LineDraft, seller_id: int, offers: Offers) -> str:
    offer = offers.by_product.get(line.product_id)
    if offer is None or offer.seller_id != seller_id:
        return _("Produk ini tidak ada lagi. Hapus dari keranjang.")
    wrong = buying.wrong_with(offer, line.quantity, clock.today())
    if wrong is not None:
        sentence = wrong.sentence
    else:
        sentence = buying.price_change(line.seen_price_rupiah, offer.unit_price(line.quantity))
    return f"{offer.name}: {sentence}" if sentence else ""


def _outlets(operator_id: int, draft: CheckoutDraft) -> set[int]:
    """The outlets that goods may go to, as far as somebody asks."""
    if all(part.outlet_id is None for part in draft.parts):
        return set()
    return {outlet.id for outlet in destinations_of(operator_id)}


def _cleaned(
    part: SellerDraft, terms: Terms, offers: Offers, outlets: set[int]
) -> tuple[SellerDraft, dict[str, str]]:
    """A part as it is kept, and a sentence for each field that is wrong."""
    wanted = [(offers.by_product[line.product_id], line.quantity) for line in part.lines]
    today = clock.today()
    wrong = buying.wrong_days(
        part.deliver_from, part.deliver_to, earliest=buying.earliest_day(wanted, today), today=today
    )
    for offer, _quantity in wanted:
        sentence = offer.content.wrong_days(part.deliver_from, part.deliver_to) if offer.content else ""
        if sentence:
            wrong.setdefault("deliver_from", f"{offer.name}: {sentence}")
    if part.shipping_kind not in buying.shippings_of(terms):
        wrong["shipping_kind"] = _("Penjual ini tidak menawarkan cara kirim itu. Pilih yang lain.")
    pre_order = buying.is_pre_order([offer for offer, _quantity in wanted], today)
    if part.payment_plan not in buying.plans_of(terms, is_pre_order=pre_order):
        wrong["payment_plan"] = _("Penjual ini tidak menawarkan cara bayar itu. Pilih yang lain.")
    clean = clean_part(part)
    wrong.update(wrong_destination(part, clean, outlets))
    return clean, wrong


def clean_part(part: SellerDraft) -> SellerDraft:
    """A part with its texts as they are kept; a number that is none is empty."""
    return replace(
        part,
        recipient=one_line(part.recipient)[:300],
        phone=phone_e164(part.phone[:60]) or "" if part.phone else "",
        address=clean_lines(part.address)[:1000],
        note=clean_lines(part.note)[:2000],
        procurement_ref=one_line(part.procurement_ref)[:100],
        lines=[replace(line, card_text=card_words(line.card_text)) for line in part.lines],
    )


def wrong_destination(part: SellerDraft, clean: SellerDraft, outlets: set[int]) -> dict[str, str]:
    """A sentence for each field of where a part goes that is wrong; `clean` is what clean_part made of it."""
    if one_line(part.phone) and not clean.phone:
        return {"phone": _("Tulis nomor HP Indonesia, misalnya 0812 3456 7890.")}
    if part.outlet_id is not None:
        if part.outlet_id in outlets:
            return {}
        return {"outlet_id": _("Pilih toko Anda sendiri yang masih buka.")}
    if clean.shipping_kind is ShippingKind.PICKUP:
        return {}
    needed = {
        "recipient": _("Tulis nama penerima."),
        "phone": _("Tulis nomor HP penerima, misalnya 0812 3456 7890."),
        "address": _("Tulis alamat lengkap, supaya barang sampai."),
    }
    return {name: sentence for name, sentence in needed.items() if not getattr(clean, name)}


def _price(part: SellerDraft, offers: Offers, taxes: Mapping[int, TaxTerms]) -> PricedPart:
    lines, maker = [], offers.makers[part.seller_id]
    for line in part.lines:
        offer = offers.by_product[line.product_id]
        price = offer.unit_price(line.quantity)
        lines.append(PricedLine(offer, line.quantity, price, line.card_text))
    goods = sum(line.amount_rupiah for line in lines)
    split = split_order(
        part.seller_id,
        [Billable(line.quantity, line.unit_price_rupiah, line.parts) for line in lines],
        shipping_rupiah=buying.shipping_cost(maker.terms, part.shipping_kind, goods),
        taxes=taxes,
    )
    _refuse_huge(split.total_rupiah, part.seller_id)
    return PricedPart(part, lines, maker.terms, split, maker.region_code)


def _refuse_huge(total_rupiah: int, seller_id: int) -> None:
    if total_rupiah > buying.MAX_ORDER_RUPIAH:
        sentence = _("Nilai pesanan ini terlalu besar. Periksa jumlahnya, atau pecah jadi beberapa pesanan.")
        raise InvalidInput(sentence, {f"lines-{seller_id}": sentence})


def _shipping_changed(part: SellerDraft, priced: PricedPart) -> str:
    seen, now = part.seen_shipping_rupiah, priced.split.shipping_rupiah
    if seen is None or seen == now:
        return ""
    return _(
        "Ongkos kirim berubah dari %(seen)s menjadi %(now)s.",
        seen=format_rupiah(seen),
        now=format_rupiah(now),
    )
