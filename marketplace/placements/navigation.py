"""Where agreements, goods and money stand in the navigation: the first five of a role are shown, the rest is
under "more". One place for each thing."""

from __future__ import annotations

from flask import Flask

from .. import web
from ..i18n import N_
from ..permissions import Actor, Permission

P = Permission


def init_app(app: Flask) -> None:
    """Register the places; other areas add Produk at 20, Toko kami at 10, Pembayaran at 59."""
    entry = web.NavEntry
    web.register_nav(
        app,
        entry(N_("Beranda"), "house-door", "seller_home.home", sells, 10),
        entry(N_("Cari UMKM"), "search", "proposals.sellers", buys, 20),
        entry(N_("Kiriman"), "truck", "deliveries.deliveries", moves_goods, 30, ("/deliveries",)),
        entry(N_("Laporan"), "clipboard-check", "sales.reports", reports, 35, ("/sales",)),
        entry(N_("Perjanjian"), "journal-text", "agreements.agreements", sells, 43, ("/agreements",)),
        entry(N_("Uang"), "bank", "settlements.settlements", is_paid, 42, ("/settlements",)),
        entry(N_("Tagihan"), "bank", "settlements.settlements", pays, 42, ("/settlements",)),
        entry(N_("Perjanjian"), "journal-text", "agreements.agreements", buys, 45, ("/agreements",)),
        entry(N_("Barang saya"), "box-seam", "goods.goods", sells, 50, ("/goods",)),
        entry(N_("Barang di rak"), "box-seam", "goods.goods", buys, 50, ("/goods",)),
        entry(N_("Hitung stok"), "list-check", "counts.counts", counts, 51, ("/counts",)),
        entry(
            N_("Retur"),
            "arrow-return-left",
            "returns.returns",
            moves_goods,
            52,
            ("/returns", "/destructions"),
        ),
        entry(N_("Selisih"), "sliders", "differences.differences", moves_goods, 54, ("/differences",)),
        entry(N_("Penjualan"), "receipt", "sales.reports", sells, 56, ("/sales",)),
        entry(N_("Penurunan harga"), "tags", "markdowns.markdowns", moves_goods, 58, ("/markdowns",)),
        entry(N_("Cari toko"), "shop", "proposals.outlets", sells, 60),
        entry(N_("Toko belum melapor"), "bell", "sales.silent", watches_goods, 62, ("/sales",)),
        entry(N_("Selisih"), "sliders", "differences.differences", watches_goods, 63, ("/differences",)),
        entry(
            N_("Penggantian"),
            "arrow-repeat",
            "replacements.requests",
            replaces,
            64,
            ("/office/replacements",),
        ),
        entry(N_("Laporan biaya"), "receipt", "fee_reports.reports", watches_goods, 65, ("/fee-reports",)),
        entry(N_("Bayaran toko"), "bank", "office_money.payers", watches_money, 66, ("/office/payers",)),
    )


def sells(actor: Actor) -> bool:
    """A seller's people."""
    return actor.seller_id is not None and actor.can(P.SELLER_HOME)


def buys(actor: Actor) -> bool:
    """A retailer's people."""
    return actor.operator_id is not None and actor.can(P.BUYER_HOME)


def moves_goods(actor: Actor) -> bool:
    """Whoever has a side in goods on their way."""
    return not actor.is_office and actor.can(P.STOCK_VIEW)


def reports(actor: Actor) -> bool:
    """Whoever tells what sold."""
    return actor.operator_id is not None and actor.can(P.SALES_REPORT)


def counts(actor: Actor) -> bool:
    """Whoever counts shelves."""
    return actor.operator_id is not None and actor.can(P.COUNT_RECORD)


def is_paid(actor: Actor) -> bool:
    """A seller's people who see money."""
    return actor.seller_id is not None and actor.can(P.SETTLEMENT_VIEW)


def pays(actor: Actor) -> bool:
    """A retailer's people who see money."""
    return actor.operator_id is not None and actor.can(P.SETTLEMENT_VIEW)


def watches_goods(actor: Actor) -> bool:
    """An office."""
    return actor.is_office and actor.can(P.STOCK_VIEW)


def watches_money(actor: Actor) -> bool:
    """An office that sees who pays late."""
    return actor.is_office and actor.can(P.SETTLEMENT_VIEW)


def replaces(actor: Actor) -> bool:
    """An office that decides who may be replaced."""
    return actor.is_office and actor.can(P.REPLACEMENT_DECIDE)
