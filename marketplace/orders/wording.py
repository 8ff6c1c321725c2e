"""What states, verbs and ways of orders are called on screens."""

from __future__ import annotations

from ..i18n import N_
from .models import OrderState, PaymentPlan, ShippingKind
from .rules.states import ORDER_ACTS, OrderVerb

DUE_WORDS = {
    OrderState.AWAITING_APPROVAL: N_("Disetujui paling lambat"),
    OrderState.PLACED: N_("Dijawab penjual paling lambat"),
    OrderState.QUOTED: N_("Disetujui pembeli paling lambat"),
    OrderState.AWAITING_PAYMENT: N_("Dibayar paling lambat"),
    OrderState.CONFIRMED: N_("Dikirim paling lambat"),
    OrderState.PAID: N_("Dikirim paling lambat"),
    OrderState.PACKED: N_("Dikirim paling lambat"),
    OrderState.SHIPPED: N_("Tanpa kabar dianggap diterima sesudah"),
    OrderState.SETTLED: N_("Selesai sendiri sesudah"),
}
"""What the deadline of a state is for; other states press nobody."""
STEP_WORDS = {
    "place": N_("Dipesan"),
    OrderVerb.APPROVE: N_("Belanja disetujui"),
    OrderVerb.REFUSE: N_("Belanja tidak disetujui"),
    OrderVerb.CONFIRM: N_("Diterima penjual"),
    OrderVerb.QUOTE_SHIPPING: N_("Ongkos kirim ditawarkan"),
    OrderVerb.AGREE: N_("Ongkos kirim disetujui"),
    OrderVerb.DECLINE: N_("Ditolak penjual"),
    OrderVerb.EXPIRE: N_("Lewat batas waktu"),
    OrderVerb.PAY: N_("Pembayaran masuk"),
    OrderVerb.UNPAY: N_("Pembayaran ternyata tidak masuk"),
    OrderVerb.PACK: N_("Dikemas"),
    OrderVerb.SHIP: N_("Dikirim"),
    OrderVerb.RECEIVE: N_("Diterima pembeli"),
    OrderVerb.DEEM_RECEIVED: N_("Dianggap diterima"),
    OrderVerb.INVOICE: N_("Ditagih"),
    OrderVerb.SETTLE: N_("Lunas"),
    OrderVerb.REOPEN: N_("Ternyata belum lunas"),
    OrderVerb.CLOSE: N_("Selesai"),
    OrderVerb.CANCEL: N_("Dibatalkan pembeli"),
    OrderVerb.CALL_OFF: N_("Dibatalkan penjual"),
}
VERB_LABELS = {act.verb: act.label for act in ORDER_ACTS}
PLAN_WORDS = {
    PaymentPlan.BEFORE: N_("Lunas sebelum dikemas"),
    PaymentPlan.ADVANCE: N_("Uang muka dulu, sisanya sesudah diterima"),
    PaymentPlan.ON_DELIVERY: N_("Dibayar saat diterima"),
    PaymentPlan.LATER: N_("Dibayar belakangan"),
}
SHIPPING_WORDS = {
    ShippingKind.SELLER_RATE: N_("Diantar penjual"),
    ShippingKind.PICKUP: N_("Diambil pembeli"),
    ShippingKind.QUOTED: N_("Ongkos kirim ditawarkan penjual"),
}
