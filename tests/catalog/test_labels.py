"""Shelf labels, price lists and QR codes: what is printed is right, complete and readable by a scanner."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from marketplace.catalog import services
from marketplace.catalog.documents import LAYOUTS, Label, bars_of, sheets_of
from marketplace.catalog.documents.barcodes import QUIET
from marketplace.catalog.models import PriceTier
from marketplace.catalog.rules import gtin_check_digit
from marketplace.db import unit_of_work
from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in

LEFT_ODD = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split()
LEFT_EVEN = ["".join("10"[int(bit)] for bit in code)[::-1] for code in LEFT_ODD]
RIGHT = ["".join("10"[int(bit)] for bit in code) for code in LEFT_ODD]
FIRST = "LLLLLL LLGLGG LLGGLG LLGGGL LGLLGG LGGLLG LGGGLL LGLGLG LGLGGL LGGLGL".split()


def read_ean13(modules: str) -> str:
    """What a scanner reads of an EAN-13, written from the standard and not from the library."""
    assert (modules[:3], modules[45:50], modules[92:]) == ("101", "01010", "101")
    parity, digits = "", ""
    for start in range(3, 45, 7):
        code = modules[start : start + 7]
        parity += "L" if code in LEFT_ODD else "G"
        digits += str((LEFT_ODD if code in LEFT_ODD else LEFT_EVEN).index(code))
    digits += "".join(str(RIGHT.index(modules[start : start + 7])) for start in range(50, 92, 7))
    return str(FIRST.index(parity)) + digits


def rectangles_of(page: PageObject) -> list[tuple[float, float]]:
    """Left edge and width, in points, of every coloured rectangle but the paper itself."""
    found: list[tuple[float, float]] = []

    def note(operator: bytes, operands: Any, matrix: Any, _text: Any) -> None:
        if operator == b"re":
            x, _y, width, _height = (float(value) for value in operands)
            found.append((x * matrix[0] + matrix[4], width * matrix[0]))

    page.extract_text(visitor_operand_before=note)
    return [(x, width) for x, width in found if width < float(page.mediabox.width) - 1]


def text_of_pdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


class TestBars:
    @pytest.mark.parametrize("gtin", ["8991002101234", "8998866200301", "0000000000000", "9780201379624"])
    def test_an_ean_13_reads_back_with_its_check_digit(self, gtin):
        bars = bars_of(gtin, "X", 1)
        assert bars.kind == "EAN-13"
        assert read_ean13(bars.modules) == gtin
        assert str(gtin_check_digit(gtin[:-1])) == gtin[-1]

    def test_twelve_digits_are_an_ean_13_and_eight_an_ean_8(self):
        assert read_ean13(bars_of("012345678905", "X", 1).modules) == "0012345678905"
        assert bars_of("96385074", "X", 1).kind == "EAN-8"
        assert len(bars_of("96385074", "X", 1).modules) == 67

    def test_without_a_gtin_the_makers_own_code_is_code_128(self):
        bars = bars_of(None, "TMP-0231", 7)
        assert (bars.kind, bars.text) == ("Code 128", "TMP-0231")
        assert bars.modules.startswith("11010010000")  # start B
        assert bars.modules.endswith("1100011101011")  # stop
        assert (len(bars.modules) - 13) % 11 == 0

    @pytest.mark.parametrize("sku", ["ꦧꦠꦶꦏ꧀", "a" * 17, "", "tab\tulasi"])
    def test_a_code_that_cannot_be_printed_becomes_the_products_number(self, sku):
        assert bars_of(None, sku, 7).text == "ETALASE-7"

    def test_the_drawing_escapes_what_it_says(self):
        assert "<script>" not in bars_of(None, "<script>x</script>", 7).svg


class TestSheets:
    @pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
    def test_labels_stand_on_the_paper_and_not_on_one_another(self, layout):
        places = [layout.place(number) for number in range(layout.count)]
        assert len(set(places)) == layout.columns * layout.rows
        for left, top in places:
            assert 0 <= left <= 210 - layout.width_mm + 0.01
            assert 0 <= top <= 297 - layout.height_mm + 0.01

    @pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
    def test_bars_are_as_thick_as_scanners_need(self, layout):
        for bars, least in ((bars_of("8991002101234", "", 1), 0.264), (bars_of(None, "W" * 16, 1), 0.19)):
            assert layout.bars_mm / (len(bars.modules) + 2 * QUIET) >= least

    def test_a_begun_sheet_is_used_up_first(self):
        label = Label("Keripik", "Dapur", "", "", bars_of(None, "A", 1))
        layout = LAYOUTS["3x8"]
        assert [len(sheet) for sheet in sheets_of(layout, [label] * 50)] == [24, 24, 2]
        assert [len(sheet) for sheet in sheets_of(layout, [label] * 24, skip=20)] == [4, 20]
        assert list(sheets_of(layout, [])) == []
        assert next(iter(sheets_of(layout, [label], skip=4)))[0].place == 4


class TestLabelPage:
    def test_a_seller_chooses_products_and_copies_and_gets_whole_sheets(self, client):
        maker = make.seller(name="Dapur Contoh")
        first = make.product(maker, name="Keripik tempe", gtin="8991002101234", retail_price_rupiah=19_000)
        second = make.product(maker, name="Abon", sku="ABN-1")
        make.product(make.seller(), name="Milik orang lain")
        sign_in(client, make.member(Role.SELLER_STAFF, seller_id=maker.id))
        form = client.get(f"/seller/labels?product={first.id}").get_data(as_text=True)
        assert "8991002101234" in form
        assert "Milik orang lain" not in form
        data = {f"copies-{first.id}": "20", f"copies-{second.id}": "6", "layout": "3x8", "price": "retail"}
        answer = client.post("/seller/labels", data=data)
        assert answer.mimetype == "application/pdf"
        reader = PdfReader(io.BytesIO(answer.data))
        assert len(reader.pages) == 2
        text = text_of_pdf(answer.data)
        assert text.count("8991002101234") == 20
        assert text.count("ABN-1") == 6
        assert text.count("Rp19.000") == 20
        box = reader.pages[0].mediabox
        assert (round(float(box.width)), round(float(box.height))) == (595, 842)

    def test_none_and_too_many_are_refused_with_a_sentence(self, client):
        maker = make.seller()
        product = make.product(maker)
        sign_in(client, make.member(Role.SELLER_OWNER, seller_id=maker.id))
        for copies, words in (("", "paling sedikit satu"), ("481", "Paling banyak 480"), ("-3", "satu")):
            answer = client.post("/seller/labels", data={f"copies-{product.id}": copies})
            assert answer.status_code == 422
            assert words in answer.get_data(as_text=True)
        stranger = make.product(make.seller())
        assert client.post("/seller/labels", data={f"copies-{stranger.id}": "3"}).status_code == 422

    def test_hostile_and_long_names_make_a_paper(self, client):
        maker = make.seller(name="x" * 300)
        product = make.product(maker, name="<b onclick=x>" + "w" * 280, sku="<script>" * 8, unit="u" * 32)
        sign_in(client, make.member(Role.SELLER_OWNER, seller_id=maker.id))
        answer = client.post("/seller/labels", data={f"copies-{product.id}": "3", "layout": "4x10"})
        assert len(PdfReader(io.BytesIO(answer.data)).pages) == 1


class TestPriceList:
    def test_a_makers_prices_hold_what_is_sold_with_its_tiers_and_variants(self, client):
        maker = make.seller(name="Dapur Contoh")
        main = make.product(maker, name="Keripik tempe", price_rupiah=10_000, min_order=6)
        make.product(
            maker, name="Keripik tempe pedas", main_id=main.id, variant_name="Pedas", price_rupiah=11_000
        )
        make.product(maker, name="Rahasia", state="paused")
        with unit_of_work() as session:
            session.add(PriceTier(product_id=main.id, min_quantity=24, price_rupiah=9_000))
        answer = client.get(f"/sellers/{maker.id}/price-list.pdf")
        text = text_of_pdf(answer.data)
        for words in (
            "Dapur Contoh",
            "Keripik tempe, Pedas",
            "Rp10.000",
            "Rp11.000",
            "Rp9.000",
            "22 November 2026",
        ):
            assert words in text, words
        assert "Rahasia" not in text

    def test_its_tables_keep_to_the_margins(self, client):
        maker = make.seller(name="Dapur Contoh")
        make.product(maker, name="Keripik tempe", price_rupiah=10_000)
        page = PdfReader(io.BytesIO(client.get(f"/sellers/{maker.id}/price-list.pdf").data)).pages[0]
        right = max(x + width for x, width in rectangles_of(page))
        assert 540 < right <= float(page.mediabox.width) - 15 / 25.4 * 72 + 0.5

    def test_a_closed_or_unknown_maker_has_none(self, client):
        closed = make.seller(closed_on=date(2026, 1, 1))
        assert client.get(f"/sellers/{closed.id}/price-list.pdf").status_code == 404
        assert client.get("/sellers/999999/price-list.pdf").status_code == 404

    def test_a_buyers_list_is_printed_with_its_notes(self, client):
        buyer = make.member(Role.BUYER_STAFF, operator_id=make.operator().id)
        product = make.product(make.seller(name="Dapur Contoh"), name="Keripik")
        made = services.make_list(actor=buyer, name="Rak Lebaran")
        item = services.add_to_list(actor=buyer, list_id=made.id, product_id=product.id)
        services.note_item(actor=buyer, item_id=item.id, note="Minta 250 g")
        answer = sign_in(client, buyer).get(f"/buyer/lists/{made.id}/price-list.pdf")
        text = text_of_pdf(answer.data)
        assert "Rak Lebaran" in text
        assert "Minta 250 g" in text


class TestQr:
    def test_a_products_code_is_shown_and_downloaded(self, client):
        product = make.product(make.seller(), name="Keripik")
        page = client.get(f"/products/{product.id}/qr").get_data(as_text=True)
        assert 'class="qr"' in page
        assert client.get(f"/products/{product.id}/qr.svg").mimetype == "image/svg+xml"
        assert client.get(f"/products/{product.id}/qr.png").data.startswith(b"\x89PNG")
        hidden = make.product(make.seller(), state="paused")
        for end in ("qr", "qr.svg", "qr.png"):
            assert client.get(f"/products/{hidden.id}/{end}").status_code == 404
