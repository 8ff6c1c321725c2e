"""What may come in from the pages of agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from ..catalog.forms import WholeField
from ..i18n import N_, _
from ..texts import lines, one_line
from .models import Basis, Bearer, CommissionBasis, SettlementCycle
from .offers import Draft, Good
from .rules import Terms
from .rules.drafts import MAX_DAYS, MAX_PLACE, MAX_RUPIAH, MAX_TEXT
from .rules.fees import FEE_LABELS, FeeKind
from .rules.terms import AnnexPrice, Fee
from .wording import BASES, BEARERS, COMMISSIONS, CYCLES

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


class ManyField(SelectMultipleField):
    """Some of many, as checkboxes; ids that were not offered are left out."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, coerce=_as_id, validate_choice=False, **options)

    def offer(self, names: Mapping[int, str]) -> None:
        """What can be chosen, by id; what else was sent does not count."""
        self.choices = [SelectChoice(str(key), name) for key, name in names.items()]
        self.data = [key for key in self.data or [] if key in names]


def _as_id(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(key.value, label) for key, label in words.items()]


def _days_field(label: Any, least: int = 0) -> WholeField:
    return WholeField(label, least=least, most=MAX_DAYS)


class TermsForm(FlaskForm):
    """Terms as one side would have them: goods and prices, the store's share, days and duties."""

    product_ids = ManyField(N_("Produk"), validators=[DataRequired(N_("Pilih paling sedikit satu produk."))])
    basis = RadioField(N_("Cara jual"), choices=_choices(BASES), default=Basis.CONSIGNMENT.value)
    commission_basis = RadioField(
        N_("Bagian toko"), choices=_choices(COMMISSIONS), default=CommissionBasis.PERCENT_OF_RETAIL.value
    )
    commission_percent = PercentField(N_("Komisi dalam persen"))
    commission_rupiah = WholeField(N_("Komisi tiap satuan"), least=0, most=MAX_RUPIAH)
    starts_on = DayField(N_("Hari pertama"), validators=[Optional()])
    ends_on = DayField(N_("Hari terakhir"), validators=[Optional()])
    valid_from = DayField(N_("Perubahan berlaku mulai"), validators=[Optional()])
    settlement_cycle = SelectField(
        N_("Penjualan dihitung"), choices=_choices(CYCLES), default=SettlementCycle.MONTHLY.value
    )
    due_days = _days_field(N_("Toko membayar paling lama"))
    report_cycle_days = _days_field(N_("Toko melapor penjualan tiap"), least=1)
    loss_borne_by = RadioField(
        N_("Barang hilang atau rusak di toko ditanggung"),
        choices=_choices(BEARERS),
        default=Bearer.OUTLET.value,
    )
    expiry_borne_by = RadioField(
        N_("Barang kedaluwarsa ditanggung"), choices=_choices(BEARERS), default=Bearer.SELLER.value
    )
    min_life_days = _days_field(N_("Sisa umur simpan saat diantar, paling sedikit"))
    return_window_days = _days_field(N_("Barang boleh dikembalikan dalam"))
    price_notice_days = _days_field(N_("Perubahan harga diberitahukan"))
    end_notice_days = _days_field(N_("Pengakhiran diberitahukan"))
    display_place = StringField(
        N_("Tempat pajang"),
        filters=[one_line],
        validators=[Length(max=MAX_PLACE, message=N_("Tempat pajang paling panjang 200 huruf."))],
    )
    fee_listing = WholeField(FEE_LABELS[FeeKind.LISTING], most=MAX_RUPIAH)
    fee_promotion = WholeField(FEE_LABELS[FeeKind.PROMOTION], most=MAX_RUPIAH)
    fee_logistics = WholeField(FEE_LABELS[FeeKind.LOGISTICS], most=MAX_RUPIAH)
    fee_other = WholeField(FEE_LABELS[FeeKind.OTHER], most=MAX_RUPIAH)
    terms = TextAreaField(
        N_("Syarat lain"),
        filters=[lines],
        validators=[Length(max=MAX_TEXT, message=N_("Syarat paling panjang 10.000 huruf."))],
    )
    reply_by = DayField(N_("Dijawab paling lambat"), validators=[DataRequired(_A_DAY)])

    def retail(self, product_id: int) -> WholeField:
        """The field of a product's retail price."""
        field: WholeField = self[f"retail-{product_id}"]
        return field

    def net(self, product_id: int) -> WholeField:
        """The field of what the maker gets for a unit of a product."""
        field: WholeField = self[f"net-{product_id}"]
        return field

    def goods(self) -> tuple[Good, ...]:
        """The chosen products with the prices that were typed."""
        return tuple(
            Good(product_id, self.retail(product_id).data, self.net(product_id).data)
            for product_id in self.product_ids.data or ()
        )

    def draft(self) -> Draft:
        """What was typed, as the services take it; call it once the form is valid."""
        basis, share = Basis(self.basis.data), CommissionBasis(self.commission_basis.data)
        if basis is Basis.OUTRIGHT:
            share = CommissionBasis.NONE
        by_percent, by_unit = (
            share is CommissionBasis.PERCENT_OF_RETAIL,
            share is CommissionBasis.FIXED_PER_UNIT,
        )
        kept = {name: getattr(self, name).data for name in ("min_life_days", "return_window_days", "ends_on")}
        numbers = {
            name: getattr(self, name).data
            for name in ("due_days", "report_cycle_days", "price_notice_days", "end_notice_days")
            if getattr(self, name).data is not None
        }
        return Draft(
            starts_on=self.starts_on.data or date.min,
            reply_by=self.reply_by.data or date.min,
            valid_from=self.valid_from.data,
            goods=self.goods(),
            basis=basis,
            commission_basis=share,
            commission_percent=self.commission_percent.data if by_percent else None,
            commission_rupiah=self.commission_rupiah.data if by_unit else None,
            loss_borne_by=Bearer(self.loss_borne_by.data),
            expiry_borne_by=Bearer(self.expiry_borne_by.data),
            settlement_cycle=SettlementCycle(self.settlement_cycle.data),
            display_place=self.display_place.data or "",
            fees=self.fees(),
            terms=self.terms.data or "",
            **kept,
            **numbers,
        )

    def fees(self) -> tuple[Fee, ...]:
        """The fees that were typed."""
        typed = ((kind, self[f"fee_{kind.value}"].data) for kind in FeeKind)
        return tuple(Fee(kind.value, "", rupiah) for kind, rupiah in typed if rupiah)


class ProposalForm(TermsForm):
    """Terms for one or several outlets and sellers."""

    outlet_ids = ManyField(N_("Untuk toko"), validators=[DataRequired(N_("Pilih paling sedikit satu toko."))])


STEPS: tuple[tuple[str, ...], ...] = (
    ("outlet_ids", "product_ids"),
    ("basis", "commission_basis", "commission_percent", "commission_rupiah"),
    (),
)
"""Which fields stand on which step of a proposal; prices stand with the share, all others come last."""


def step_of(name: str) -> int:
    """The step, from 1, on which a field stands."""
    if name.startswith(("retail-", "net-")):
        return 2
    return next((number for number, names in enumerate(STEPS, start=1) if name in names), len(STEPS))


def with_prices(form: type[TermsForm], product_ids: Sequence[int]) -> type[Any]:
    """The same form with two price fields for each product."""
    fields: dict[str, Any] = {}
    for product_id in product_ids:
        fields[f"retail-{product_id}"] = WholeField(N_("Harga jual"), least=1, most=MAX_RUPIAH)
        fields[f"net-{product_id}"] = WholeField(N_("Diterima UMKM"), least=1, most=MAX_RUPIAH)
    return type(form.__name__, (form,), fields)


def price_defaults(
    prices: Mapping[int, AnnexPrice], catalogue: Mapping[int, AnnexPrice]
) -> dict[str, int | None]:
    """The prices that stand in the form at first: those agreed on, else the catalogue's."""
    found: dict[str, int | None] = {}
    for product_id, usual in catalogue.items():
        known = prices.get(product_id, usual)
        found[f"retail-{product_id}"] = known.retail_rupiah
        found[f"net-{product_id}"] = known.net_rupiah or usual.net_rupiah
    return found


def defaults(today: date) -> dict[str, Any]:
    """A proposal that most people would make: in a week, answered within a week."""
    return {
        "starts_on": today + timedelta(days=START_DAYS),
        "reply_by": today + timedelta(days=REPLY_DAYS),
        "due_days": 14,
        "report_cycle_days": 7,
        "price_notice_days": 30,
        "end_notice_days": 14,
    }


def filled_from(terms: Terms) -> dict[str, Any]:
    """The form's values for terms that are known."""
    names = (
        "commission_percent", "commission_rupiah", "starts_on", "ends_on", "due_days", "report_cycle_days",
        "min_life_days", "return_window_days", "price_notice_days", "end_notice_days", "display_place",
    )  # fmt: skip
    choices = ("basis", "commission_basis", "settlement_cycle", "loss_borne_by", "expiry_borne_by")
    return {
        **{name: getattr(terms, name) for name in names},
        **{name: getattr(terms, name).value for name in choices},
        **{f"fee_{fee.kind}": fee.rupiah for fee in terms.fees},
        "terms": terms.other_terms,
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


class ReplacementForm(NeededReasonForm):
    """Why a store would part with a seller that counts, and with whom it would go on."""

    instead = StringField(
        N_("Penggantinya"),
        filters=[one_line],
        validators=[Length(max=300, message=N_("Paling panjang 300 huruf."))],
    )
    wanted_on = DayField(N_("Ingin diakhiri mulai"), validators=[Optional()])


class FeeReportForm(FlaskForm):
    """A fee that a store asked for: how much, when, and how it came about."""

    amount_rupiah = WholeField(N_("Jumlah yang diminta"), least=1, most=MAX_RUPIAH)
    asked_on = DayField(N_("Diminta pada hari"), validators=[DataRequired(_A_DAY)])
    body = TextAreaField(N_("Apa yang terjadi"), filters=[lines])


class AnswerForm(FlaskForm):
    """The office's answer to what a seller told."""

    answer = TextAreaField(N_("Jawaban Dinas"), filters=[lines])


def take_refusals(form: FlaskForm, fields: Mapping[str, str]) -> None:
    """Show the services' sentences at their fields; one without a field stands on top."""
    for name, sentence in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)
