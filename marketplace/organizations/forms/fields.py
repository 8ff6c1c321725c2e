"""What the fields of these forms have in common: money, numbers, phones, places, reasons."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import TextInput

from ...accounts.rules import email_key, phone_e164
from ...i18n import N_, _
from ...money import parse_whole
from ...regions import queries as regions
from ...texts import lines, one_line
from .. import rules

PRIVATE = {"data-no-draft": "", "autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}
TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}
MAIL = {"type": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
MAX_RUPIAH = 10**15


def needed(sentence: Any) -> InputRequired:
    """The field must not be empty; the sentence says what to write."""
    return InputRequired(sentence)


class RupiahField(Field):
    """Whole rupiah in any Indonesian way of writing."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:,}".replace(",", ".")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            amount = parse_whole(valuelist[0])
        except ValueError:
            raise ValueError(_("Tulis jumlah rupiah dengan angka, misalnya 25.000.000.")) from None
        if not 0 <= amount <= MAX_RUPIAH:
            raise ValueError(_("Tulis jumlah dari 0 sampai 1.000.000.000.000.000."))
        self.data = amount


class NumberField(Field):
    """A decimal number, comma or point before its decimals."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = (valuelist[0] if valuelist else "").strip()
        if not text:
            return
        if "," in text:
            text = text.replace(".", "").replace(",", ".")
        try:
            self.data = Decimal(text)
        except InvalidOperation:
            raise ValueError(_("Tulis angka, misalnya 120 atau 120,5.")) from None
        if not self.data.is_finite() or abs(self.data) >= 10**9:
            raise ValueError(_("Angka ini terlalu besar."))


class PhoneField(StringField):
    """An Indonesian phone number, kept as +62..."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        text = one_line(self.data)
        self.data = text or None
        if text:
            self.data = phone_e164(text[:60])
            if self.data is None:
                raise ValueError(_("Tulis nomor HP Indonesia, misalnya 0812 3456 7890."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else (self.data or "")


class MailField(StringField):
    """An e-mail address, kept in lower case."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        text = one_line(self.data)
        self.data = text or None
        if text:
            self.data = email_key(text[:400])
            if self.data is None or len(self.data) > 320:
                raise ValueError(_("Tulis alamat surel lengkap, misalnya nama@contoh.id."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else (self.data or "")


def number_text(text: str | None) -> str | None:
    """A number of the state without blanks and dots; None when empty."""
    return rules.clean_number(one_line(text)) or None


def check(problem: Any) -> Any:
    """A validator from a rule that answers with a sentence or None."""

    def validate(_form: FlaskForm, field: Field) -> None:
        sentence = problem(field.data) if field.data else None
        if sentence:
            raise ValidationError(sentence)

    return validate


def name_field(label: Any, sentence: Any, **more: Any) -> StringField:
    """A required name of at most 300 characters."""
    length = Length(max=300, message=N_("Paling banyak 300 huruf."))
    return StringField(label, [needed(sentence), length], filters=[one_line], **more)


def nik_field() -> StringField:
    """The owner's NIK, never kept as a draft."""
    return StringField(
        N_("NIK pemilik"),
        [Optional(), check(rules.nik_problem)],
        filters=[number_text],
        description=N_("16 angka di KTP. Disimpan tersandi, hanya petugas yang boleh membukanya."),
        render_kw={**PRIVATE, "maxlength": 30},
    )


def village_field(**more: Any) -> SelectField:
    """A village, chosen by district."""
    return SelectField(N_("Kelurahan"), [needed(N_("Pilih kelurahan."))], choices=[], **more)


def offer_villages(field: SelectField, city: str, current: str = "") -> None:
    """Fill a village field with a city's districts and villages; the present one stays to choose."""
    choices = [SelectChoice("", _("Pilih kelurahan"))]
    for district, villages in regions.villages_by_district(city):
        group = f"Kec. {district.name}"
        choices += [SelectChoice(place.code, place.name, optgroup=group) for place in villages]
    if current and current not in {choice.value for choice in choices}:
        name = regions.full_name(current)
        choices.append(SelectChoice(current, name, optgroup=_("Tempat sekarang")))
    field.choices = choices


def reason_field() -> TextAreaField:
    """Why something is done, for those who read it later."""
    length = Length(min=3, max=2000, message=N_("Tulis alasannya, 3 sampai 2.000 huruf."))
    return TextAreaField(N_("Alasan"), [needed(N_("Tulis alasannya.")), length], filters=[lines])
