"""What may come in from the pages of payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
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
from .rules import MAX_RUPIAH, MAX_TEXT

METHODS = {
    PaymentMethod.BANK_TRANSFER: N_("Transfer bank"),
    PaymentMethod.CASH: N_("Tunai"),
}
"""How a store pays by hand; a provider reports its payments itself."""


def take_refusals(form: FlaskForm, fields: Mapping[str, str], otherwise: str) -> None:
    """Put a service's sentences beside the fields they speak of, those of no field beside `otherwise`."""
    for name, sentence in fields.items():
        field: Field = form[name if name in form else otherwise]
        field.errors = [*field.errors, sentence]


def sent_file(field: FileField) -> bytes | None:
    """What was sent with a form; None when nothing was."""
    return (field.data.read() or None) if field.data else None


def _amount(label: str) -> WholeField:
    return WholeField(label, most=MAX_RUPIAH, validators=[InputRequired(N_("Tulis jumlahnya."))])


def _reference() -> StringField:
    return StringField(
        N_("Nomor atau keterangan transfer"),
        filters=[one_line],
        validators=[Length(max=MAX_TEXT, message=N_("Paling panjang 200 huruf."))],
    )


def _day(label: str) -> DateField:
    return DateField(label, validators=[DataRequired(N_("Tulis tanggal, misalnya 1 Desember 2026."))])


class KeyedForm(FlaskForm):
    """What is recorded once, however often it is sent, by the key that its page was given."""

    key = HiddenField()

    @property
    def idempotency_key(self) -> str:
        """The key, which can be none of those that programs and bank lines have; empty without one."""
        key = one_line(self.key.data)[:80]
        return f"form:{key}" if key else ""


class PaidForm(KeyedForm):
    """Somebody says how much was paid of some bills."""

    bills = HiddenField()
    amount_rupiah = _amount(N_("Jumlah yang dibayar"))


class PaymentForm(PaidForm):
    """A store says what it paid, and how."""

    method = RadioField(N_("Cara bayar"), validators=[DataRequired(N_("Pilih cara bayar."))])
    paid_on = _day(N_("Hari bayar"))
    reference = _reference()
    file = FileField(N_("Bukti"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method.choices = [(method.value, str(label)) for method, label in METHODS.items()]


class PayoutForm(KeyedForm):
    """The platform's people say what they sent to a seller."""

    amount_rupiah = _amount(N_("Jumlah yang dikirim"))
    paid_on = _day(N_("Hari kirim"))
    reference = _reference()


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


class ReleaseForm(WhyForm):
    """The platform's people take a QRIS code away from who entered somebody else's."""

    nmid = StringField(
        N_("Nomor usaha (NMID)"),
        filters=[lambda text: one_line(text).upper()],
        validators=[DataRequired(N_("Tulis nomornya: ID dan 13 angka, seperti di bawah kode QRIS."))],
    )


def bill_ids(text: str | None) -> tuple[int, ...]:
    """The bills named in an address or a form; what cannot be read is left out."""
    words = (text or "").split(",")[:500]
    return tuple(dict.fromkeys(int(word) for word in words if word.isdecimal() and len(word) < 19))
