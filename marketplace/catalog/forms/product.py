"""A product on its seller's phone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ...i18n import N_, _, format_month_name
from ...texts import lines, one_line
from .. import queries, rules
from ..values import ProductValues, TierValues
from .fields import CentimetreField, WholeField

MAX_COUNT = 1_000_000
SPARE_TIERS = 2
PLAIN = [field.name for field in fields(ProductValues) if field.name not in {"origin_code", "tiers"}]


_ALLERGENS = (*rules.ALLERGENS, rules.NO_ALLERGENS)


class TierForm(Form):
    """One wholesale price; an empty row says nothing."""

    min_quantity = WholeField(N_("Mulai dari"), least=2, most=MAX_COUNT)
    price_rupiah = WholeField(N_("Harga satuan"), least=1, most=rules.MAX_PRICE_RUPIAH)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(field.raw_data and field.raw_data[0].strip() for field in self)

    def validate_min_quantity(self, field: WholeField) -> None:
        """A price needs its quantity."""
        if not field.errors and field.data is None and not self.is_empty:
            raise ValidationError(_("Tulis mulai dari berapa."))

    def validate_price_rupiah(self, field: WholeField) -> None:
        """A quantity needs its price."""
        if not field.errors and field.data is None and not self.is_empty:
            raise ValidationError(_("Tulis harga untuk jumlah ini."))


class ProductForm(FlaskForm):
    """Everything a seller says of a product. A draft may leave all of it empty."""

    name = StringField(
        N_("Nama produk"),
        filters=[one_line],
        validators=[Length(max=300, message=N_("Nama paling panjang 300 huruf."))],
    )
    category = StringField(
        N_("Jenis produk"),
        filters=[one_line],
        validators=[Length(max=300, message=N_("Jenis paling panjang 300 huruf."))],
    )
    price_rupiah = WholeField(N_("Harga ke toko"), least=1, most=rules.MAX_PRICE_RUPIAH, needed=True)
    unit = StringField(
        N_("Satuan"),
        filters=[one_line],
        validators=[Length(max=32, message=N_("Satuan paling panjang 32 huruf."))],
    )
    description = TextAreaField(
        N_("Cerita produk"),
        filters=[lines],
        validators=[Length(max=10_000, message=N_("Cerita paling panjang 10.000 huruf."))],
    )
    retail_price_rupiah = WholeField(N_("Harga eceran yang disarankan"), least=1, most=rules.MAX_PRICE_RUPIAH)
    min_order = WholeField(N_("Pesanan terkecil"), least=1, most=MAX_COUNT)
    order_multiple = WholeField(N_("Kelipatan pesanan"), least=1, most=MAX_COUNT)
    tiers = FieldList(FormField(TierForm), N_("Harga grosir"), max_entries=rules.MAX_TIERS)
    capacity_per_week = WholeField(N_("Kesanggupan seminggu"), least=1, most=MAX_COUNT)
    lead_time_days = WholeField(N_("Siap kirim dalam"), least=0, most=365)
    offers_consignment = BooleanField(N_("Bisa dititip (konsinyasi)"), default=True)
    origin = StringField(N_("Dibuat di kelurahan atau desa"), filters=[one_line])
    gtin = StringField(N_("Barcode (GTIN)"), filters=[one_line])
    sku = StringField(
        N_("Kode produk Anda"),
        filters=[one_line],
        validators=[Length(max=64, message=N_("Kode paling panjang 64 huruf."))],
    )
    net_weight_g = WholeField(N_("Isi bersih"), least=1)
    shelf_life_days = WholeField(N_("Masa simpan"), least=1, most=36_500)
    storage = SelectField(N_("Cara menyimpan"), coerce=lambda text: text or None, validate_choice=True)
    ingredients = TextAreaField(
        N_("Bahan-bahan"),
        filters=[lines],
        validators=[Length(max=2000, message=N_("Bahan-bahan paling panjang 2.000 huruf."))],
    )
    allergens = SelectMultipleField(
        N_("Mengandung alergen"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    pirt_number = StringField(N_("Nomor P-IRT"), filters=[one_line])
    halal_number = StringField(N_("Nomor sertifikat halal"), filters=[one_line])
    bpom_number = StringField(N_("Nomor BPOM"), filters=[one_line])
    material = StringField(
        N_("Bahan"),
        filters=[one_line],
        validators=[Length(max=300, message=N_("Bahan paling panjang 300 huruf."))],
    )
    length_mm = CentimetreField(N_("Panjang"))
    width_mm = CentimetreField(N_("Lebar"))
    height_mm = CentimetreField(N_("Tinggi"))
    is_made_to_order = BooleanField(N_("Dibuat setelah dipesan"))
    season_from = SelectField(N_("Mulai bulan"), coerce=lambda text: int(text) if text else None)
    season_to = SelectField(N_("Sampai bulan"), coerce=lambda text: int(text) if text else None)
    message = TextAreaField(
        N_("Pesan untuk petugas"),
        filters=[lines],
        validators=[Length(max=1000, message=N_("Pesan paling panjang 1.000 huruf. Persingkat dulu."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.origin_code: str | None = None
        for field in (self.name, self.category, self.unit):
            field.flags.required = True
        self.storage.choices = [
            SelectChoice("", _("Belum diisi")),
            *(SelectChoice(code, str(label)) for code, label in rules.STORAGE.items()),
        ]
        self.allergens.choices = [
            *(SelectChoice(code, str(label)) for code, label in rules.ALLERGENS.items()),
            SelectChoice(rules.NO_ALLERGENS, _("Tidak ada satu pun")),
        ]
        months = [SelectChoice(str(month), format_month_name(month)) for month in range(1, 13)]
        self.season_from.choices = self.season_to.choices = [SelectChoice("", _("Sepanjang tahun")), *months]
        if not self.is_submitted():
            for _row in range(min(SPARE_TIERS, rules.MAX_TIERS - len(self.tiers))):
                self.tiers.append_entry()

    def validate_pirt_number(self, field: StringField) -> None:
        """No longer than the column."""
        if len(field.data or "") > rules.MAX_NUMBER_LENGTH:
            raise ValidationError(_("Nomor paling panjang %(most)d huruf.", most=rules.MAX_NUMBER_LENGTH))

    validate_halal_number = validate_bpom_number = validate_gtin = validate_pirt_number

    def validate_origin(self, field: StringField) -> None:
        """Find the place by what was written."""
        if not field.data:
            return
        found = queries.places_named(field.data)
        if len(found) == 1:
            self.origin_code = found[0].code
            field.data, field.raw_data = found[0].label, None
        elif found:
            names = "; ".join(place.label for place in found[:3])
            raise ValidationError(
                _("Ada beberapa tempat dengan nama ini. Tulis lengkap: %(names)s.", names=names)
            )
        else:
            raise ValidationError(_("Tempat ini tidak ditemukan. Tulis nama kelurahan atau desanya saja."))

    def validate_allergens(self, field: SelectMultipleField) -> None:
        """None and some cannot both be true."""
        if rules.NO_ALLERGENS in (field.data or ()) and len(field.data or ()) > 1:
            raise ValidationError(_("Pilih alergennya, atau “Tidak ada satu pun”, bukan keduanya."))

    def require_all(self) -> bool:
        """Add a sentence for each thing that the office must see; whether nothing is missing."""
        missing = rules.missing_essentials(
            self.name.data or "", self.category.data or "", self.price_rupiah.data or 0
        )
        if not self.unit.data:
            missing["unit"] = _("Tulis satuannya, misalnya bungkus 200 g.")
        for name, sentence in missing.items():
            if not self[name].errors:
                self[name].errors = [sentence]
        return not missing

    def values(self) -> ProductValues:
        """What was typed, as the services take it."""
        typed = {name: self[name].data for name in PLAIN}
        for name in ("gtin", "pirt_number", "halal_number", "bpom_number"):
            typed[name] = typed[name] or None
        tiers = tuple(
            TierValues(row.min_quantity.data or 0, row.price_rupiah.data or 0) for row in self._typed_tiers
        )
        return ProductValues(
            **typed
            | {
                "name": self.name.data or "",
                "category": rules.tidy_path(self.category.data or ""),
                "price_rupiah": self.price_rupiah.data or 0,
                "min_order": self.min_order.data or 1,
                "order_multiple": self.order_multiple.data or 1,
                "allergens": tuple(code for code in _ALLERGENS if code in (self.allergens.data or ())),
                "origin_code": self.origin_code,
                "tiers": tiers,
            }
        )

    @property
    def _typed_tiers(self) -> list[TierForm]:
        return [entry.form for entry in self.tiers if not entry.form.is_empty]

    def take_refusals(self, refused: Mapping[str, str]) -> None:
        """Show the services' sentences at their fields."""
        known = {field.id: field for field in self}
        for number, row in enumerate(self._typed_tiers):
            known |= {f"tiers-{number}-{field.short_name}": field for field in row}
        for name, sentence in refused.items():
            if name in known:
                known[name].errors = [*known[name].errors, sentence]
            else:
                self.form_errors.append(sentence)


def stamp_of(values: ProductValues) -> str:
    """A mark of what is stored, so that a browser's older draft is known to be stale."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def form_of(values: ProductValues) -> ProductForm:
    """The form filled with a stored product."""
    data = {name: value for name, value in asdict(values).items() if name != "tiers"}
    data["price_rupiah"] = values.price_rupiah or None
    data["storage"] = values.storage or ""
    data["season_from"], data["season_to"] = values.season_from or "", values.season_to or ""
    data["origin"] = queries.place_label(values.origin_code) if values.origin_code else ""
    data["tiers"] = [asdict(tier) for tier in values.tiers]
    return ProductForm(data=data)
