"""What people may type about a seller."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from ...i18n import N_
from ...texts import lines, one_line
from .. import rules
from .fields import (
    MAIL,
    PRIVATE,
    TEL,
    MailField,
    PhoneField,
    RupiahField,
    check,
    name_field,
    nik_field,
    number_text,
    village_field,
)


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


class CoachingForm(FlaskForm):
    """From when until when the office coaches."""

    coached_since = DateField(N_("Dibina sejak"), [Optional()])
    coached_until = DateField(N_("Hari terakhir dibina"), [Optional()])
