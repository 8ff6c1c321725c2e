"""What people may type about sellers, retailers, outlets and people."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import TextInput

from ..accounts.rules import email_key, phone_e164
from ..i18n import N_, _
from ..money import parse_whole
from ..permissions import ROLE_LABELS, Role
from ..regions import queries as regions
from ..texts import lines, one_line
from . import rules
from .models import OutletKind

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


class AccountForm(FlaskForm):
    """The person who registers."""

    name = name_field(N_("Nama Anda"), N_("Tulis nama Anda."), render_kw={"autocomplete": "name"})
    phone = PhoneField(
        N_("Nomor HP"), [Optional()], description=N_("Untuk masuk. Contoh: 0812 3456 7890"), render_kw=TEL
    )
    email = MailField(
        N_("Surel"), [Optional()], description=N_("Bila punya. Nomor HP saja sudah cukup."), render_kw=MAIL
    )
    password = PasswordField(
        N_("Kata sandi"),
        [needed(N_("Buat kata sandi.")), Length(max=200)],
        description=N_("Paling sedikit 8 huruf atau angka."),
        render_kw={"autocomplete": "new-password"},
    )

    def validate_phone(self, field: Field) -> None:
        """One of the two is needed to sign in."""
        if not field.data and not self.email.data and not self.email.errors and not field.errors:
            raise ValidationError(_("Isi nomor HP atau surel, supaya Anda bisa masuk."))


class SellerProfileForm(FlaskForm):
    """What a seller says of itself."""

    name = name_field(
        N_("Nama usaha"), N_("Tulis nama usaha."), description=N_("Seperti di papan atau kemasan.")
    )
    owner_name = name_field(N_("Nama pemilik"), N_("Tulis nama pemilik, seperti di KTP."))
    phone = PhoneField(N_("Nomor HP usaha"), [Optional()], render_kw=TEL)
    is_phone_public = BooleanField(
        N_("Tampilkan nomor HP di halaman toko"),
        description=N_("Pembeli bisa langsung menghubungi lewat WhatsApp."),
    )
    email = MailField(N_("Surel usaha"), [Optional()], render_kw=MAIL)
    address = TextAreaField(
        N_("Alamat"),
        [Optional(), Length(max=2000)],
        filters=[lines],
        description=N_("Jalan, nomor, RT/RW. Tidak tampil untuk umum."),
    )
    nib = StringField(
        N_("NIB"),
        [Optional(), check(rules.nib_problem)],
        filters=[number_text],
        description=N_("13 angka dari OSS, bila sudah punya."),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 30},
    )
    kbli_code = StringField(
        N_("Kode KBLI"),
        [Optional(), check(rules.kbli_problem)],
        filters=[number_text],
        description=N_("5 angka, ada di NIB. Contoh: 10794 untuk kerupuk dan keripik."),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 10},
    )
    story = TextAreaField(
        N_("Cerita usaha"),
        [Optional(), Length(max=10_000)],
        filters=[lines],
        description=N_("Apa yang Anda buat, sejak kapan, apa yang istimewa. Tampil di halaman toko."),
    )


class SellerRegistrationForm(SellerProfileForm):
    """A new seller: little is needed at first."""

    owner_nik = nik_field()
    region_code = village_field()
    capital_rupiah = RupiahField(
        N_("Modal usaha"), [Optional()], description=N_("Tanpa tanah dan bangunan. Kira-kira sudah cukup.")
    )
    annual_sales_rupiah = RupiahField(N_("Penjualan setahun"), [Optional()])


class PrivateForm(FlaskForm):
    """NPWP and bank account: an empty field keeps what is stored."""

    npwp = StringField(
        N_("NPWP"),
        [Optional(), check(rules.npwp_problem)],
        filters=[number_text],
        description=N_("15 atau 16 angka. Kosongkan bila tidak berubah."),
        render_kw={**PRIVATE, "maxlength": 40},
    )
    bank_name = StringField(N_("Nama bank"), [Optional(), Length(max=100)], filters=[one_line])
    bank_account = StringField(
        N_("Nomor rekening"),
        [Optional(), check(rules.bank_account_problem)],
        filters=[number_text],
        description=N_("Untuk menerima uang penjualan. Kosongkan bila tidak berubah."),
        render_kw={**PRIVATE, "maxlength": 40},
    )
    bank_holder = StringField(
        N_("Atas nama"), [Optional(), Length(max=300)], filters=[one_line], render_kw={"data-no-draft": ""}
    )


class RetailerForm(FlaskForm):
    """A new retailer."""

    name = name_field(
        N_("Nama perusahaan"), N_("Tulis nama perusahaan."), description=N_("Seperti di akta atau NIB.")
    )
    region_code = village_field()
    address = TextAreaField(N_("Alamat"), [Optional(), Length(max=2000)], filters=[lines])
    phone = PhoneField(N_("Telepon"), [Optional()], render_kw=TEL)
    email = MailField(N_("Surel"), [Optional()], render_kw=MAIL)
    nib = StringField(
        N_("NIB"),
        [Optional(), check(rules.nib_problem)],
        filters=[number_text],
        description=N_("13 angka dari OSS."),
        render_kw={"inputmode": "numeric", "maxlength": 30},
    )


class OutletCardForm(FlaskForm):
    """An outlet's card."""

    name = name_field(N_("Nama toko"), N_("Tulis nama toko."), description=N_("Seperti di papan nama."))
    address = TextAreaField(N_("Alamat"), [Optional(), Length(max=2000)], filters=[lines])
    floor_area_m2 = NumberField(N_("Luas lantai jual (m²)"), [Optional()], render_kw={"inputmode": "decimal"})
    stars = SelectField(
        N_("Bintang hotel"),
        choices=[SelectChoice("", N_("Bukan hotel berbintang"))]
        + [SelectChoice(str(n), str(n)) for n in range(1, 6)],
    )
    latitude = NumberField(N_("Lintang"), [Optional()], description=N_("Contoh: -7,566"))
    longitude = NumberField(N_("Bujur"), [Optional()], description=N_("Contoh: 110,816"))

    def validate_floor_area_m2(self, field: Field) -> None:
        """No floor is smaller than nothing."""
        if field.data is not None and field.data < 0:
            raise ValidationError(_("Isi nol atau lebih."))

    def validate_latitude(self, field: Field) -> None:
        """Both or neither, and on this earth."""
        sentence = rules.coordinates_problem(field.data, self.longitude.data)
        if sentence and not self.longitude.errors:
            raise ValidationError(sentence)


class OutletForm(OutletCardForm):
    """A new outlet."""

    kind = SelectField(
        N_("Jenis"), choices=[SelectChoice(kind.value, rules.KIND_LABELS[kind]) for kind in OutletKind]
    )
    region_code = village_field()
    opened_on = DateField(N_("Mulai buka"), [needed(N_("Isi tanggal mulai buka."))])


class ReasonForm(FlaskForm):
    """Only the reason."""

    reason = reason_field()


class DatedForm(FlaskForm):
    """A change that holds from a day on."""

    valid_from = DateField(
        N_("Berlaku mulai"),
        [needed(N_("Isi tanggal mulai berlaku."))],
        description=N_("Hari-hari sebelumnya tetap seperti yang tercatat."),
    )
    reason = TextAreaField(N_("Alasan"), [Optional(), Length(max=2000)], filters=[lines])


class OwnerForm(DatedForm):
    """Another owner."""

    owner_name = name_field(N_("Nama pemilik"), N_("Tulis nama pemilik, seperti di KTP."))
    owner_nik = nik_field()
    reason = reason_field()


class SizeForm(DatedForm):
    """Capital and sales."""

    capital_rupiah = RupiahField(N_("Modal usaha"), [Optional()], description=N_("Tanpa tanah dan bangunan."))
    annual_sales_rupiah = RupiahField(N_("Penjualan setahun"), [Optional()])


class PlaceForm(DatedForm):
    """Another village."""

    region_code = village_field()
    address = TextAreaField(N_("Alamat"), [Optional(), Length(max=2000)], filters=[lines])


class AffiliationForm(DatedForm):
    """Belonging to a retailer's group."""

    affiliated_operator_ref = StringField(
        N_("Kode perusahaan yang memiliki atau menguasai"),
        [Optional(), Length(max=64)],
        filters=[one_line],
        description=N_("Kosongkan bila tidak terafiliasi. Kode ada di daftar perusahaan."),
    )
    reason = reason_field()


class KindForm(DatedForm):
    """Another kind of outlet."""

    kind = SelectField(
        N_("Jenis"), choices=[SelectChoice(kind.value, rules.KIND_LABELS[kind]) for kind in OutletKind]
    )


class OperatorChoiceForm(DatedForm):
    """Another retailer runs the outlet."""

    operator_id = SelectField(N_("Perusahaan"), coerce=int, choices=[])
    reason = reason_field()


class CloseForm(FlaskForm):
    """Closing, opening again or revoking from a day on."""

    day = DateField(N_("Mulai tanggal"), [needed(N_("Isi tanggalnya."))])
    reason = reason_field()


class CoachingForm(FlaskForm):
    """From when until when the office coaches."""

    coached_since = DateField(N_("Dibina sejak"), [Optional()])
    coached_until = DateField(N_("Hari terakhir dibina"), [Optional()])


class ClaimForm(FlaskForm):
    """The NIK by which a record is claimed."""

    owner_nik = StringField(
        N_("NIK Anda"),
        [needed(N_("Tulis NIK Anda.")), check(rules.nik_problem)],
        filters=[number_text],
        description=N_("16 angka di KTP, sama dengan yang dulu diberikan kepada Dinas."),
        render_kw={**PRIVATE, "maxlength": 30},
    )


class InviteForm(FlaskForm):
    """Whom to invite as what."""

    email = MailField(N_("Surel"), [needed(N_("Tulis surel orang yang diundang."))], render_kw=MAIL)
    role = RadioField(N_("Peran"), validators=[needed(N_("Pilih peran."))], choices=[])


class JoinForm(FlaskForm):
    """A new person who takes an invitation."""

    name = name_field(N_("Nama Anda"), N_("Tulis nama Anda."), render_kw={"autocomplete": "name"})
    password = PasswordField(
        N_("Kata sandi"),
        [needed(N_("Buat kata sandi.")), Length(max=200)],
        description=N_("Paling sedikit 8 huruf atau angka."),
        render_kw={"autocomplete": "new-password"},
    )


class EnrolForm(FlaskForm):
    """Somebody at the desk who gets an account."""

    name = name_field(N_("Nama orang"), N_("Tulis nama orang ini."))
    phone = PhoneField(
        N_("Nomor HP"),
        [needed(N_("Tulis nomor HP orang ini."))],
        description=N_("Untuk masuk."),
        render_kw=TEL,
    )


def role_choices(roles: Iterable[Role]) -> list[SelectChoice]:
    """Roles with their words, for a field."""
    return [SelectChoice(role.value, ROLE_LABELS[role]) for role in roles]
