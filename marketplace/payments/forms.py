"""What may come in from the pages of payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField as UploadField
from flask_wtf.file import FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.fields import FileField
from wtforms.validators import DataRequired, InputRequired, Length

from ..catalog.forms import WholeField
from ..i18n import N_
from ..texts import one_line
from .models import PaymentMethod
from .rules import MAX_TEXT

METHODS = {
    PaymentMethod.BANK_TRANSFER: N_("Transfer bank"),
    PaymentMethod.CASH: N_("Tunai"),
}
"""How a store pays by hand; a provider reports its payments itself."""


class PaymentForm(FlaskForm):
    """A store says what it paid."""

    key = HiddenField()
    bills = HiddenField()
    amount_rupiah = WholeField(N_("Jumlah yang dibayar"), validators=[InputRequired(N_("Tulis jumlahnya."))])
    method = RadioField(N_("Cara bayar"), validators=[DataRequired(N_("Pilih cara bayar."))])
    paid_on = DateField(
        N_("Hari bayar"), validators=[DataRequired(N_("Tulis tanggal, misalnya 1 Desember 2026."))]
    )
    reference = StringField(
        N_("Nomor atau keterangan transfer"),
        filters=[one_line],
        validators=[Length(max=MAX_TEXT, message=N_("Paling panjang 200 huruf."))],
    )
    file = FileField(N_("Bukti"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method.choices = [(method.value, str(label)) for method, label in METHODS.items()]

    def content(self) -> bytes | None:
        """The proof that was sent; None when none was."""
        sent = self.file.data
        return (sent.read() or None) if sent else None

    def take_refusals(self, fields: Mapping[str, str]) -> None:
        """Put a service's sentences beside the fields they speak of."""
        for name, sentence in fields.items():
            field: Field = self[name if name in self else "amount_rupiah"]
            field.errors = [*field.errors, sentence]


class RefundForm(FlaskForm):
    """A seller says how it sent money back."""

    method = RadioField(N_("Cara mengembalikan"), validators=[DataRequired(N_("Pilih caranya."))])
    file = FileField(N_("Bukti"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method.choices = [(method.value, str(label)) for method, label in METHODS.items()]


class QrisForm(FlaskForm):
    """A seller enters its own QRIS code: its text, or a photo of it."""

    version = IntegerField(N_("Versi"), default=0)
    file = FileField(N_("Foto QRIS Anda"))
    payload = TextAreaField(N_("Atau isi kodenya"))
    is_own = BooleanField(N_("QRIS ini milik usaha saya"))

    def take_refusals(self, fields: Mapping[str, str]) -> None:
        """Put a service's sentences beside the fields they speak of."""
        for name, sentence in fields.items():
            field: Field = self[name if name in self else "payload"]
            field.errors = [*field.errors, sentence]


class QrisPaidForm(FlaskForm):
    """A buyer says that it paid by the code it was shown."""

    key = HiddenField()
    bills = HiddenField()
    amount_rupiah = WholeField(N_("Jumlah yang dibayar"), validators=[InputRequired(N_("Tulis jumlahnya."))])


class StatementForm(FlaskForm):
    """One file of a bank."""

    file = UploadField(N_("Berkas mutasi"), validators=[FileRequired(N_("Pilih berkasnya."))])


class WhyForm(FlaskForm):
    """Why not."""

    reason = TextAreaField(
        N_("Alasan"),
        filters=[lambda text: (text or "").strip()],
        validators=[
            DataRequired(N_("Tulis alasannya, supaya pihak lain tahu apa yang perlu diperiksa.")),
            Length(max=2000, message=N_("Alasan paling panjang 2.000 huruf.")),
        ],
    )


def bill_ids(text: str | None) -> tuple[int, ...]:
    """The bills named in an address or a form; what cannot be read is left out."""
    words = (text or "").split(",")[:500]
    return tuple(dict.fromkeys(int(word) for word in words if word.isdecimal() and len(word) < 19))


class PayoutForm(FlaskForm):
    """The platform's people say what they sent to a seller."""

    key = HiddenField()
    amount_rupiah = WholeField(N_("Jumlah yang dikirim"), validators=[InputRequired(N_("Tulis jumlahnya."))])
    paid_on = DateField(
        N_("Hari kirim"), validators=[DataRequired(N_("Tulis tanggal, misalnya 1 Desember 2026."))]
    )
    reference = StringField(
        N_("Nomor atau keterangan transfer"),
        filters=[one_line],
        validators=[Length(max=MAX_TEXT, message=N_("Paling panjang 200 huruf."))],
    )

    def take_refusals(self, fields: Mapping[str, str]) -> None:
        """Put a service's sentences beside the fields they speak of."""
        for name, sentence in fields.items():
            field: Field = self[name if name in self else "amount_rupiah"]
            field.errors = [*field.errors, sentence]
