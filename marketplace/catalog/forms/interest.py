"""What a buyer writes when asking for a sample."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length

from ...i18n import N_, _
from ...texts import lines
from .fields import WholeField


class SampleForm(FlaskForm):
    """How many, where to, and what is to be tried."""

    quantity = WholeField(N_("Jumlah contoh"), least=1, most=100, needed=True)
    outlet_id = SelectField(N_("Kirim ke"), validate_choice=False)
    note = TextAreaField(
        N_("Pesan untuk pembuatnya"),
        filters=[lines],
        validators=[Length(max=1000, message=N_("Pesan paling panjang 1.000 huruf."))],
    )

    def let_choose(self, outlets: Mapping[int, str]) -> None:
        """The buyer's own outlets, by id; or wherever the two agree."""
        self.outlet_id.choices = [
            SelectChoice("", _("Diatur lewat pesan")),
            *(SelectChoice(str(key), name) for key, name in outlets.items()),
        ]
        if self.quantity.data is None and not self.is_submitted():
            self.quantity.data = 1

    @property
    def chosen_outlet(self) -> int | None:
        """The outlet that was chosen, if one was."""
        text = self.outlet_id.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

    def take_refusals(self, fields: dict[str, str]) -> None:
        """Show the services' sentences at their fields."""
        for name, sentence in fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, sentence]
