"""What may come in from the page of one line of a settlement."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import Field, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from ...catalog.forms import WholeField
from ...i18n import N_
from ...payments.rules import MAX_RUPIAH


class DisputeForm(FlaskForm):
    """A line that the seller does not accept."""

    claimed_rupiah = WholeField(
        N_("Seharusnya Anda terima untuk baris ini"),
        most=MAX_RUPIAH,
        validators=[InputRequired(N_("Tulis jumlahnya; 0 bila baris ini seharusnya tidak ada."))],
    )
    reason = TextAreaField(
        N_("Apa yang keliru?"),
        filters=[lambda text: (text or "").strip()],
        validators=[
            DataRequired(N_("Tulis apa yang keliru, supaya toko tahu apa yang perlu diperiksa.")),
            Length(max=2000, message=N_("Alasan paling panjang 2.000 huruf.")),
        ],
    )

    def take_refusals(self, fields: Mapping[str, str]) -> None:
        """Put the service's sentences beside the fields they speak of."""
        for name, sentence in fields.items():
            field: Field = self[name if name in self else "claimed_rupiah"]
            field.errors = [*field.errors, sentence]
