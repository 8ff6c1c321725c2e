"""What may come in from the catalogue's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import TextInput

from ..i18n import N_, _
from ..money import format_whole, parse_whole
from ..texts import lines, one_line
from . import rules
from .models import Product
from .queries import SORTS, Search
from .values import ProductValues

MAX_FILTER_VALUES = 20
MAX_QUERY = 200


class WholeField(Field):
    """A whole number as Indonesians type it: 1.500, Rp 25.000. Empty is None."""

    widget = TextInput()

    def __init__(
        self, label: Any, *, least: int = 0, most: int = 1_000_000_000, needed: bool = False, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.least, self.most, self.needed = least, most, needed
        self.flags.required = needed
        self.data: int | None = None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_whole(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; a sentence says what to write instead."""
        text = one_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            if self.needed:
                raise ValueError(_("Isi %(label)s dengan angka.", label=self.label.text))
            return
        try:
            if not text.isascii():
                raise ValueError(text)
            number = parse_whole(text)
        except ValueError:
            raise ValueError(_("Tulis angka bulat saja, misalnya 1.500.")) from None
        if not self.least <= number <= self.most:
            limits = {"least": format_whole(self.least), "most": format_whole(self.most)}
            raise ValueError(_("Tulis angka dari %(least)s sampai %(most)s.", **limits))
        self.data = number


class ProductForm(FlaskForm):
    """A product on its seller's phone."""

    name = StringField(
        N_("Nama produk"),
        filters=[one_line],
        validators=[
            DataRequired(N_("Tulis nama produk, misalnya Keripik tempe daun jeruk.")),
            Length(max=300, message=N_("Nama paling panjang 300 huruf.")),
        ],
    )
    category = StringField(
        N_("Jenis produk"),
        filters=[one_line],
        validators=[
            DataRequired(N_("Pilih atau tulis jenis produk.")),
            Length(max=300, message=N_("Jenis paling panjang 300 huruf.")),
        ],
    )
    price_rupiah = WholeField(N_("Harga ke toko"), least=1, most=rules.MAX_PRICE_RUPIAH, needed=True)
    retail_price_rupiah = WholeField(N_("Harga eceran yang disarankan"), least=1, most=rules.MAX_PRICE_RUPIAH)
    unit = StringField(
        N_("Satuan"),
        filters=[one_line],
        validators=[Length(max=32, message=N_("Satuan paling panjang 32 huruf."))],
    )
    min_order = WholeField(N_("Pesanan terkecil"), least=1, most=1_000_000)
    order_multiple = WholeField(N_("Kelipatan pesanan"), least=1, most=1_000_000)
    net_weight_g = WholeField(N_("Isi bersih"), least=1, most=1_000_000_000)
    shelf_life_days = WholeField(N_("Masa simpan"), least=1, most=36_500)
    description = TextAreaField(
        N_("Cerita produk"),
        filters=[lines],
        validators=[Length(max=10_000, message=N_("Cerita paling panjang 10.000 huruf."))],
    )
    pirt_number = StringField(N_("Nomor P-IRT"), filters=[one_line])
    halal_number = StringField(N_("Nomor sertifikat halal"), filters=[one_line])
    bpom_number = StringField(N_("Nomor BPOM"), filters=[one_line])
    gtin = StringField(N_("Barcode (GTIN)"), filters=[one_line])
    sku = StringField(
        N_("Kode produk Anda"),
        filters=[one_line],
        validators=[Length(max=64, message=N_("Kode paling panjang 64 huruf."))],
    )

    def validate_pirt_number(self, field: StringField) -> None:
        """No longer than the column."""
        _fits(field)

    validate_halal_number = validate_bpom_number = validate_gtin = validate_pirt_number

    def values(self) -> ProductValues:
        """What was typed, as the services take it."""
        return ProductValues(
            sku=self.sku.data or "",
            name=self.name.data or "",
            category=rules.tidy_path(self.category.data or ""),
            price_rupiah=self.price_rupiah.data or 0,
            retail_price_rupiah=self.retail_price_rupiah.data,
            unit=self.unit.data or "",
            min_order=self.min_order.data or 1,
            order_multiple=self.order_multiple.data or 1,
            gtin=self.gtin.data or None,
            net_weight_g=self.net_weight_g.data,
            shelf_life_days=self.shelf_life_days.data,
            description=self.description.data or "",
            pirt_number=self.pirt_number.data or None,
            halal_number=self.halal_number.data or None,
            bpom_number=self.bpom_number.data or None,
        )

    def take_refusals(self, fields: dict[str, str]) -> None:
        """Show the services' sentences at their fields."""
        for name, sentence in fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, sentence]


def _fits(field: StringField) -> None:
    if len(field.data or "") > rules.MAX_NUMBER_LENGTH:
        raise ValueError(_("Nomor paling panjang %(most)d huruf.", most=rules.MAX_NUMBER_LENGTH))


def form_of(product: Product, category: str) -> ProductForm:
    """The form filled with a stored product."""
    return ProductForm(obj=product, data={"category": category})


def read_search(args: MultiDict[str, str]) -> Search:
    """The filters in an address; what cannot be read is left out, for an address is often typed or cut."""
    sort = args.get("sort", "")
    papers = [paper for paper in _texts(args, "certificate") if paper in set(rules.Paper)]
    return Search(
        q=one_line(args.get("q"))[:MAX_QUERY],
        categories=tuple(_texts(args, "category")),
        districts=tuple(_texts(args, "district")),
        certificates=tuple(papers),
        seller_ref=one_line(args.get("seller_ref"))[:64],
        min_price=_price(args.get("min_price")),
        max_price=_price(args.get("max_price")),
        sort=sort if sort in SORTS else "newest",
    )


def _texts(args: MultiDict[str, str], name: str) -> Iterable[str]:
    found = (one_line(text)[:MAX_QUERY] for text in args.getlist(name)[:MAX_FILTER_VALUES])
    return dict.fromkeys(text for text in found if text)


def _price(text: str | None) -> int | None:
    try:
        return max(parse_whole(text), 0) if text else None
    except ValueError:
        return None
