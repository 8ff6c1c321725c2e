"""What people may type into the pages about themselves."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from ..i18n import N_
from .rules import MAX_NAME, MAX_PASSWORD

LANGUAGES = [SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English")]
NEEDED = InputRequired(N_("Isian ini wajib diisi."))


class SignInForm(FlaskForm):
    """Who, and the password."""

    who = StringField(
        N_("Nomor HP atau surel"),
        [InputRequired(N_("Tulis nomor HP atau surel Anda.")), Length(max=320)],
        description=N_("Contoh: 0812 3456 7890"),
    )
    password = PasswordField(N_("Kata sandi"), [InputRequired(N_("Tulis kata sandi Anda."))])
    remember = BooleanField(N_("Tetap masuk di perangkat ini"), default=True)


class CodeForm(FlaskForm):
    """Who, and the code an officer gave."""

    who = StringField(
        N_("Nomor HP atau surel"),
        [InputRequired(N_("Tulis nomor HP atau surel Anda.")), Length(max=320)],
    )
    code = StringField(
        N_("Kode dari petugas"),
        [InputRequired(N_("Tulis kode delapan angka dari petugas.")), Length(max=20)],
        description=N_("Delapan angka. Berlaku 15 menit sejak diberikan."),
    )


class ResetRequestForm(FlaskForm):
    """Who forgot the password."""

    who = StringField(
        N_("Nomor HP atau surel"),
        [InputRequired(N_("Tulis nomor HP atau surel Anda.")), Length(max=320)],
    )


class NewPasswordForm(FlaskForm):
    """A new password by a link."""

    password = PasswordField(
        N_("Kata sandi baru"),
        [InputRequired(N_("Tulis kata sandi baru.")), Length(max=MAX_PASSWORD)],
        description=N_("Paling sedikit 8 huruf atau angka."),
    )


class ChangePasswordForm(FlaskForm):
    """The old password and the new one."""

    current = PasswordField(N_("Kata sandi sekarang"), [NEEDED])
    password = PasswordField(
        N_("Kata sandi baru"),
        [InputRequired(N_("Tulis kata sandi baru.")), Length(max=MAX_PASSWORD)],
        description=N_("Paling sedikit 8 huruf atau angka."),
    )


class ProfileForm(FlaskForm):
    """One's own data."""

    name = StringField(N_("Nama"), [InputRequired(N_("Tulis nama Anda.")), Length(max=MAX_NAME)])
    phone = StringField(
        N_("Nomor HP"), [Optional(), Length(max=40)], description=N_("Contoh: 0812 3456 7890. Untuk masuk.")
    )
    email = StringField(
        N_("Surel"),
        [Optional(), Length(max=320)],
        description=N_("Untuk masuk dan untuk mengatur ulang kata sandi."),
    )
    locale = RadioField(N_("Bahasa"), choices=LANGUAGES)
    password = PasswordField(
        N_("Kata sandi sekarang"),
        [Optional()],
        description=N_("Hanya bila Anda mengganti nomor HP atau surel."),
    )


class TokenForm(FlaskForm):
    """The name of a new token."""

    name = StringField(
        N_("Nama token"),
        [InputRequired(N_("Beri token ini nama.")), Length(max=100)],
        description=N_("Nama program yang memakainya, misalnya Kasir cabang Laweyan."),
    )
