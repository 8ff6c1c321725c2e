"""What a seller may write about a certificate, and an office about its criteria."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from ...i18n import N_, _
from ...texts import one_line
from ..models import Certificate, CriterionScope
from ..rules import papers
from ..services.certificates import CertificateValues

WHOLE_BUSINESS = "0"
SCOPE_LABELS = {
    CriterionScope.ALL: N_("Semua produk"),
    CriterionScope.FOOD: N_("Makanan dan minuman"),
    CriterionScope.NON_FOOD: N_("Selain makanan"),
}
KIND_CHOICES = {
    "halal": N_("Sertifikat halal"),
    "pirt": "P-IRT",
    "bpom": "BPOM (MD, TR, NA)",
    "sni": "SNI",
    "trademark": N_("Merek terdaftar"),
    "other": N_("Sertifikat lain"),
}


class CertificateForm(FlaskForm):
    """A paper, its dates, and a photo or PDF of it."""

    kind = SelectField(N_("Jenis sertifikat"), validators=[InputRequired(N_("Pilih jenis sertifikat."))])
    name = StringField(
        N_("Nama sertifikat"),
        filters=[one_line],
        validators=[Length(max=120, message=N_("Nama paling panjang 120 huruf."))],
    )
    product_id = SelectField(N_("Untuk"), validators=[InputRequired(N_("Pilih produk dari daftar."))])
    number = StringField(
        N_("Nomor"),
        filters=[one_line],
        validators=[
            DataRequired(N_("Tulis nomornya seperti di sertifikat.")),
            Length(max=papers.MAX_NUMBER_LENGTH, message=N_("Nomor paling panjang 64 huruf.")),
        ],
    )
    issued_on = DateField(N_("Tanggal terbit"), validators=[Optional()])
    expires_on = DateField(N_("Berlaku sampai"), validators=[Optional()])
    file = FileField(N_("Foto atau PDF sertifikat"))

    def offer(self, products: list[tuple[int, str]]) -> CertificateForm:
        """Let the seller choose among his products."""
        self.kind.choices = [SelectChoice(key, str(label)) for key, label in KIND_CHOICES.items()]
        self.product_id.choices = [
            SelectChoice(WHOLE_BUSINESS, _("Semua produk usaha ini")),
            *(SelectChoice(str(one), name or _("Tanpa nama")) for one, name in products),
        ]
        return self

    def values(self) -> CertificateValues:
        """What was written, as the service takes it."""
        product = self.product_id.data
        return CertificateValues(
            kind=self.kind.data,
            name=self.name.data or "",
            number=self.number.data or "",
            product_id=None if product == WHOLE_BUSINESS else int(product),
            issued_on=self.issued_on.data,
            expires_on=self.expires_on.data,
        )

    def content(self) -> bytes | None:
        """The file that was chosen; None without one."""
        chosen: Any = self.file.data
        return chosen.read() or None if isinstance(chosen, FileStorage) and chosen.filename else None

    def take_refusals(self, fields: dict[str, str]) -> None:
        """Show the service's sentences at their fields."""
        for name, sentence in fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, sentence]


def filled(certificate: Certificate) -> dict[str, Any]:
    """What a form shows of a stored certificate."""
    return {
        "kind": certificate.kind,
        "name": certificate.name,
        "number": certificate.number,
        "product_id": str(certificate.product_id or WHOLE_BUSINESS),
        "issued_on": certificate.issued_on,
        "expires_on": certificate.expires_on,
    }


class CriterionForm(FlaskForm):
    """One thing the office looks at."""

    label = StringField(
        N_("Kriteria"),
        filters=[one_line],
        validators=[
            DataRequired(N_("Tulis kriterianya dalam satu kalimat.")),
            Length(max=200, message=N_("Paling panjang 200 huruf.")),
        ],
    )
    label_en = StringField(
        N_("Dalam bahasa Inggris"),
        filters=[one_line],
        validators=[Length(max=200, message=N_("Paling panjang 200 huruf."))],
    )
    scope = SelectField(N_("Berlaku untuk"))
    is_essential = BooleanField(N_("Wajib terpenuhi"))
    is_active = BooleanField(N_("Dipakai"), default=True)
    position = IntegerField(
        N_("Urutan"),
        default=100,
        validators=[
            InputRequired(N_("Tulis angka.")),
            NumberRange(0, 10_000, message=N_("Tulis angka dari 0 sampai 10.000.")),
        ],
    )

    def offer(self) -> CriterionForm:
        """Let the office choose what it is for."""
        self.scope.choices = [SelectChoice(scope.value, str(label)) for scope, label in SCOPE_LABELS.items()]
        return self


class CurationSettingsForm(FlaskForm):
    """The office's numbers."""

    others_food = IntegerField(
        N_("Kriteria lain untuk makanan dan minuman"),
        validators=[
            InputRequired(N_("Tulis angka.")),
            NumberRange(0, 50, message=N_("Tulis angka dari 0 sampai 50.")),
        ],
    )
    others_non_food = IntegerField(
        N_("Kriteria lain untuk produk selain makanan"),
        validators=[
            InputRequired(N_("Tulis angka.")),
            NumberRange(0, 50, message=N_("Tulis angka dari 0 sampai 50.")),
        ],
    )
    price_limit_percent = IntegerField(
        N_("Batas perubahan harga"),
        validators=[
            InputRequired(N_("Tulis angka.")),
            NumberRange(0, 1000, message=N_("Tulis angka dari 0 sampai 1.000.")),
        ],
    )
