"""What people may type about retailers and their outlets."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, Optional, ValidationError

from ...i18n import N_, _
from ...texts import lines
from .. import rules
from ..models import OutletKind
from .fields import (
    MAIL,
    TEL,
    MailField,
    NumberField,
    PhoneField,
    check,
    name_field,
    needed,
    number_text,
    village_field,
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
