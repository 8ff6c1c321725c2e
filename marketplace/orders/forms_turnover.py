"""Forms of what a seller says of its turnover and its tax."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import FileField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from .. import clock
from ..catalog.forms.fields import WholeField
from ..i18n import N_, format_month
from ..texts import one_line
from .rules.turnover import MAX_RUPIAH

WRITE_A_DAY = N_("Tulis tanggal, misalnya 1 Desember 2026.")


class OtherSalesForm(FlaskForm):
    """What was sold elsewhere in one month."""

    month = SelectField(N_("Bulan"), validators=[DataRequired(N_("Pilih bulannya."))])
    channel = StringField(
        N_("Dijual di mana"),
        filters=[one_line],
        validators=[
            DataRequired(N_("Tulis di mana terjualnya, misalnya pasar pagi atau Tokopedia.")),
            Length(max=120, message=N_("Paling panjang 120 huruf.")),
        ],
        description=N_("Misalnya pasar pagi, pesanan tetangga, atau nama marketplace lain."),
    )
    amount_rupiah = WholeField(
        N_("Jumlah penjualan kotor"),
        least=1,
        most=MAX_RUPIAH,
        needed=True,
        validators=[InputRequired(N_("Tulis jumlahnya."))],
    )
    note = StringField(N_("Catatan"), filters=[one_line], validators=[Length(max=1000)])

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        last = today.month if year == today.year else 12
        days = [date(year, month, 1) for month in range(last, 0, -1)]
        self.month.choices = [(day.isoformat(), format_month(day)) for day in days]

    @property
    def first_day(self) -> date:
        """The first day of the month that was chosen."""
        return date.fromisoformat(self.month.data)


class StatementForm(FlaskForm):
    """A signed statement on a year's turnover."""

    year = IntegerField(widget=HiddenInput())
    kind = RadioField(
        N_("Isi surat"),
        choices=[
            SelectChoice("below", N_("Omzet tidak lebih dari Rp500 juta")),
            SelectChoice("passed", N_("Omzet sudah lewat Rp500 juta")),
        ],
        validators=[DataRequired(N_("Pilih isi suratnya."))],
    )
    signed_on = DateField(N_("Ditandatangani pada"), validators=[DataRequired(WRITE_A_DAY)])
    file = FileField(N_("Foto atau PDF surat"))


class PkpForm(FlaskForm):
    """Whether a business is PKP from a day on."""

    is_pkp = RadioField(
        N_("Usaha ini"),
        choices=[SelectChoice("yes", N_("Pengusaha Kena Pajak (PKP)")), SelectChoice("no", N_("Bukan PKP"))],
        validators=[DataRequired(N_("Pilih salah satu."))],
    )
    valid_from = DateField(N_("Berlaku mulai"), validators=[DataRequired(WRITE_A_DAY)])
    reference = StringField(
        N_("Nomor surat pengukuhan"),
        filters=[one_line],
        validators=[Length(max=100, message=N_("Paling panjang 100 huruf."))],
        description=N_("Wajib bila PKP."),
    )
