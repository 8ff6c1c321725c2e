"""What may come in from the pages of agreements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from ..catalog.forms import WholeField
from ..i18n import N_, _
from ..texts import lines, one_line
from .models import Basis
from .offers import Offer
from .services.proposals import MAX_TEXT

REPLY_DAYS = 7
START_DAYS = 7
_A_DAY = N_("Tulis tanggal, misalnya 1 Desember 2026.")


class PercentField(Field):
    """A percentage as Indonesians type it: 15, 12,5. Empty is None."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data.normalize():f}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; a sentence says what to write instead."""
        text = one_line(valuelist[0]).replace("%", "").replace(" ", "") if valuelist else ""
        self.data: Decimal | None = None
        if not text:
            return
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise ValueError(_("Tulis persen dengan angka, misalnya 15 atau 12,5.")) from None
        if not (text.isascii() and number.is_finite() and 0 <= number <= 100 and number == round(number, 2)):
            raise ValueError(_("Komisi dari 0 sampai 100 persen, paling banyak dua angka di belakang koma."))
        self.data = number


class DayField(DateField):
    """A day; what cannot be read gets one sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read YYYY-MM-DD."""
        try:
            super().process_formdata([one_line(valuelist[0])[:10]] if valuelist else valuelist)
        except ValueError:
            self.data = None
            raise ValueError(str(_A_DAY)) from None


class OfferForm(FlaskForm):
    """A proposal: which outlet, which goods, from when, on what terms."""

    outlet_id = SelectField(N_("Untuk toko"), coerce=int, validate_choice=False)
    seller_id = HiddenField()
    product_ids = SelectMultipleField(
        N_("Produk yang dititipkan"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    basis = SelectField(
        N_("Cara jual"),
        choices=[
            SelectChoice(Basis.CONSIGNMENT.value, N_("Titip jual")),
            SelectChoice(Basis.OUTRIGHT.value, N_("Beli putus")),
        ],
        default=Basis.CONSIGNMENT.value,
        validate_choice=True,
    )
    starts_on = DayField(N_("Hari pertama"), validators=[DataRequired(_A_DAY)])
    ends_on = DayField(N_("Hari terakhir"), validators=[Optional()])
    commission_percent = PercentField(N_("Komisi toko"))
    settlement_days = WholeField(N_("Toko membayar dalam"), least=0, most=366)
    terms = TextAreaField(
        N_("Syarat lain"),
        filters=[lines],
        validators=[Length(max=MAX_TEXT, message=N_("Syarat paling panjang 10.000 huruf."))],
    )
    reply_by = DayField(N_("Dijawab paling lambat"), validators=[DataRequired(_A_DAY)])

    def let_choose(self, outlets: Mapping[int, str], products: Mapping[int, str]) -> None:
        """Which outlets and products stand on the form, by id."""
        self.outlet_id.choices = [SelectChoice(str(key), name) for key, name in outlets.items()]
        self.product_ids.choices = [SelectChoice(str(key), name) for key, name in products.items()]

    def offer(self, seller_id: int) -> Offer:
        """What was typed, as the services take it; call it once the form is valid."""
        assert self.starts_on.data is not None
        assert self.reply_by.data is not None
        return Offer(
            outlet_id=self.outlet_id.data,
            seller_id=seller_id,
            basis=Basis(self.basis.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            commission_percent=self.commission_percent.data,
            settlement_days=self.settlement_days.data,
            terms=self.terms.data or "",
            reply_by=self.reply_by.data,
            product_ids=tuple(self.product_ids.data or ()),
        )


def defaults(today: date) -> dict[str, Any]:
    """A proposal that most people would make: in a week, answered within a week."""
    return {
        "starts_on": today + timedelta(days=START_DAYS),
        "reply_by": today + timedelta(days=REPLY_DAYS),
        "commission_percent": None,
        "settlement_days": None,
    }


class ReasonForm(FlaskForm):
    """An act that is explained to the other side."""

    reason = TextAreaField(
        N_("Alasan"),
        filters=[lines],
        validators=[Length(max=1000, message=N_("Alasan paling panjang 1.000 huruf."))],
    )


class NeededReasonForm(ReasonForm):
    """An act that must be explained."""

    reason = TextAreaField(
        N_("Alasan"),
        filters=[lines],
        validators=[
            DataRequired(N_("Tulis alasannya, supaya pihak lain tahu apa yang perlu diubah.")),
            Length(max=1000, message=N_("Alasan paling panjang 1.000 huruf.")),
        ],
    )


class SuspendForm(NeededReasonForm):
    """Days without the agreement, for a while."""

    first_day = DayField(N_("Mulai hari"), validators=[DataRequired(_A_DAY)])
    last_day = DayField(N_("Sampai hari"), validators=[Optional()])


class TerminateForm(NeededReasonForm):
    """The first day without the agreement, for good."""

    terminated_on = DayField(N_("Hari pertama tanpa perjanjian"), validators=[DataRequired(_A_DAY)])


def take_refusals(form: FlaskForm, fields: Mapping[str, str]) -> None:
    """Show the services' sentences at their fields."""
    for name, sentence in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
