"""What people may type about themselves and those they invite."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, Optional, ValidationError

from ...i18n import N_, _
from ...permissions import ROLE_LABELS, Role
from .. import rules
from .fields import MAIL, PRIVATE, TEL, MailField, PhoneField, check, name_field, needed, number_text


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
