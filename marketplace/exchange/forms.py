"""What the upload page may send."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from ..i18n import N_
from ..importing import Kind
from ..importing.layout import MAX_PREFIX


class UploadForm(FlaskForm):
    """A file, what is in it, and a prefix for its references."""

    kind = SelectField(N_("Isi berkas"), validators=[DataRequired(N_("Pilih isi berkasnya."))])
    file = FileField(N_("Berkas XLSX atau CSV"), validators=[FileRequired(N_("Pilih berkasnya."))])
    prefix = StringField(
        N_("Awalan kode"),
        validators=[
            Length(max=MAX_PREFIX, message=N_("Paling panjang 32 karakter.")),
            Regexp(r"\S*\Z", message=N_("Tanpa spasi.")),
        ],
        filters=[lambda text: text.strip() if text else ""],
    )

    def offer(self, kinds: list[Kind]) -> None:
        """Fill the choices."""
        choices: list[Any] = [("", N_("Pilih salah satu"))]
        self.kind.choices = choices + [(kind.name, kind.label) for kind in kinds]
