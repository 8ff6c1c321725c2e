"""Sizes, flavours and colours of a product, all on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, StringField
from wtforms.validators import Length, ValidationError

from ...i18n import N_, _
from ...texts import one_line
from .. import rules
from ..queries import VariantRow
from ..values import VariantValues
from .fields import WholeField

SPARE_ROWS = 3


class VariantForm(Form):
    """One variant; an empty row says nothing."""

    product_id = HiddenField()
    name = StringField(
        N_("Nama varian"),
        filters=[one_line],
        validators=[Length(max=80, message=N_("Nama varian paling panjang 80 huruf."))],
    )
    price_rupiah = WholeField(N_("Harga ke toko"), least=1, most=rules.MAX_PRICE_RUPIAH)
    net_weight_g = WholeField(N_("Isi bersih"), least=1)
    sku = StringField(
        N_("Kode"),
        filters=[one_line],
        validators=[Length(max=64, message=N_("Kode paling panjang 64 huruf."))],
    )
    gtin = StringField(N_("Barcode (GTIN)"), filters=[one_line])
    is_dropped = BooleanField(N_("Hapus varian ini"))

    @property
    def known_id(self) -> int | None:
        """The stored product that this row is about."""
        text = self.product_id.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

    @property
    def is_empty(self) -> bool:
        """Whether it is about nothing stored and nothing was typed."""
        texts = (self.name, self.price_rupiah, self.net_weight_g, self.sku, self.gtin)
        return self.known_id is None and not any(
            field.raw_data and field.raw_data[0].strip() for field in texts
        )

    def validate_gtin(self, field: StringField) -> None:
        """No longer than the column."""
        if len(field.data or "") > rules.MAX_NUMBER_LENGTH:
            raise ValidationError(_("Nomor paling panjang %(most)d huruf.", most=rules.MAX_NUMBER_LENGTH))

    def values(self) -> VariantValues:
        """What was typed, as the services take it."""
        return VariantValues(
            name=self.name.data or "",
            price_rupiah=self.price_rupiah.data or 0,
            product_id=self.known_id,
            sku=self.sku.data or "",
            gtin=self.gtin.data or None,
            net_weight_g=self.net_weight_g.data,
            is_dropped=bool(self.is_dropped.data),
        )


class VariantsForm(FlaskForm):
    """What distinguishes the variants, and the rows."""

    axis = StringField(
        N_("Apa yang berbeda?"),
        filters=[one_line],
        validators=[Length(max=40, message=N_("Paling panjang 40 huruf."))],
    )
    own_name = StringField(
        N_("Produk utama ini varian yang mana?"),
        filters=[one_line],
        validators=[Length(max=80, message=N_("Nama varian paling panjang 80 huruf."))],
    )
    rows = FieldList(FormField(VariantForm), N_("Varian"), max_entries=40)

    @property
    def _typed(self) -> list[VariantForm]:
        return [entry.form for entry in self.rows if not entry.form.is_empty]

    def values(self) -> list[VariantValues]:
        """The rows in which something stands."""
        return [row.values() for row in self._typed]

    def take_refusals(self, refused: Mapping[str, str]) -> None:
        """Show the services' sentences at their fields."""
        known: dict[str, Any] = {"axis": self.axis}
        for number, row in enumerate(self._typed):
            known |= {f"rows-{number}-{field.short_name}": field for field in row}
        for name, sentence in refused.items():
            if name in known:
                known[name].errors = [*known[name].errors, sentence]


def variants_form_of(axis: str, own_name: str, rows: Sequence[VariantRow]) -> VariantsForm:
    """The form filled with the stored variants, and with some empty rows."""
    filled = [
        {
            "product_id": str(row.id),
            "name": row.name,
            "price_rupiah": row.price_rupiah,
            "net_weight_g": row.net_weight_g,
            "sku": row.sku,
            "gtin": row.gtin or "",
        }
        for row in rows
    ]
    spare: list[dict[str, object]] = [{} for _row in range(SPARE_ROWS)]
    return VariantsForm(data={"axis": axis, "own_name": own_name, "rows": [*filled, *spare]})
