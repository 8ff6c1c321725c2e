"""The life of an order as a table: from which states a verb leads to which, and by whom.

An order goes from placed to closed. Where payment comes first it waits for it before packing; where shipping
is quoted it waits for the buyer's yes. Goods that were sent can no longer be cancelled: what is wrong with
them is said at the receipt, or claimed after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _
from ...permissions import Permission
from ..models import OrderState


class OrderSide(StrEnum):
    """Who moves an order. The system moves it when a deadline passes or money has come."""

    BUYER = "buyer"
    SELLER = "seller"
    SYSTEM = "system"


class OrderVerb(StrEnum):
    """What can be done with an order."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    QUOTE_SHIPPING = "quote_shipping"
    AGREE = "agree"
    DECLINE = "decline"
    EXPIRE = "expire"
    PAY = "pay"
    UNPAY = "unpay"
    PACK = "pack"
    SHIP = "ship"
    RECEIVE = "receive"
    DEEM_RECEIVED = "deem_received"
    INVOICE = "invoice"
    SETTLE = "settle"
    REOPEN = "reopen"
    CLOSE = "close"
    CANCEL = "cancel"
    CALL_OFF = "call_off"


@dataclass(frozen=True)
class OrderAct:
    """One line of the table. `target` is where it leads; CONFIRM and AGREE lead to AWAITING_PAYMENT instead
    where something is to be paid first. `needs_reason`: it must say why."""

    verb: OrderVerb
    sources: frozenset[OrderState]
    target: OrderState
    side: OrderSide
    permission: Permission | None
    label: object = ""
    needs_reason: bool = False


_S, _V, _P, _BY = OrderState, OrderVerb, Permission, OrderSide


def _act(
    verb: OrderVerb,
    sources: Iterable[OrderState],
    target: OrderState,
    side: OrderSide,
    permission: Permission | None = None,
    label: object = "",
    *,
    needs_reason: bool = False,
) -> OrderAct:
    return OrderAct(verb, frozenset(sources), target, side, permission, label, needs_reason)


ORDER_ACTS: tuple[OrderAct, ...] = (
    _act(_V.APPROVE, [_S.AWAITING_APPROVAL], _S.PLACED, _BY.BUYER, _P.ORDER_APPROVE, N_("Setujui belanja")),
    _act(
        _V.REFUSE,
        [_S.AWAITING_APPROVAL],
        _S.REFUSED,
        _BY.BUYER,
        _P.ORDER_APPROVE,
        N_("Tolak belanja"),
        needs_reason=True,
    ),
    _act(_V.CONFIRM, [_S.PLACED], _S.CONFIRMED, _BY.SELLER, _P.ORDER_ANSWER, N_("Terima pesanan")),
    _act(_V.QUOTE_SHIPPING, [_S.PLACED], _S.QUOTED, _BY.SELLER, _P.ORDER_ANSWER, N_("Tawarkan ongkos kirim")),
    _act(_V.AGREE, [_S.QUOTED], _S.CONFIRMED, _BY.BUYER, _P.ORDER_PLACE, N_("Setujui ongkos kirim")),
    _act(
        _V.DECLINE,
        [_S.PLACED],
        _S.DECLINED,
        _BY.SELLER,
        _P.ORDER_ANSWER,
        N_("Tolak pesanan"),
        needs_reason=True,
    ),
    _act(
        _V.EXPIRE,
        [_S.AWAITING_APPROVAL, _S.PLACED, _S.QUOTED, _S.AWAITING_PAYMENT],
        _S.EXPIRED,
        _BY.SYSTEM,
    ),
    _act(_V.PAY, [_S.AWAITING_PAYMENT], _S.PAID, _BY.SYSTEM),
    _act(_V.UNPAY, [_S.PAID], _S.AWAITING_PAYMENT, _BY.SYSTEM),
    _act(_V.PACK, [_S.CONFIRMED, _S.PAID], _S.PACKED, _BY.SELLER, _P.ORDER_FULFIL, N_("Sudah dikemas")),
    _act(
        _V.SHIP,
        [_S.CONFIRMED, _S.PAID, _S.PACKED],
        _S.SHIPPED,
        _BY.SELLER,
        _P.ORDER_FULFIL,
        N_("Kirim"),
    ),
    _act(_V.RECEIVE, [_S.SHIPPED], _S.RECEIVED, _BY.BUYER, _P.ORDER_RECEIVE, N_("Terima barang")),
    _act(_V.DEEM_RECEIVED, [_S.SHIPPED], _S.RECEIVED, _BY.SYSTEM),
    _act(_V.INVOICE, [_S.RECEIVED], _S.INVOICED, _BY.SYSTEM),
    _act(_V.SETTLE, [_S.INVOICED], _S.SETTLED, _BY.SYSTEM),
    _act(_V.REOPEN, [_S.SETTLED], _S.INVOICED, _BY.SYSTEM),
    _act(_V.CLOSE, [_S.SETTLED], _S.CLOSED, _BY.SYSTEM),
    _act(
        _V.CANCEL,
        [_S.AWAITING_APPROVAL, _S.PLACED, _S.QUOTED, _S.AWAITING_PAYMENT, _S.CONFIRMED, _S.PAID, _S.PACKED],
        _S.CANCELLED,
        _BY.BUYER,
        _P.ORDER_PLACE,
        N_("Batalkan pesanan"),
        needs_reason=True,
    ),
    _act(
        _V.CALL_OFF,
        [_S.QUOTED, _S.AWAITING_PAYMENT, _S.CONFIRMED, _S.PAID, _S.PACKED],
        _S.CANCELLED,
        _BY.SELLER,
        _P.ORDER_ANSWER,
        N_("Batalkan dari penjual"),
        needs_reason=True,
    ),
)
"""The buyer may step back until packing begins, and again when packed goods are late (`may_cancel`); the
seller until the goods leave. What was paid goes back.
UNPAY and REOPEN follow a payment that turned out not to have come, before packing and after the bill."""

_BY_VERB = {act.verb: act for act in ORDER_ACTS}
FINAL = frozenset({_S.REFUSED, _S.DECLINED, _S.EXPIRED, _S.CANCELLED, _S.CLOSED})
HOLDS_STOCK = frozenset(
    {_S.AWAITING_APPROVAL, _S.PLACED, _S.QUOTED, _S.AWAITING_PAYMENT, _S.PAID, _S.CONFIRMED, _S.PACKED}
)
"""States in which an order's units are promised to it."""

ORDER_WORDS = {
    _S.AWAITING_APPROVAL: N_("Menunggu persetujuan"),
    _S.REFUSED: N_("Tidak disetujui"),
    _S.PLACED: N_("Menunggu jawaban penjual"),
    _S.QUOTED: N_("Ongkos kirim ditawarkan"),
    _S.DECLINED: N_("Ditolak penjual"),
    _S.EXPIRED: N_("Lewat batas waktu"),
    _S.AWAITING_PAYMENT: N_("Menunggu pembayaran"),
    _S.PAID: N_("Sudah dibayar"),
    _S.CONFIRMED: N_("Diterima penjual"),
    _S.PACKED: N_("Sudah dikemas"),
    _S.SHIPPED: N_("Dalam perjalanan"),
    _S.RECEIVED: N_("Barang diterima"),
    _S.INVOICED: N_("Ditagih"),
    _S.SETTLED: N_("Lunas"),
    _S.CLOSED: N_("Selesai"),
    _S.CANCELLED: N_("Dibatalkan"),
}


def require_order(verb: OrderVerb, state: OrderState, side: OrderSide) -> OrderAct:
    """The line of the table that allows an act; RuleBroken, saying where the order stands, when none does."""
    act = _BY_VERB[verb]
    if state not in act.sources:
        raise _out_of_turn(state)
    if act.side is not side:
        raise RuleBroken(_("Ini bagian pihak lain, bukan bagian Anda."), code="order_not_yours")
    return act


def may_cancel(state: OrderState, due_at: datetime | None, now: datetime) -> bool:
    """Whether the buyer's way back is open: from packed goods only once they should have left."""
    return state is not OrderState.PACKED or (due_at is not None and due_at < now)


def require_cancel(state: OrderState, due_at: datetime | None, now: datetime) -> None:
    """RuleBroken for goods that are packed in time."""
    if not may_cancel(state, due_at, now):
        raise _out_of_turn(state)


def order_verbs(
    state: OrderState,
    side: OrderSide | None,
    permissions: Iterable[Permission],
    *,
    due_at: datetime | None,
    now: datetime,
) -> list[OrderVerb]:
    """What a party may do now, in the order of the table."""
    held = set(permissions)
    return [
        act.verb
        for act in ORDER_ACTS
        if act.side is side
        and state in act.sources
        and act.permission in held
        and (act.verb is not OrderVerb.CANCEL or may_cancel(state, due_at, now))
    ]


def _out_of_turn(state: OrderState) -> RuleBroken:
    return RuleBroken(_refusal(state), code=f"order_{state.value}", state=state.value)


def _refusal(state: OrderState) -> str:
    sentences = {
        _S.AWAITING_APPROVAL: _("Belanja ini masih menunggu persetujuan manajer."),
        _S.REFUSED: _("Belanja ini tidak disetujui. Ubah keranjangnya, lalu ajukan lagi."),
        _S.PLACED: _("Pesanan ini belum dijawab penjual."),
        _S.QUOTED: _("Ongkos kirim pesanan ini belum disetujui pembeli."),
        _S.DECLINED: _("Pesanan ini sudah ditolak penjual. Pesan lagi, atau pilih penjual lain."),
        _S.EXPIRED: _("Batas waktu pesanan ini sudah lewat. Pesan lagi bila masih perlu."),
        _S.AWAITING_PAYMENT: _("Pesanan ini masih menunggu pembayaran."),
        _S.PAID: _("Pesanan ini sudah dibayar."),
        _S.CONFIRMED: _("Pesanan ini sudah diterima penjual."),
        _S.PACKED: _("Pesanan ini sudah dikemas. Hubungi penjual bila ada yang berubah."),
        _S.SHIPPED: _("Barang sudah dikirim. Yang kurang atau rusak dicatat saat menerima."),
        _S.RECEIVED: _("Barang pesanan ini sudah diterima. Tidak ada yang dicatat lagi."),
        _S.INVOICED: _("Pesanan ini sudah ditagih. Yang tidak beres diajukan sebagai klaim."),
        _S.SETTLED: _("Pesanan ini sudah lunas. Yang tidak beres diajukan sebagai klaim."),
        _S.CLOSED: _("Pesanan ini sudah selesai."),
        _S.CANCELLED: _("Pesanan ini sudah dibatalkan."),
    }
    return sentences[state]
