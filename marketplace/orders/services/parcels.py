"""Parcels: what is in one, proposed by who puts it together, agreed to by every other maker in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...catalog.models import PriceTier, Product
from ...catalog.services.access import own_product
from ...catalog.services.letters import write
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_number
from ...money import format_rupiah
from ...organizations.models import Seller
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ..models import Parcel, ParcelComponent, ParcelConsent, ParcelState, ParcelVersion, ReadyStock
from ..rules.parcels import MAX_COMPONENTS, MAX_PER_PARCEL
from .moving import region_of

MAX_NOTE = 1000


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    """So many units of a product in one parcel; its maker gets `share_rupiah` for all of them together."""

    product_id: int
    quantity: int
    share_rupiah: int


@dataclass(frozen=True)
class ParcelDraft:
    """A parcel as its assembler writes it; what the price leaves over its components is the assembler's."""

    product_id: int
    components: Sequence[ComponentDraft]
    takes_card: bool = True
    order_from: date | None = None
    order_until: date | None = None
    season_from: date | None = None
    season_to: date | None = None
    note: str = ""


def no_parcel() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Parsel ini tidak ada, atau bukan untuk akun Anda."))


@retry_on_conflict
def propose_parcel(*, actor: Actor, draft: ParcelDraft) -> ParcelVersion:
    """Ask every other maker in a parcel to agree to it; where there is none it holds at once.

    The version before it is sold until all have agreed; a question that still waits is taken back.
    Raises NotFound for somebody else's product, InvalidInput with a sentence for each field
    ('component-0', 'order_until', ...).
    """
    actor.require(Permission.AGREEMENT_PROPOSE)
    with unit_of_work() as session:
        product, region = own_product(session, actor, draft.product_id)
        goods = _goods(session, draft)
        wrong = _wrong(session, draft, product, goods)
        if wrong:
            raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)
        _keep_parcel(session, actor, draft)
        _end(session, product.id, ParcelState.PROPOSED, ParcelState.WITHDRAWN)
        version = _write_version(session, actor, draft, product, goods)
        audit.record(
            session,
            actor,
            "parcel.proposed",
            version,
            after={"price_rupiah": version.price_rupiah},
            region=region,
        )
        others = sorted({one.seller_id for one in goods.values()} - {product.seller_id})
        session.add_all(ParcelConsent(version_id=version.id, seller_id=one, reason="") for one in others)
        session.flush()
        if not others:
            _accept(session, actor, version, region)
        for seller_id in others:
            assembler = session.get_one(Seller, product.seller_id).name
            words = {"parcel": product.name, "assembler": assembler, "note": version.note}
            write(session, seller_id, "parcel_proposed", path=f"/parcels/versions/{version.id}", **words)
        return version


@retry_on_conflict
def answer_parcel(*, actor: Actor, version_id: int, accepts: bool, reason: str = "") -> ParcelVersion:
    """A maker agrees to what is in a parcel, or not; it may also take back what it agreed to, for new orders.

    Raises NotFound for everybody who has nothing in it, RuleBroken once it is over, InvalidInput for a no
    without a reason.
    """
    actor.require(Permission.AGREEMENT_ANSWER)
    with unit_of_work() as session:
        version, product = _lock(session, version_id)
        consent = session.get(ParcelConsent, (version_id, actor.seller_id or 0), populate_existing=True)
        if consent is None:
            raise no_parcel()
        open_states = {ParcelState.PROPOSED} if accepts else {ParcelState.PROPOSED, ParcelState.ACCEPTED}
        _require_state(version, open_states)
        reason = clean_lines(reason)[:MAX_NOTE]
        if not accepts and not reason:
            sentence = _("Tulis alasan singkat, supaya penyusun parsel tahu apa yang perlu diubah.")
            raise InvalidInput(sentence, {"reason": sentence})
        consent.is_accepted, consent.reason = accepts, reason
        consent.answered_at, consent.answered_by = clock.now(), actor.user_id
        consent.answerer_name = actor.name
        region = region_of(session, product.seller_id)
        verb = "parcel.agreed" if accepts else "parcel.refused"
        audit.record(session, actor, verb, version, reason=reason, region=region)
        session.flush()
        if not accepts:
            version.state, version.ended_at = ParcelState.REFUSED.value, clock.now()
        elif _all_agree(session, version_id):
            _accept(session, actor, version, region)
        session.flush()
        words = {"parcel": product.name, "maker": actor.organization_name or actor.name}
        path = f"/parcels/versions/{version.id}"
        write(
            session,
            product.seller_id,
            "parcel_answered",
            path=path,
            is_agreed=accepts,
            reason=reason,
            **words,
        )
        return version


@retry_on_conflict
def withdraw_parcel(*, actor: Actor, version_id: int) -> ParcelVersion:
    """The assembler takes a question back, or stops selling the parcel as it is."""
    actor.require(Permission.AGREEMENT_PROPOSE)
    with unit_of_work() as session:
        version, product = _lock(session, version_id)
        if product.seller_id != actor.seller_id:
            raise no_parcel()
        _require_state(version, {ParcelState.PROPOSED, ParcelState.ACCEPTED})
        version.state, version.ended_at = ParcelState.WITHDRAWN.value, clock.now()
        audit.record(
            session, actor, "parcel.withdrawn", version, region=region_of(session, product.seller_id)
        )
        return version


# --- what is written ---------------------------------------------------------------------------------------


def _lock(session: Session, version_id: int) -> tuple[ParcelVersion, Product]:
    """A version under the lock of its parcel, which every change of a parcel takes first."""
    found = session.get(ParcelVersion, version_id)
    if found is None:
        raise no_parcel()
    session.get_one(Parcel, found.product_id, with_for_update=True, populate_existing=True)
    session.refresh(found)
    return found, session.get_one(Product, found.product_id)


def _require_state(version: ParcelVersion, states: set[ParcelState]) -> None:
    if version.state not in states:
        raise RuleBroken(
            _("Usulan parsel ini sudah selesai: disetujui, ditolak, ditarik, atau diganti yang baru."),
            code="parcel_answered",
        )


def _keep_parcel(session: Session, actor: Actor, draft: ParcelDraft) -> Parcel:
    parcel = session.get(Parcel, draft.product_id, with_for_update=True, populate_existing=True)
    if parcel is None:
        parcel = Parcel(
            product_id=draft.product_id, created_at=clock.now(), created_by=actor.user_id, takes_card=True
        )
        session.add(parcel)
    parcel.takes_card = draft.takes_card
    parcel.order_from, parcel.order_until = draft.order_from, draft.order_until
    parcel.season_from, parcel.season_to = draft.season_from, draft.season_to
    session.flush()
    return parcel


def _write_version(
    session: Session, actor: Actor, draft: ParcelDraft, product: Product, goods: dict[int, Product]
) -> ParcelVersion:
    latest = select(func.coalesce(func.max(ParcelVersion.number), 0))
    number = session.scalar(latest.where(ParcelVersion.product_id == product.id)) or 0
    shares = sum(one.share_rupiah for one in draft.components)
    version = ParcelVersion(
        product_id=product.id,
        number=number + 1,
        state=ParcelState.PROPOSED.value,
        price_rupiah=product.price_rupiah,
        least_rupiah=least_price(session, product),
        assembly_rupiah=product.price_rupiah - shares,
        components_rupiah=shares,
        note=clean_lines(draft.note)[:MAX_NOTE],
        proposed_at=clock.now(),
        proposed_by=actor.user_id,
        proposer_name=actor.name,
    )
    session.add(version)
    session.flush()
    session.add_all(
        ParcelComponent(
            version_id=version.id,
            position=position,
            product_id=one.product_id,
            seller_id=goods[one.product_id].seller_id,
            name=goods[one.product_id].name[:400],
            unit=goods[one.product_id].unit,
            quantity=one.quantity,
            share_rupiah=one.share_rupiah,
        )
        for position, one in enumerate(draft.components, start=1)
    )
    session.flush()
    return version


def least_price(session: Session, product: Product) -> int:
    """What a parcel costs at its largest quantity."""
    tiers = select(func.min(PriceTier.price_rupiah)).where(PriceTier.product_id == product.id)
    return min(product.price_rupiah, session.scalar(tiers) or product.price_rupiah)


def _end(session: Session, product_id: int, state: ParcelState, target: ParcelState) -> None:
    query = select(ParcelVersion).where(
        ParcelVersion.product_id == product_id, ParcelVersion.state == state.value
    )
    for version in session.scalars(query.execution_options(populate_existing=True)):
        version.state, version.ended_at = target.value, clock.now()
    session.flush()


def _accept(session: Session, actor: Actor, version: ParcelVersion, region: str) -> None:
    _end(session, version.product_id, ParcelState.ACCEPTED, ParcelState.REPLACED)
    version.state, version.accepted_at = ParcelState.ACCEPTED.value, clock.now()
    audit.record(session, actor, "parcel.accepted", version, region=region)
    session.flush()


def _all_agree(session: Session, version_id: int) -> bool:
    waiting = select(func.count()).where(
        ParcelConsent.version_id == version_id, ParcelConsent.is_accepted.is_not(True)
    )
    return session.scalar(waiting) == 0


# --- what can be in one ------------------------------------------------------------------------------------


def _goods(session: Session, draft: ParcelDraft) -> dict[int, Product]:
    """The products that are to be in it, as far as everybody may see them."""
    wanted = sorted({one.product_id for one in draft.components})
    query = select(Product).where(Product.id.in_(wanted), Product.is_live, ~Product.is_dropped)
    return {row.id: row for row in session.scalars(query.execution_options(populate_existing=True))}


def _wrong(
    session: Session, draft: ParcelDraft, product: Product, goods: dict[int, Product]
) -> dict[str, str]:
    """A sentence for each field that cannot be."""
    wrong = _wrong_days(draft)
    if session.get(ReadyStock, product.id) is not None:
        wrong["component-0"] = _(
            "Kosongkan dulu stok siap kirim produk ini: stok parsel dihitung dari isinya."
        )
    elif _is_in_another(session, product.id):
        wrong["component-0"] = _("Produk ini isi parsel lain, jadi tidak bisa menjadi parsel.")
    elif not draft.components:
        wrong["component-0"] = _("Pilih paling sedikit satu isi parsel.")
    elif len(draft.components) > MAX_COMPONENTS:
        wrong["component-0"] = _("Paling banyak %(most)s macam isi.", most=format_number(MAX_COMPONENTS))
    nested = set(
        session.scalars(select(Parcel.product_id).where(Parcel.product_id.in_(sorted(goods) or [0])))
    )
    seen: set[int] = set()
    for place, one in enumerate(draft.components):
        sentence = _wrong_component(one, product, goods, nested, seen)
        if sentence:
            wrong[f"component-{place}"] = sentence
        seen.add(one.product_id)
    shares = sum(one.share_rupiah for one in draft.components)
    if product.price_rupiah <= 0:
        wrong["price_rupiah"] = _("Tulis dulu harga parsel ini di halaman produknya.")
    elif shares > product.price_rupiah and "component-0" not in wrong:
        wrong["component-0"] = _(
            "Bagian pembuat berjumlah %(shares)s, lebih dari harga parsel %(price)s.",
            shares=format_rupiah(shares),
            price=format_rupiah(product.price_rupiah),
        )
    return wrong


def _is_in_another(session: Session, product_id: int) -> bool:
    """Whether a parcel that is sold or proposed holds a product."""
    open_states = (ParcelState.PROPOSED.value, ParcelState.ACCEPTED.value)
    query = (
        select(ParcelVersion.id)
        .join(ParcelComponent, ParcelComponent.version_id == ParcelVersion.id)
        .where(ParcelComponent.product_id == product_id, ParcelVersion.state.in_(open_states))
    )
    return session.scalar(query.limit(1)) is not None


def _wrong_component(
    one: ComponentDraft, product: Product, goods: dict[int, Product], nested: set[int], seen: set[int]
) -> str:
    if one.product_id == product.id or one.product_id in nested:
        return _("Parsel tidak bisa berisi parsel.")
    if one.product_id not in goods:
        return _("Pilih produk yang sedang tampil di etalase.")
    if one.product_id in seen:
        return _("Produk ini sudah ada di daftar. Gabungkan jumlahnya.")
    if not 1 <= one.quantity <= MAX_PER_PARCEL:
        return _("Tulis jumlah dari 1 sampai %(most)s.", most=format_number(MAX_PER_PARCEL))
    if not 0 <= one.share_rupiah <= product.price_rupiah:
        return _("Bagian pembuat paling banyak seharga parselnya.")
    return ""


def _wrong_days(draft: ParcelDraft) -> dict[str, str]:
    wrong = {}
    if draft.order_from and draft.order_until and draft.order_until < draft.order_from:
        wrong["order_until"] = _("Hari terakhir memesan tidak boleh sebelum hari pertamanya.")
    if draft.season_from and draft.season_to and draft.season_to < draft.season_from:
        wrong["season_to"] = _("Hari terakhir mengirim tidak boleh sebelum hari pertamanya.")
    elif draft.order_from and draft.season_to and draft.season_to < draft.order_from:
        wrong["season_to"] = _("Parsel ini belum bisa dipesan pada hari pengirimannya yang terakhir.")
    return wrong
