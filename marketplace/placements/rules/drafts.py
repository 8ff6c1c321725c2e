"""Which terms can be: what is wrong with a draft, by the name of its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ...i18n import _, format_day
from ...money import format_rupiah
from ..models import Basis, CommissionBasis
from ..offers import Draft, Good

MAX_PRODUCTS = 50
MAX_REPLY_DAYS = 90
MAX_TEXT = 10_000
MAX_PLACE = 200
MAX_DAYS = 366
MAX_RUPIAH = 1_000_000_000
MAX_FEES = 10


def draft_problems(draft: Draft, today: date) -> dict[str, str]:
    """Everything that is wrong with a proposal's terms by themselves."""
    return {
        **_day_problems(draft, today),
        **_commission_problems(draft),
        **_number_problems(draft),
        **goods_problems(draft),
        **_text_problems(draft),
    }


def _day_problems(draft: Draft, today: date) -> dict[str, str]:
    latest = today + timedelta(days=MAX_REPLY_DAYS)
    wrong = {}
    if draft.starts_on < today and draft.valid_from is None:
        wrong["starts_on"] = _("Hari pertama paling awal hari ini, %(day)s.", day=format_day(today))
    if draft.ends_on is not None and draft.ends_on < draft.starts_on:
        wrong["ends_on"] = _("Hari terakhir tidak boleh sebelum hari pertama.")
    if not today <= draft.reply_by <= latest:
        wrong["reply_by"] = _("Beri waktu menjawab dari hari ini sampai %(day)s.", day=format_day(latest))
    return wrong


def _commission_problems(draft: Draft) -> dict[str, str]:
    percent, rupiah = draft.commission_percent, draft.commission_rupiah
    wrong = {}
    if draft.basis is Basis.OUTRIGHT and draft.commission_basis is not CommissionBasis.NONE:
        wrong["commission_basis"] = _("Barang beli putus tidak memakai komisi. Pilih tanpa komisi.")
    if draft.commission_basis is CommissionBasis.PERCENT_OF_RETAIL:
        if (
            percent is None
            or not percent.is_finite()
            or not 0 <= percent <= 100
            or percent != round(percent, 2)
        ):
            wrong["commission_percent"] = _(
                "Komisi dari 0 sampai 100 persen, paling banyak dua angka di belakang koma."
            )
    elif percent is not None:
        wrong["commission_percent"] = _("Kosongkan persen: komisinya tidak dihitung dari persen.")
    if draft.commission_basis is CommissionBasis.FIXED_PER_UNIT:
        if rupiah is None or not 0 <= rupiah <= MAX_RUPIAH:
            wrong["commission_rupiah"] = _("Tulis komisi tiap satuan dalam rupiah, misalnya 2.000.")
    elif rupiah is not None:
        wrong["commission_rupiah"] = _("Kosongkan: komisinya tidak dihitung tiap satuan.")
    return wrong


def _number_problems(draft: Draft) -> dict[str, str]:
    days: Mapping[str, tuple[int | None, int]] = {
        "due_days": (draft.due_days, 0),
        "report_cycle_days": (draft.report_cycle_days, 1),
        "min_life_days": (draft.min_life_days, 0),
        "return_window_days": (draft.return_window_days, 0),
        "price_notice_days": (draft.price_notice_days, 0),
        "end_notice_days": (draft.end_notice_days, 0),
    }
    return {
        name: _("Tulis jumlah hari dari %(least)d sampai %(most)d.", least=least, most=MAX_DAYS)
        for name, (value, least) in days.items()
        if value is not None and not least <= value <= MAX_DAYS
    }


def _text_problems(draft: Draft) -> dict[str, str]:
    wrong = {}
    if len(draft.terms) > MAX_TEXT:
        wrong["terms"] = _("Syarat paling panjang 10.000 huruf.")
    if len(draft.display_place) > MAX_PLACE:
        wrong["display_place"] = _("Tempat pajang paling panjang 200 huruf.")
    if len(draft.fees) > MAX_FEES or any(not 0 < fee.rupiah <= MAX_RUPIAH for fee in draft.fees):
        wrong["fees"] = _("Tulis tiap biaya dalam rupiah penuh, misalnya 50.000.")
    return wrong


def goods_problems(draft: Draft) -> dict[str, str]:
    """What is wrong with the annex: at least one product, and the prices that the commission needs."""
    if not 1 <= len({good.product_id for good in draft.goods}) <= MAX_PRODUCTS:
        return {
            "product_ids": _("Pilih paling sedikit satu produk, paling banyak %(most)d.", most=MAX_PRODUCTS)
        }
    wrong = {}
    needs_net = draft.basis is Basis.OUTRIGHT or draft.commission_basis is CommissionBasis.NET_PRICE
    for good in draft.goods:
        wrong.update(_price_problems(good, needs_net=needs_net))
        if draft.commission_basis is CommissionBasis.FIXED_PER_UNIT and _is_above(
            draft.commission_rupiah, good.retail_price_rupiah
        ):
            wrong["commission_rupiah"] = _(
                "Komisi tiap satuan tidak boleh melebihi harga jualnya, %(price)s.",
                price=format_rupiah(good.retail_price_rupiah or 0),
            )
    return wrong


def _price_problems(good: Good, *, needs_net: bool) -> dict[str, str]:
    retail, net = good.retail_price_rupiah, good.net_price_rupiah
    wrong = {}
    if retail is not None and not 0 < retail <= MAX_RUPIAH:
        wrong[f"retail-{good.product_id}"] = _("Tulis harga jual dalam rupiah penuh, misalnya 18.000.")
    if needs_net and net is None:
        wrong[f"net-{good.product_id}"] = _("Tulis berapa yang diterima UMKM untuk tiap satuan.")
    elif net is not None and not 0 < net <= MAX_RUPIAH:
        wrong[f"net-{good.product_id}"] = _("Tulis harga dalam rupiah penuh, misalnya 15.000.")
    elif _is_above(net, retail):
        wrong[f"net-{good.product_id}"] = _("Yang diterima UMKM tidak boleh melebihi harga jual.")
    return wrong


def _is_above(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one > other


def change_problems(draft: Draft, *, today: date, not_before: date) -> dict[str, str]:
    """What is wrong with a change of a running agreement: it is never backdated.

    `not_before` is the day from which the version accepted last holds.
    """
    first = max(today, not_before)
    valid_from = draft.valid_from or first
    wrong = {}
    if valid_from < first:
        wrong["valid_from"] = _(
            "Perubahan berlaku paling awal %(day)s. Yang sudah terjual tetap memakai syarat lama.",
            day=format_day(first),
        )
    if draft.ends_on is not None and draft.ends_on < max(today, valid_from):
        wrong["ends_on"] = _("Hari terakhir tidak boleh sebelum perubahan ini mulai berlaku.")
    return wrong
