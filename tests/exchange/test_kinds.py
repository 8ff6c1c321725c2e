"""What each kind of file makes of its rows: created, updated, unchanged, refused with a sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from marketplace.catalog.models import Category, PriceTier, Product
from marketplace.compliance.models import Regulation
from marketplace.db import db
from marketplace.organizations.models import Operator, Outlet, OutletFacts, Seller, SellerFacts
from marketplace.placements.models import Agreement
from tests import factories

NIK, NIK_2 = "3372014203850001", "3372010101900002"
SELLER = ["seller_ref", "name", "region_code"]
OUTLET = ["outlet_ref", "operator_ref", "operator_name", "name", "kind", "region_code", "opened_on"]
AGREEMENT = ["agreement_ref", "outlet_ref", "seller_ref", "basis", "starts_on", "ends_on", "terminated_on"]
LAWEYAN, JEBRES = factories.LAWEYAN, factories.JEBRES


def counts(created=0, updated=0, unchanged=0, refused=0):
    return {"created": created, "updated": updated, "unchanged": unchanged, "refused": refused}


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def facts(ref: str) -> SellerFacts:
    db.session.expire_all()
    return db.session.scalars(
        select(SellerFacts)
        .join(Seller, Seller.id == SellerFacts.seller_id)
        .where(Seller.seller_ref == ref, SellerFacts.superseded_at.is_(None))
    ).one()


# --- sellers ------------------------------------------------------------------------------------------------


def test_sellers_go_in_once_and_the_same_file_again_changes_nothing(bring_in):
    header = [
        *SELLER,
        "owner_nik",
        "nib",
        "npwp",
        "kbli_code",
        "capital_rupiah",
        "annual_sales_rupiah",
        "phone",
        "address",
        "coached_since",
        "verified_on",
        "affiliated_operator_ref",
    ]
    rows = [
        header,
        [
            "U1",
            "Keripik Bu Sri",
            LAWEYAN,
            NIK,
            "1234567890123",
            "",
            "10794",
            "Rp 15.000.000",
            "1.500",
            "0812-3456-7890",
            "Jl. Satu\nLaweyan",
            "01/02/2024",
            "2024-03-15",
            "OP-BELUM-ADA",
        ],
        ["U2", "=SUM(A1)", JEBRES, NIK, "", "", "", "", "", "", "", "", "", ""],
    ]
    assert bring_in("sellers", rows).counts == counts(created=2)
    assert bring_in("sellers", rows).counts == counts(unchanged=2)
    known = facts("U1")
    assert (known.owner_nik, known.capital_rupiah, known.annual_sales_rupiah) == (NIK, 15_000_000, 1500)
    assert (known.verified_on, known.affiliated_operator_ref) == (date(2024, 3, 15), "OP-BELUM-ADA")
    assert known.owner_key == facts("U2").owner_key
    seller = db.session.scalars(select(Seller).where(Seller.seller_ref == "U1")).one()
    assert (seller.phone, seller.address, seller.kbli_version) == (
        "+6281234567890",
        "Jl. Satu\nLaweyan",
        "2020",
    )


def test_an_absent_column_keeps_and_an_empty_cell_clears(bring_in):
    bring_in(
        "sellers", [[*SELLER, "verified_on", "nib"], ["U1", "Satu", LAWEYAN, "2024-01-01", "1234567890123"]]
    )
    assert bring_in("sellers", [SELLER, ["U1", "Satu", LAWEYAN]]).counts == counts(unchanged=1)
    assert facts("U1").verified_on == date(2024, 1, 1)
    assert bring_in("sellers", [[*SELLER, "verified_on"], ["U1", "Satu", LAWEYAN, ""]]).counts == counts(
        updated=1
    )
    assert facts("U1").verified_on is None
    assert db.session.scalars(select(Seller)).one().nib == "1234567890123"


def test_facts_that_a_file_gives_hold_for_all_days_and_what_was_known_is_kept(bring_in):
    bring_in("sellers", [[*SELLER, "capital_rupiah"], ["U1", "Satu", LAWEYAN, "1"]])
    bring_in("sellers", [[*SELLER, "capital_rupiah"], ["U1", "Satu", LAWEYAN, "2"]])
    rows = db.session.scalars(select(SellerFacts).order_by(SellerFacts.id)).all()
    assert [(row.capital_rupiah, row.superseded_at is None) for row in rows] == [(1, False), (2, True)]
    assert rows[1].valid_from == date(1, 1, 1)


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("owner_nik", "123", "16 angka"),
        ("owner_nik", "3372019913850001", "tanggal lahir"),
        ("nib", "12", "13 angka"),
        ("npwp", "999999999999999", "NPWP"),
        ("kbli_code", "abc", "KBLI"),
        ("capital_rupiah", "-1", "nol"),
        ("capital_rupiah", "9223372036854775808", "angka"),
        ("verified_on", "0000-00-00", "0000"),
        ("verified_on", "9999-12-31", "9999"),
        ("coached_until", "2024-01-01", "coached_since"),
        ("region_code", "33.72.99", "Wilayah"),
        ("region_code", "33.7", "Wilayah"),
        ("name", "", "Wajib"),
        ("name", "x" * 301, "panjang"),
        ("seller_ref", "x" * 65, "panjang"),
        ("name", "a\x00b", "kendali"),
    ],
)
def test_a_bad_row_is_refused_with_line_column_value_and_sentence(bring_in, tmp_path, column, value, word):
    row = {"seller_ref": "U2", "name": "Dua", "region_code": LAWEYAN, column: value}
    rows = [list(row), ["U1" if name == "seller_ref" else good(name) for name in row], list(row.values())]
    ran = bring_in("sellers", rows, "--errors", tmp_path / "errors.csv")
    assert (ran.status, ran.counts) == (1, counts(created=1, refused=1))
    assert "Baris 3" in ran.stderr
    assert column in ran.stderr
    assert word in ran.stderr
    refused = (tmp_path / "errors.csv").read_text().splitlines()
    assert refused[0].endswith(",error")
    assert word in "".join(refused[1:])


def good(name: str) -> str:
    return {"name": "Satu", "region_code": LAWEYAN, "verified_on": "2024-01-01", "owner_nik": NIK}.get(
        name, ""
    )


def test_odd_values_go_in_with_a_warning(bring_in):
    rows = [
        [*SELLER, "owner_nik", "kbli_code", "phone", "email"],
        ["U1", "Satu", LAWEYAN, "0172014203850001", "00001", "abc", "bukan"],
    ]
    ran = bring_in("sellers", rows)
    assert ran.counts == counts(created=1)
    for column in ("owner_nik", "kbli_code", "phone", "email"):
        assert f"kolom {column}, perlu dicek" in ran.stderr


def test_a_masked_number_changes_nothing(bring_in):
    rows = [[*SELLER, "owner_nik"], ["U1", "Satu", LAWEYAN, NIK]]
    bring_in("sellers", rows)
    rows[1][3] = "3372************"
    assert bring_in("sellers", rows).counts == counts(unchanged=1)
    assert facts("U1").owner_nik == NIK


def test_a_prefix_goes_before_every_reference(bring_in):
    bring_in(
        "sellers", [[*SELLER, "affiliated_operator_ref"], ["1", "Satu", LAWEYAN, "OP"]], "--prefix", "MDN-"
    )
    seller = db.session.scalars(select(Seller)).one()
    assert (seller.seller_ref, facts("MDN-1").affiliated_operator_ref) == ("MDN-1", "MDN-OP")
    ran = bring_in("sellers", [SELLER, ["x" * 64, "Panjang", LAWEYAN]], "--prefix", "MDN-")
    assert ran.counts == counts(refused=1)


@pytest.mark.parametrize("dry", [True, False])
def test_a_reference_twice_in_one_file_is_decided_in_file_order(bring_in, dry):
    rows = [
        SELLER,
        ["U1", "Satu", LAWEYAN],
        ["U1", "Satu", LAWEYAN],
        ["U1", "Uno", LAWEYAN],
        ["U1", "Uno", LAWEYAN],
    ]
    ran = bring_in("sellers", rows, *(["--dry-run"] if dry else []))
    assert ran.counts == counts(created=1, updated=1, unchanged=2)
    assert count(Seller) == (0 if dry else 1)


# --- outlets ------------------------------------------------------------------------------------------------


def test_outlets_go_in_with_their_operators(bring_in):
    header = [*OUTLET, "floor_area_m2", "stars", "latitude", "longitude"]
    rows = [
        header,
        [
            "T1",
            "OP",
            "PT Satu",
            "Toko 1",
            "Mini Market",
            JEBRES,
            "2019-01-01",
            "220,5",
            "",
            "-7,561022",
            "110.822317",
        ],
        ["T2", "OP", "PT Satu", "Hotel 2", "hotel", LAWEYAN, "01/01/2010", "", "Bintang 4", "", ""],
    ]
    assert bring_in("outlets", rows).counts == counts(created=2)
    assert bring_in("outlets", rows).counts == counts(unchanged=2)
    one = db.session.scalars(select(Outlet).where(Outlet.outlet_ref == "T1")).one()
    assert (one.floor_area_m2, one.latitude, one.longitude) == (
        Decimal("220.5"),
        Decimal("-7.561022"),
        Decimal("110.822317"),
    )
    assert db.session.scalars(select(Outlet.stars).where(Outlet.outlet_ref == "T2")).one() == 4
    assert count(Operator) == 1
    rows[1][3] = "Toko Satu"
    rows[2][4] = "souvenir_centre"
    assert bring_in("outlets", rows).counts == counts(updated=2)
    kinds = db.session.scalars(select(OutletFacts.kind).where(OutletFacts.superseded_at.is_(None)))
    assert set(kinds) == {"minimarket", "souvenir_centre"}


def test_the_first_row_that_names_an_operator_decides_and_the_file_settles(bring_in):
    rows = [
        OUTLET,
        ["T1", "OP", "PT Satu", "A", "hotel", JEBRES, "2019-01-01"],
        ["T2", "OP", "PT Dua", "B", "hotel", JEBRES, "2019-01-01"],
    ]
    ran = bring_in("outlets", rows)
    assert ran.counts == counts(created=2)
    assert "PT Satu" in ran.stderr
    assert bring_in("outlets", rows).counts == counts(unchanged=2)
    rows[1][2] = rows[2][2] = "PT Baru"
    assert bring_in("outlets", rows).counts == counts(updated=1, unchanged=1)
    assert db.session.scalars(select(Operator.name)).one() == "PT Baru"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"kind": "warung"}, "minimarket"),
        ({"latitude": "-7,5", "longitude": ""}, "bujur"),
        ({"latitude": "110.8", "longitude": "-7.5"}, "antara"),
        ({"closed_on": "2018-01-01"}, "tutup"),
        ({"stars": "6"}, "antara"),
        ({"opened_on": ""}, "Wajib"),
        ({"floor_area_m2": "luas"}, "Bukan bilangan"),
    ],
)
def test_an_outlet_that_cannot_be_is_refused(bring_in, values, word):
    row = dict(zip(OUTLET, ["T1", "OP", "PT", "Toko", "hotel", JEBRES, "2019-01-01"], strict=True)) | values
    ran = bring_in("outlets", [list(row), list(row.values())])
    assert ran.counts == counts(refused=1)
    assert word in ran.stderr


# --- products -----------------------------------------------------------------------------------------------


def test_products_go_in_with_new_categories_and_are_live(bring_in):
    factories.seller("U1")
    header = [
        "sku",
        "seller_ref",
        "name",
        "category",
        "price_rupiah",
        "gtin",
        "min_order",
        "pirt_number",
        "description",
    ]
    rows = [
        header,
        ["S1", "U1", "Keripik", "Makanan / Camilan", "Rp 15.000", "8991002101234", "", "abc", "=1+1"],
        ["S2", "U1", "Sirup", "Minuman", "0", "", "10", "", ""],
    ]
    ran = bring_in("products", rows)
    assert ran.counts == counts(created=2)
    assert "pirt_number, perlu dicek" in ran.stderr
    assert bring_in("products", rows).counts == counts(unchanged=2)
    assert set(db.session.scalars(select(Category.path))) == {"Makanan", "Makanan / Camilan", "Minuman"}
    product = db.session.scalars(select(Product).where(Product.sku == "S1")).one()
    assert (product.is_live, product.price_rupiah, product.min_order, product.description) == (
        True,
        15_000,
        1,
        "=1+1",
    )
    rows[1][4] = "16.000"
    assert bring_in("products", rows).counts == counts(updated=1, unchanged=1)


def test_the_same_code_of_two_sellers_is_two_products(bring_in):
    factories.seller("U1"), factories.seller("U2")
    header = ["sku", "seller_ref", "name", "category", "price_rupiah"]
    rows = [header, ["S", "U1", "A", "X", "1"], ["S", "U2", "B", "X", "1"], ["S", "U3", "C", "X", "1"]]
    assert bring_in("products", rows).counts == counts(created=2, refused=1)


FULL = {
    "sku": "S1", "seller_ref": "U1", "name": "Keripik", "category": "Makanan / Camilan",
    "price_rupiah": "15000", "min_order": "10", "price_tiers": "24=14500; 100=14000",
    "capacity_per_week": "150", "lead_time_days": "3", "offers_consignment": "tidak", "storage": "kulkas",
    "ingredients": "tempe, garam", "allergens": "soy", "material": "bambu", "length_mm": "120",
    "width_mm": "80", "height_mm": "40", "is_made_to_order": "ya", "origin": LAWEYAN, "season_from": "Maret",
    "season_to": "5",
}  # fmt: skip


def full(**changes):
    """A file of one product with every column that a store asks about."""
    row = FULL | changes
    return [list(row), list(row.values())]


def only_product() -> Product:
    db.session.expire_all()
    return db.session.scalars(select(Product)).one()


def test_products_bring_what_stores_ask_for_and_take_it_home_again(bring_in, command, tmp_path):
    factories.seller("U1")
    assert bring_in("products", full(), "--dry-run").counts == counts(created=1)
    assert bring_in("products", full()).counts == counts(created=1)
    row = only_product()
    assert (row.storage, row.allergens, row.origin_code, row.season_from) == ("chilled", ["soy"], LAWEYAN, 3)
    assert (row.offers_consignment, row.is_made_to_order, row.capacity_per_week) == (False, True, 150)
    tiers = db.session.execute(select(PriceTier.min_quantity, PriceTier.price_rupiah)).all()
    assert tiers == [(24, 14_500), (100, 14_000)]
    for file_format in ("csv", "xlsx"):
        path = tmp_path / f"out.{file_format}"
        command("export", "products", "--format", file_format, "--output", path)
        ran = command("import", "products", path, "--format", "json")
        assert ran.counts == counts(unchanged=1), ran.stderr


def test_an_absent_column_of_a_product_keeps_and_an_empty_cell_clears(bring_in):
    factories.seller("U1")
    bring_in("products", full())
    few = [["sku", "seller_ref", "name", "category", "price_rupiah"]]
    few += [["S1", "U1", "Keripik baru", "Makanan / Camilan", "16000"]]
    assert bring_in("products", few).counts == counts(updated=1)
    row = only_product()
    assert (row.name, row.storage, count(PriceTier)) == ("Keripik baru", "chilled", 2)
    emptied = full(storage="", price_tiers="", offers_consignment="", allergens="")
    assert bring_in("products", emptied).counts == counts(updated=1)
    row = only_product()
    assert (row.storage, row.offers_consignment, row.allergens, count(PriceTier)) == (None, True, [], 0)


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("price_tiers", "24=15500", "Makin banyak harus makin murah"),
        ("price_tiers", "5=14000", "sesuai pesanan terkecil"),
        ("price_tiers", "murah", "Tulis jumlah=harga"),
        ("storage", "lemari", "Pilihan tidak dikenal"),
        ("allergens", "soy; none", "bukan keduanya"),
        ("season_to", "", "Pilih juga bulan terakhirnya"),
        ("season_from", "13", "Bukan bulan"),
        ("origin", "99.99.99.9999", "Tempat ini tidak ditemukan"),
        ("lead_time_days", "-1", "antara 0 dan 365"),
        ("is_made_to_order", "mungkin", "Pilihan tidak dikenal"),
    ],
)
def test_a_product_with_a_wrong_cell_is_refused_with_its_column(bring_in, column, value, word):
    factories.seller("U1")
    ran = bring_in("products", full(**{column: value}))
    assert ran.counts == counts(refused=1)
    assert column in ran.stderr
    assert word in ran.stderr
    assert bring_in("products", full(**{column: value}), "--dry-run").counts == counts(refused=1)


FAMILY = ["sku", "seller_ref", "name", "category", "price_rupiah", "main_sku", "variant_axis", "variant_name"]


def test_variants_of_a_file_join_their_main_product_wherever_they_stand_in_it(bring_in, command, tmp_path):
    factories.seller("U1"), factories.seller("U2")
    rows = [
        FAMILY,
        ["S1-500", "U1", "Keripik, 500 g", "Camilan", "28000", "S1", "Ukuran", "500 g"],
        ["S1", "U1", "Keripik", "Camilan", "15000", "", "Ukuran", "250 g"],
        ["S2", "U2", "Sirup", "Minuman", "9000", "S1", "Ukuran", "1 l"],
        ["S3", "U1", "Sirup", "Minuman", "9000", "S1-500", "Ukuran", "1 l"],
        ["S4", "U1", "Sirup", "Minuman", "9000", "S1", "Ukuran", ""],
        ["S5", "U1", "Sirup", "Minuman", "9000", "S5", "Ukuran", "1 l"],
    ]
    dry = bring_in("products", rows, "--dry-run")
    ran = bring_in("products", rows)
    assert ran.counts == dry.counts == counts(created=2, refused=4)
    assert "rak penjual ini" in ran.stderr
    assert "Varian tidak punya varian lagi" in ran.stderr
    assert "Tulis nama variannya" in ran.stderr
    main, variant = db.session.scalars(select(Product).order_by(Product.sku)).all()
    assert (variant.main_id, variant.variant_name, variant.state) == (main.id, "500 g", "live")
    command("export", "products", "--output", tmp_path / "out.csv")
    again = command("import", "products", tmp_path / "out.csv", "--format", "json")
    assert again.counts == counts(unchanged=2)
    moved = [FAMILY, ["S1-500", "U1", "Keripik, 500 g", "Camilan", "28000", "", "Ukuran", "500 g"]]
    ran = bring_in("products", moved)
    assert (ran.counts, "varian tidak bisa dipindah" in ran.stderr) == (counts(refused=1), True)


def test_a_new_variant_of_a_paused_product_is_paused_with_it(bring_in):
    maker = factories.seller("U1")
    factories.product(maker, sku="S1", state="paused")
    rows = [FAMILY, ["S1-B", "U1", "Keripik besar", "Camilan", "28000", "S1", "Ukuran", "Besar"]]
    assert bring_in("products", rows).counts == counts(created=1)
    variant = db.session.scalars(select(Product).where(Product.sku == "S1-B")).one()
    assert (variant.state, variant.first_live_at) == ("paused", None)


# --- agreements ---------------------------------------------------------------------------------------------


@pytest.fixture
def parties(app):
    return factories.outlet("T1"), factories.outlet("T2"), factories.seller("U1"), factories.seller("U2")


def test_agreements_go_in_accepted_by_both(bring_in, parties):
    header = [*AGREEMENT, "commission_percent", "settlement_days"]
    rows = [
        header,
        ["A1", "T1", "U1", "Titip Jual", "2026-01-01", "2026-12-31", "", "12,5", "30"],
        ["A2", "T1", "U1", "outright", "2026-01-01", "", "", "", ""],
    ]
    assert bring_in("agreements", rows).counts == counts(created=2)
    assert bring_in("agreements", rows).counts == counts(unchanged=2)
    one = db.session.scalars(select(Agreement).where(Agreement.agreement_ref == "A1")).one()
    assert (one.state, one.commission_percent, one.settlement_days) == ("accepted", Decimal("12.50"), 30)
    rows[1][6] = "2026-06-01"
    assert bring_in("agreements", rows).counts == counts(updated=1, unchanged=1)


@pytest.mark.parametrize("dry", [True, False])
def test_overlapping_agreements_are_refused_in_file_order(bring_in, parties, dry):
    rows = [
        AGREEMENT,
        ["A1", "T1", "U1", "consignment", "2026-01-01", "2026-03-31", ""],
        ["A2", "T1", "U1", "consignment", "2026-03-31", "", ""],
        ["A3", "T1", "U1", "consignment", "2026-04-01", "", "2026-05-01"],
        ["A4", "T1", "U1", "consignment", "2026-05-01", "", ""],
        ["A5", "T1", "U1", "consignment", "2027-01-01", "", ""],
        ["A6", "T1", "U1", "outright", "2026-01-01", "", ""],
        ["A7", "T2", "U1", "consignment", "2026-01-01", "", ""],
        ["A8", "T9", "U1", "consignment", "2026-01-01", "", ""],
        ["A9", "T1", "U9", "consignment", "2026-01-01", "", ""],
        ["A10", "T1", "U2", "consignment", "2026-02-01", "2026-01-31", ""],
    ]
    ran = bring_in("agreements", rows, *(["--dry-run"] if dry else []))
    assert ran.counts == counts(created=5, refused=5)
    assert "A1" in ran.stderr
    assert count(Agreement) == (0 if dry else 5)


def test_outlet_seller_and_basis_of_an_agreement_do_not_change(bring_in, parties):
    rows = [AGREEMENT, ["A1", "T1", "U1", "consignment", "2026-01-01", "", ""]]
    bring_in("agreements", rows)
    for column, value in ((1, "T2"), (2, "U2"), (3, "outright")):
        changed = [AGREEMENT, [*rows[1]]]
        changed[1][column] = value
        assert bring_in("agreements", changed).counts == counts(refused=1)


def test_moving_an_agreement_makes_room_for_the_next_row(bring_in, parties):
    bring_in("agreements", [AGREEMENT, ["A1", "T1", "U1", "consignment", "2026-01-01", "", ""]])
    rows = [
        AGREEMENT,
        ["A1", "T1", "U1", "consignment", "2026-01-01", "2026-06-30", ""],
        ["A2", "T1", "U1", "consignment", "2026-07-01", "", ""],
    ]
    assert bring_in("agreements", rows, "--dry-run").counts == counts(created=1, updated=1)
    assert bring_in("agreements", rows).counts == counts(created=1, updated=1)


# --- regulations --------------------------------------------------------------------------------------------

REGULATION = ["regulation_ref", "region_code", "outlet_kinds", "min_sellers", "valid_from", "valid_to"]


def test_regulations_go_in_with_their_defaults(bring_in):
    rows = [REGULATION, ["R1", "33.72", "minimarket; Hotel", "5", "2011-10-26", ""]]
    assert bring_in("regulations", rows).counts == counts(created=1)
    assert bring_in("regulations", rows).counts == counts(unchanged=1)
    row = db.session.scalars(select(Regulation)).one()
    assert (row.binding, row.counted_bases, row.display_window_days) == ("mandatory", ["consignment"], 30)
    assert (row.outright_window_days, row.grace_days, row.outlet_kinds) == (90, 0, ["minimarket", "hotel"])


def test_of_a_regulation_in_force_only_a_future_end_may_change(bring_in):
    rows = [REGULATION, ["R1", "33.72", "hotel", "5", "2011-10-26", ""]]
    bring_in("regulations", rows)
    for column, value, expected in (
        (3, "6", counts(refused=1)),
        (5, "2026-11-22", counts(refused=1)),
        (5, "2026-11-23", counts(updated=1)),
        (5, "", counts(updated=1)),
    ):
        changed = [REGULATION, [*rows[1]]]
        changed[1][column] = value
        assert bring_in("regulations", changed, "--dry-run").counts == expected
        assert bring_in("regulations", changed).counts == expected


@pytest.mark.parametrize("dry", [True, False])
def test_two_regulations_of_one_place_and_kind_do_not_share_a_day(bring_in, dry):
    rows = [
        REGULATION,
        ["R1", "33.72", "hotel;minimarket", "5", "2020-01-01", "2027-01-01"],
        ["R2", "33.72", "hotel", "6", "2026-12-31", ""],
        ["R3", "33.72", "hotel", "6", "2027-01-01", ""],
        ["R4", "33.72", "wholesale", "6", "2020-01-01", ""],
        ["R5", "33.72.01", "hotel", "6", "2020-01-01", ""],
        ["R6", "33.7", "hotel", "6", "2020-01-01", ""],
    ]
    assert bring_in("regulations", rows, *(["--dry-run"] if dry else [])).counts == counts(
        created=4, refused=2
    )


def test_a_planned_regulation_may_be_rewritten(bring_in):
    rows = [REGULATION, ["R1", "33.72", "hotel", "5", "2027-01-01", ""]]
    bring_in("regulations", rows)
    rows[1][3], rows[1][4] = "7", "2027-02-01"
    assert bring_in("regulations", rows).counts == counts(updated=1)
    assert db.session.scalars(select(Regulation.min_sellers)).one() == 7


def test_regions_need_the_place_around_them(bring_in):
    rows = [
        ["Kode", "NAMA"],
        ["99.01", "Kota"],
        ["99", "Provinsi"],
        ["98.01", "Tanpa induk"],
        ["33.72", "Kota Surakarta"],
    ]
    ran = bring_in("regions", rows, "--dry-run")
    assert ran.counts == counts(created=2, unchanged=1, refused=1)
