"""What people may type about a dated fact: the day it holds from, and why."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, Optional

from ...i18n import N_
from ...texts import lines, one_line
from .. import rules
from ..models import OutletKind
from .fields import RupiahField, name_field, needed, nik_field, reason_field, village_field


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
