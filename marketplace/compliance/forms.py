"""What the office types in: regulations and reports."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from ..i18n import N_
from ..organizations.rules import KIND_LABELS
from ..placements.models import Basis
from .rules import Binding

BINDING_LABELS = {Binding.MANDATORY: N_("Wajib"), Binding.TARGET: N_("Sasaran")}
BASIS_LABELS = {Basis.CONSIGNMENT: N_("Titip jual"), Basis.OUTRIGHT: N_("Beli putus")}


def _choices(labels: dict[Any, Any]) -> list[Any]:
    return [SelectChoice(key.value, label) for key, label in labels.items()]


class SomeOf(SelectMultipleField):
    """Some of a few, as checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class DayField(DateField):
    """A day; what cannot be read gets a sentence in plain words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            self.data = None
            raise ValueError(self.gettext("Not a valid date value.")) from None


_needed = InputRequired(N_("Bagian ini perlu diisi."))
_days = NumberRange(0, 3660, N_("Isi jumlah hari antara 0 dan 3.660."))


class RegulationForm(FlaskForm):
    """A new regulation."""

    regulation_ref = StringField(
        N_("Kode aturan"),
        [DataRequired(N_("Isi kode aturan.")), Length(max=64)],
        description=N_("Misalnya SKA-5-2011."),
    )
    region_code = StringField(
        N_("Kode wilayah"),
        [DataRequired(N_("Isi kode wilayah.")), Length(max=13)],
        description=N_("Kode Kemendagri, misalnya 33.72. Berlaku untuk semua wilayah di bawahnya."),
    )
    outlet_kinds = SomeOf(
        N_("Jenis toko"),
        [DataRequired(N_("Pilih paling sedikit satu jenis toko."))],
        choices=_choices(KIND_LABELS),
    )
    binding = RadioField(
        N_("Sifat"), [_needed], choices=_choices(BINDING_LABELS), default=Binding.MANDATORY.value
    )
    min_sellers = IntegerField(
        N_("Paling sedikit"),
        [_needed, NumberRange(0, 10_000, N_("Isi jumlah UMKM antara 0 dan 10.000."))],
        default=5,
    )
    counted_bases = SomeOf(
        N_("Cara jual yang dihitung"),
        [DataRequired(N_("Pilih paling sedikit satu cara jual."))],
        choices=_choices(BASIS_LABELS),
        default=[Basis.CONSIGNMENT.value],
    )
    valid_from = DayField(N_("Berlaku mulai"), [_needed])
    valid_to = DayField(
        N_("Tidak berlaku lagi mulai"), [Optional()], description=N_("Kosongkan bila belum ditentukan.")
    )
    display_window_days = IntegerField(N_("Jendela pajang"), [_needed, _days], default=30)
    outright_window_days = IntegerField(N_("Jendela beli putus"), [_needed, _days], default=90)
    grace_days = IntegerField(N_("Masa tenggang toko baru"), [_needed, _days], default=0)
    citation = TextAreaField(N_("Dasar hukum"), [DataRequired(N_("Tulis dasar hukumnya.")), Length(max=2000)])
    is_text_verified = BooleanField(N_("Saya sudah membaca naskah aslinya"))

    def values(self) -> dict[str, Any]:
        """What was typed, as arguments of services.add_regulation."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class EndForm(FlaskForm):
    """When a regulation ends."""

    valid_to = DayField(N_("Tidak berlaku lagi mulai"), [Optional()])
    reason = TextAreaField(N_("Alasan"), [DataRequired(N_("Tulis alasannya.")), Length(max=2000)])


class IssueForm(FlaskForm):
    """A report to issue."""

    as_of = DayField(N_("Keadaan per tanggal"), [_needed])
    region = StringField(N_("Kode wilayah"), [DataRequired(N_("Isi kode wilayah.")), Length(max=13)])
    note = TextAreaField(N_("Catatan"), [Optional(), Length(max=2000)])
    corrects = IntegerField(N_("Mengoreksi laporan"), [Optional()], widget=widgets.HiddenInput())
