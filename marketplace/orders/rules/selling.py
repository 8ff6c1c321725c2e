"""What a seller may say of how it sells."""

from __future__ import annotations

from ...i18n import _
from .buying import MAX_ORDER_RUPIAH
from .terms import Terms

MAX_DUE_DAYS = 366
MAX_ANSWER_DAYS = 14


def check_terms(terms: Terms) -> dict[str, str]:
    """A sentence for each field that cannot be."""
    wrong = {
        name: _("Tulis jumlah dari 0 sampai 1.000.000.000.000.000.")
        for name in ("shipping_rupiah", "free_from_rupiah")
        if not 0 <= (getattr(terms, name) or 0) <= MAX_ORDER_RUPIAH
    }
    if not 0 <= terms.advance_percent <= 100:
        wrong["advance_percent"] = _("Tulis persen dari 0 sampai 100.")
    if not 0 <= terms.due_days <= MAX_DUE_DAYS:
        wrong["due_days"] = _("Tulis hari dari 0 sampai %(most)d.", most=MAX_DUE_DAYS)
    if not 1 <= terms.answer_days <= MAX_ANSWER_DAYS:
        wrong["answer_days"] = _("Tulis hari dari 1 sampai %(most)d.", most=MAX_ANSWER_DAYS)
    if not (terms.takes_before or terms.takes_on_delivery or terms.due_days):
        wrong["takes_before"] = _("Pilih paling sedikit satu cara bayar.")
    if not terms.delivers and not terms.offers_pickup:
        wrong["offers_pickup"] = _("Antarkan, atau izinkan pembeli mengambil sendiri.")
    elif not terms.offers_pickup and terms.shipping_rupiah is None and not terms.quotes_shipping:
        wrong["shipping_rupiah"] = _("Tulis ongkos kirim, atau tawarkan ongkosnya untuk tiap pesanan.")
    if terms.free_from_rupiah is not None and terms.shipping_rupiah is None:
        wrong["free_from_rupiah"] = _("Tulis juga ongkos kirimnya.")
    return wrong
