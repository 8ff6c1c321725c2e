"""A seller's own files: what goes out comes in, photos find their products, and a whole import goes back."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace import outbox
from marketplace.catalog import services
from marketplace.catalog.imports import own
from marketplace.catalog.models import Product, ProductImport, ProductImportRow, ProductPhoto, ProductState
from marketplace.catalog.queries import photos_of
from marketplace.catalog.queries.bulk import file_states, imported_rows
from marketplace.catalog.rules import bulk as rules
from marketplace.catalog.services import bulk_photos, bulk_undo
from marketplace.catalog.values import ProductValues, TierValues, VariantValues
from marketplace.db import db
from marketplace.errors import Conflict, InvalidInput, NotFound
from marketplace.importing import ImportRun, files
from marketplace.importing import services as imports
from marketplace.permissions import Actor, Role
from marketplace.tabular import open_table, write_csv, write_xlsx
from tests import factories
from tests.catalog.test_photos import picture

HEADER = ["sku", "name", "category", "price_rupiah", "unit"]
KERIPIK = ["KT-1", "Keripik tempe", "Makanan / Camilan", "15000", "bungkus"]
SAMBAL = ["SB-1", "Sambal bawang", "Makanan / Sambal", "22000", "botol"]


@pytest.fixture
def seller(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)


def table(header: Sequence[str], *rows: Sequence[Any]) -> io.BytesIO:
    text = io.StringIO()
    write_csv(text, header, rows)
    return io.BytesIO(text.getvalue().encode())


def archive(entries: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as found:
        for name, content in entries.items():
            found.writestr(name, content)
    target.seek(0)
    return target


def sent(seller: Actor, content: io.BytesIO, photos: io.BytesIO | None = None) -> ImportRun:
    aside = bulk_photos.keep_zip(photos) if photos else None
    run = imports.take_upload(
        kind="own_products", file_name="produk.csv", content=content, prefix="", actor=seller
    )
    if aside:
        bulk_photos.give_zip(aside, run)
    imports.choose_columns(run_id=run.id, mapping={}, constants={}, prefix="", actor=seller)
    outbox.drain()
    return fresh(run)


def put_in(seller: Actor, content: io.BytesIO, photos: io.BytesIO | None = None) -> ImportRun:
    run = sent(seller, content, photos)
    assert run.status == "checked", run.failure
    trial = (run.created, run.updated, run.unchanged, run.refused)
    imports.confirm(run_id=run.id, actor=seller)
    outbox.drain()
    run = fresh(run)
    assert run.status == "done", run.failure
    assert (run.created, run.updated, run.unchanged, run.refused) == trial  # a trial tells the truth
    return run


def fresh(run: ImportRun) -> ImportRun:
    return db.session.get_one(ImportRun, run.id, populate_existing=True)


def undone(seller: Actor, run: ImportRun) -> ProductImport:
    bulk_undo.undo_import(actor=seller, run_id=run.id)
    outbox.drain()
    return db.session.get_one(ProductImport, run.id, populate_existing=True)


def products(seller: Actor) -> dict[str, Product]:
    rows = db.session.scalars(
        select(Product).filter_by(seller_id=seller.seller_id).execution_options(populate_existing=True)
    )
    return {row.sku: row for row in rows}


def exported(seller: Actor) -> list[list[Any]]:
    return [list(row) for row in own.rows_of(seller)]


# --- in and out ---------------------------------------------------------------------------------------------


def test_new_products_of_a_seller_are_drafts_and_the_same_file_changes_nothing(seller: Actor) -> None:
    run = put_in(seller, table(HEADER, KERIPIK, SAMBAL))
    assert (run.created, run.refused) == (2, 0)
    found = products(seller)
    assert {row.state for row in found.values()} == {ProductState.DRAFT}
    assert found["SB-1"].price_rupiah == 22_000
    again = put_in(seller, table(HEADER, KERIPIK, SAMBAL))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_a_column_that_is_absent_keeps_and_an_empty_cell_clears(seller: Actor) -> None:
    put_in(seller, table(HEADER, KERIPIK))
    put_in(seller, table(["sku", "retail_price_rupiah", "price_rupiah"], ["KT-1", "19000", "15500"]))
    row = products(seller)["KT-1"]
    assert (row.name, row.price_rupiah, row.retail_price_rupiah) == ("Keripik tempe", 15_500, 19_000)
    put_in(seller, table(["kode", "harga eceran"], ["KT-1", ""]))
    assert products(seller)["KT-1"].retail_price_rupiah is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is refused does not depend on it
@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        (["sku", "price_rupiah"], ["NEW-1", "12000"], "name"),
        (HEADER, ["A", "Nama", "Camilan", "murah", "buah"], "price_rupiah"),
        ([*HEADER, "gtin"], [*KERIPIK, "8991002101235"], "gtin"),
        ([*HEADER, "price_tiers"], [*KERIPIK, "12=16000"], "price_tiers"),
        ([*HEADER, "price_tiers"], [*KERIPIK, "dua belas"], "price_tiers"),
        ([*HEADER, "allergens"], [*KERIPIK, "debu"], "allergens"),
        ([*HEADER, "allergens"], [*KERIPIK, "none; soy"], "allergens"),
        ([*HEADER, "season_from"], [*KERIPIK, "13"], "season_from"),
        ([*HEADER, "season_from"], [*KERIPIK, "Mei"], "season_to"),
        ([*HEADER, "storage"], [*KERIPIK, "lemari"], "storage"),
        ([*HEADER, "origin"], [*KERIPIK, "Negeri Dongeng"], "origin"),
        ([*HEADER, "offers_consignment"], [*KERIPIK, "mungkin"], "offers_consignment"),
        ([*HEADER, "main_sku"], [*KERIPIK, "TAK-ADA"], "main_sku"),
    ],
)
def test_a_wrong_row_is_refused_with_its_column_and_the_others_go_in(
    header: list[str], row: list[str], column: str, seller: Actor
) -> None:
    good = [*SAMBAL, ""][: len(header)] if header[0] == "sku" and len(header) >= 5 else ["SB-1", "1"]
    if len(header) < 5:
        put_in(seller, table(HEADER, SAMBAL))
    run = put_in(seller, table(header, row, good))
    assert run.refused == 1
    from marketplace.importing.stage import Stage  # noqa: PLC0415 - only here

    with Stage(files.stage_of(run)) as stage:
        problems = [problem for refused in stage.refused(5) for problem in refused.problems]
    assert [problem.column for problem in problems] == [column]
    assert len(problems[0].sentence) > 15
    assert "SB-1" in products(seller)


def full(seller: Actor) -> Product:
    """A product with everything in it, and two variants."""
    product = services.create_product(
        actor=seller,
        seller_id=seller.seller_id or 0,
        values=ProductValues(
            name="Keripik =tempe", category="Makanan / Camilan", price_rupiah=15_000, sku="KT-1",
            retail_price_rupiah=19_000, unit="bungkus", min_order=10, order_multiple=5, lead_time_days=3,
            capacity_per_week=150, offers_consignment=False, gtin="8991002101234", net_weight_g=250,
            shelf_life_days=90, storage="cool", origin_code="33.72.04.1010", ingredients="tempe\ngaram",
            allergens=("soy", "peanut"), material="plastik", length_mm=200, width_mm=100, height_mm=50,
            is_made_to_order=True, season_from=11, season_to=2, description="Gurih.\nRenyah.",
            pirt_number="2063372010123-29", halal_number="ID33110002356912", bpom_number=None,
            tiers=(TierValues(12, 14_000), TierValues(48, 13_500)),
        ),
    )  # fmt: skip
    services.save_variants(
        actor=seller,
        product_id=product.id,
        axis="Rasa",
        rows=[VariantValues("Pedas", 16_000, sku="KT-1P"), VariantValues("Manis", 15_500, sku="KT-1M")],
    )
    return product


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_is_exported_is_imported_unchanged(file_format: str, seller: Actor, tmp_path: Path) -> None:
    full(seller)
    path = tmp_path / f"produk.{file_format}"
    if file_format == "csv":
        with path.open("w", newline="") as stream:
            write_csv(stream, own.KIND.column_names, exported(seller))
    else:
        write_xlsx(path, own.KIND.column_names, exported(seller))
    run = put_in(seller, io.BytesIO(path.read_bytes()))
    assert (run.created, run.updated, run.unchanged, run.refused) == (0, 0, 3, 0)
    other = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    run = put_in(other, io.BytesIO(path.read_bytes()))
    assert (run.created, run.refused) == (3, 0)
    assert exported(other) == exported(seller)


def test_variants_are_made_and_changed_by_rows_of_their_own(seller: Actor) -> None:
    header = [*HEADER, "main_sku", "variant_axis", "variant_name"]
    variant = ["KT-1P", "", "", "16000", "", "KT-1", "Rasa", "Pedas"]
    run = put_in(seller, table(header, variant, [*KERIPIK, "", "", ""]))
    assert (run.created, run.refused) == (2, 0)
    found = products(seller)
    assert found["KT-1P"].main_id == found["KT-1"].id
    assert found["KT-1P"].name == "Keripik tempe, Pedas"
    run = put_in(seller, table(["sku", "price_rupiah"], ["KT-1P", "17000"]))
    assert run.updated == 1
    assert products(seller)["KT-1P"].price_rupiah == 17_000


def test_changes_of_what_is_on_sale_wait_for_the_office_as_on_the_screen(seller: Actor) -> None:
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    live = factories.product(shop, "KT-1", name="Keripik tempe", price_rupiah=15_000, unit="bungkus")
    row = ["KT-1", "Keripik tempe baru", "Camilan", "15000", "botol"]
    run = put_in(seller, table(HEADER, row))
    assert run.updated == 1
    found = products(seller)["KT-1"]
    assert (found.name, found.unit, found.state) == ("Keripik tempe", "botol", ProductState.LIVE)
    assert file_states(db.session(), seller.seller_id or 0)["KT-1"].columns["name"] == "Keripik tempe baru"
    assert put_in(seller, table(HEADER, row)).unchanged == 1  # what waits is not asked again
    assert undone(seller, run).undo_state == "done"
    assert products(seller)["KT-1"].unit == "bungkus"
    assert file_states(db.session(), seller.seller_id or 0)["KT-1"].columns["name"] == "Keripik tempe"
    assert live.id


def test_a_seller_sees_and_touches_only_his_own(seller: Actor) -> None:
    run = put_in(seller, table(HEADER, KERIPIK))
    other = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    put_in(other, table(HEADER, [*KERIPIK[:3], "1000", "kg"]))
    assert products(seller)["KT-1"].price_rupiah == 15_000
    for act in (
        lambda: imports.confirm(run_id=run.id, actor=other),
        lambda: bulk_undo.undo_import(actor=other, run_id=run.id),
        lambda: imports.confirm(run_id=run.id, actor=factories.officer()),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("family", [family.code for family in rules.FAMILIES])
def test_each_form_has_an_example_that_can_be_imported(family: str, seller: Actor, tmp_path: Path) -> None:
    from marketplace.exchange.forms_of_kinds import write_form_xlsx  # noqa: PLC0415 - only here

    path = tmp_path / "form.xlsx"
    write_form_xlsx(own.FORMS[family], path)
    run = put_in(seller, io.BytesIO(path.read_bytes()))
    assert (run.created, run.refused) == (1, 0)
    product = next(iter(products(seller).values()))
    assert product.capacity_per_week
    with open_table(path, 10_000_000) as found:
        assert set(found.header) < set(own.KIND.column_names)


# --- photos in a ZIP ----------------------------------------------------------------------------------------


def sheet_of(run: ImportRun) -> ProductImport:
    return db.session.get_one(ProductImport, run.id, populate_existing=True)


def test_photos_of_a_zip_find_their_products_in_order_and_are_stored_once(seller: Actor) -> None:
    def photos() -> io.BytesIO:
        return archive(
            {
                "KT-1.jpg": picture(seed=1),
                "kt-1-2.jpg": picture(seed=2),
                "foto/SB-1 (1).jpg": picture(seed=3),
                "SB-1/depan.jpg": picture(seed=4),
                "lain.jpg": picture(seed=5),
                "__MACOSX/KT-1.jpg": b"resource fork",
            }
        )

    run = put_in(seller, table(HEADER, KERIPIK, SAMBAL), photos())
    sheet = sheet_of(run)
    assert (sheet.photos_state, sheet.photos_added, sheet.photos_known) == ("done", 4, 0)
    assert [name for name, _why in sheet.photos_problems] == ["lain.jpg"]
    ids = {sku: row.id for sku, row in products(seller).items()}
    found = photos_of(list(ids.values()))
    assert (len(found[ids["KT-1"]]), len(found[ids["SB-1"]])) == (2, 2)
    assert not files.photos_of(run).exists()
    again = put_in(seller, table(HEADER, KERIPIK, SAMBAL), photos())
    sheet = sheet_of(again)
    assert (sheet.photos_added, sheet.photos_known) == (0, 4)
    assert len(db.session.scalars(select(ProductPhoto)).all()) == 4


def test_files_that_are_no_photos_are_named_and_the_others_go_in(seller: Actor) -> None:
    photos = archive({"KT-1.jpg": picture(), "KT-1-2.jpg": b"GIF89a", "KT-1-3.jpg": picture()[:-500]})
    sheet = sheet_of(put_in(seller, table(HEADER, KERIPIK), photos))
    assert sheet.photos_added == 1
    assert [name for name, _why in sheet.photos_problems] == ["KT-1-2.jpg", "KT-1-3.jpg"]
    assert "GIF" in sheet.photos_problems[0][1]


def test_a_zip_that_lies_or_leads_elsewhere_harms_nothing(seller: Actor, app: Flask) -> None:
    app.config["PHOTO_MAX_BYTES"] = 100_000
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as found:
        found.writestr("../../KT-1.jpg", picture())
        found.writestr("/etc/KT-1.jpg", picture())
        found.writestr("KT-1-2.jpg", b"\xff\xd8\xff" + b"\0" * 5_000_000)
    lying = bytearray(target.getvalue())
    size = (5_000_003).to_bytes(4, "little")
    at = lying.rindex(size)
    lying[at : at + 4] = (50_000).to_bytes(4, "little")  # the list says small
    sheet = sheet_of(put_in(seller, table(HEADER, KERIPIK), io.BytesIO(bytes(lying))))
    assert sheet.photos_state == "done"
    assert sheet.photos_added == 0
    assert len(sheet.photos_problems) == 3
    assert "keluar ZIP" in sheet.photos_problems[0][1] or "luar ZIP" in sheet.photos_problems[0][1]
    assert not list(files.folder().parent.glob("*.jpg"))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_zip_is_refused_at_once_and_leaves_nothing(content: bytes, app: Flask) -> None:
    with pytest.raises(InvalidInput, match="ZIP"):
        bulk_photos.keep_zip(io.BytesIO(content))
    assert list(files.folder().iterdir()) == []


def test_a_zip_bomb_is_refused_by_its_list(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_UNPACKED_BYTES", 20_000_000)
    monkeypatch.setattr(rules, "MAX_ENTRIES", 50)
    with pytest.raises(InvalidInput, match="20 MB"):
        bulk_photos.keep_zip(archive({f"{number}.jpg": b"\0" * 1_000_000 for number in range(30)}))
    with pytest.raises(InvalidInput, match="50"):
        bulk_photos.keep_zip(archive({f"{number}.jpg": b"x" for number in range(60)}))
    with pytest.raises(InvalidInput, match="tidak berisi"):
        bulk_photos.keep_zip(archive({"__MACOSX/a.jpg": b"x"}))


@pytest.mark.parametrize(
    ("name", "sku"),
    [
        ("KT-1.jpg", "KT-1"),
        ("kt-1.JPG", "KT-1"),
        ("KT-1-2.jpg", "KT-1"),
        ("KT-1_03.png", "KT-1"),
        ("foto/KT-1 (2).webp", "KT-1"),
        ("KT-10.jpg", "KT-10"),
        ("KT-10-2.jpg", "KT-10"),
        ("KT-1/depan.jpg", "KT-1"),
        ("A B.jpg", "A/B"),
        ("KT-1x.jpg", None),
        ("apa.jpg", None),
    ],
)
def test_a_file_is_matched_by_its_code(name: str, sku: str | None) -> None:
    skus = {rules.plain_code(code): code for code in ("KT-1", "KT-10", "A/B")}
    assert rules.sku_of_entry(name, skus) == sku


# --- undone -------------------------------------------------------------------------------------------------


def test_an_import_is_taken_back_with_its_drafts_and_photos(seller: Actor) -> None:
    put_in(seller, table(HEADER, KERIPIK))
    before = exported(seller)
    row = ["KT-1", "Keripik tempe pedas", "Makanan / Camilan", "15900", "kotak"]
    run = put_in(seller, table(HEADER, row, SAMBAL), archive({"KT-1.jpg": picture(), "SB-1.jpg": picture()}))
    assert set(products(seller)) == {"KT-1", "SB-1"}
    assert undone(seller, run).undo_state == "done"
    assert exported(seller) == before
    found = products(seller)
    assert set(found) == {"KT-1"}
    assert photos_of([found["KT-1"].id])[found["KT-1"].id] == []
    assert imported_rows(run.id).undone == 2
    assert undone(seller, run).undo_state == "done"  # asking twice changes nothing


def test_what_was_changed_since_is_left_and_named(seller: Actor) -> None:
    put_in(seller, table(HEADER, KERIPIK))
    run = put_in(
        seller, table(HEADER, [*KERIPIK[:3], "15900", "bungkus"], SAMBAL, ["X-1", "Lain", "Lain", "1", "kg"])
    )
    put_in(seller, table(["sku", "price_rupiah"], ["KT-1", "16100"]))
    services.change_product(
        actor=seller,
        product_id=products(seller)["SB-1"].id,
        values=ProductValues("Sambal bawang", "Makanan / Sambal", 23_000, sku="SB-1", unit="botol"),
    )
    undone(seller, run)
    told = imported_rows(run.id)
    assert told.undone == 1
    assert {row.sku: row.reason for row in told.left} == {
        "KT-1": "Sudah diubah sesudah impor.",
        "SB-1": "Sudah diubah sesudah impor.",
    }
    assert set(products(seller)) == {"KT-1", "SB-1"}
    assert products(seller)["KT-1"].price_rupiah == 16_100


def test_a_draft_that_was_handed_in_or_got_a_photo_since_is_left(seller: Actor) -> None:
    from marketplace.catalog.services.curation import submit_product  # noqa: PLC0415 - only here

    run = put_in(seller, table(HEADER, KERIPIK, SAMBAL))
    found = products(seller)
    submit_product(actor=seller, product_id=found["KT-1"].id)
    services.add_photo(actor=seller, product_id=found["SB-1"].id, content=picture())
    undone(seller, run)
    assert [row.outcome for row in db.session.scalars(select(ProductImportRow))] == ["left", "left"]
    assert set(products(seller)) == {"KT-1", "SB-1"}


def test_variants_of_an_import_are_taken_back(seller: Actor) -> None:
    header = [*HEADER, "main_sku", "variant_axis", "variant_name"]
    put_in(seller, table(HEADER, KERIPIK))
    first = put_in(seller, table(header, ["KT-1P", "", "", "16000", "", "KT-1", "Rasa", "Pedas"]))
    second = put_in(seller, table(["sku", "price_rupiah"], ["KT-1P", "17000"]))
    undone(seller, second)
    assert products(seller)["KT-1P"].price_rupiah == 16_000
    undone(seller, first)
    assert set(products(seller)) == {"KT-1"}


def test_an_import_at_work_cannot_be_undone(seller: Actor) -> None:
    run = sent(seller, table(HEADER, KERIPIK))
    with pytest.raises(Conflict):
        bulk_undo.undo_import(actor=seller, run_id=run.id)


def test_a_step_that_dies_is_done_again_and_tells_the_same(
    seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_photos, "STEP_S", 0.0)
    monkeypatch.setattr(bulk_undo, "STEP_S", 0.0)
    note, calls = bulk_photos._note, [0]

    def dying(*args: Any) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise RuntimeError("killed between the photo and its note")
        note(*args)

    run = sent(seller, table(HEADER, KERIPIK), archive({"KT-1.jpg": picture()}))
    monkeypatch.setattr(bulk_photos, "STEP_S", 8.0)
    imports.confirm(run_id=run.id, actor=seller)
    monkeypatch.setattr(bulk_photos, "_note", dying)
    outbox.drain()
    bulk_photos.take_photos({"run_id": run.id})
    sheet = sheet_of(run)
    assert (sheet.photos_state, sheet.photos_added) == ("done", 1)
    assert len(db.session.scalars(select(ProductPhoto)).all()) == 1


# --- pages --------------------------------------------------------------------------------------------------


def test_the_pages_lead_from_the_form_to_the_result(seller: Actor, client: FlaskClient) -> None:
    from tests.support.signing import sign_in  # noqa: PLC0415 - only here

    sign_in(client, seller)
    page = client.get("/seller/products/import").get_data(as_text=True)
    assert "formulir-produk" not in page
    assert "/seller/products/import/forms/food.xlsx" in page
    for path in ("import/forms/food.csv", "import/forms/craft.xlsx", "import/guide/furniture", "export.csv"):
        assert client.get(f"/seller/products/{path}").status_code == 200, path
    assert client.get("/seller/products/import/guide/moon").status_code == 404
    bad = client.post(
        "/seller/products/import/new",
        data={"file": (table(HEADER, KERIPIK), "a.csv"), "photos": (io.BytesIO(b"no"), "a.zip")},
    )
    assert bad.status_code == 422
    assert "bukan ZIP" in bad.get_data(as_text=True)
    answer = client.post(
        "/seller/products/import/new",
        data={
            "file": (table(HEADER, KERIPIK), "a.csv"),
            "photos": (archive({"KT-1.jpg": picture()}), "a.zip"),
        },
    )
    run_page = answer.location
    assert "Periksa berkas" in client.get(run_page).get_data(as_text=True)
    client.post(f"{run_page}/columns", data={f"map-{name}": name for name in HEADER})
    outbox.drain()
    checked = client.get(run_page).get_data(as_text=True)
    assert "Masukkan 1 baris" in checked
    assert "1 foto" in checked
    client.post(f"{run_page}/confirm")
    outbox.drain()
    done = client.get(run_page).get_data(as_text=True)
    assert "1 foto dipasang" in done
    client.post(f"{run_page}/undo")
    outbox.drain()
    assert "1 dari 1 produk dikembalikan" in client.get(run_page).get_data(as_text=True)
    assert products(seller) == {}
    text = client.get("/seller/products/export.csv").get_data(as_text=True)
    assert next(csv.reader(io.StringIO(text.lstrip("\ufeff")))) == list(own.KIND.column_names)


def test_an_office_finds_neither_the_sellers_pages_nor_its_kind(client: FlaskClient, app: Flask) -> None:
    from tests.support.signing import sign_in  # noqa: PLC0415 - only here

    sign_in(client, factories.officer())
    assert client.get("/seller/products/import").status_code == 403
    assert "own_products" not in client.get("/office/imports/new").get_data(as_text=True)
