"""What may come in from the pages of webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from ..i18n import N_, _, format_moment
from .topics import topics


class EndpointForm(FlaskForm):
    """An address and what it is told."""

    url = StringField(
        N_("Alamat program Anda"),
        description=N_(
            "Diawali https:// dan bisa dijangkau dari internet. Tanyakan kepada pembuat programnya."
        ),
    )
    topics = SelectMultipleField(
        N_("Kabar yang dikirim"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics.choices = [(topic.name, str(topic.label)) for topic in topics().values()]

    def take_refusals(self, fields: Mapping[str, str]) -> None:
        """Put a service's sentences beside the fields they speak of."""
        for name, sentence in fields.items():
            field: Field = self[name if name in self else "url"]
            field.errors = [*field.errors, sentence]


class RotateForm(FlaskForm):
    """When the secret before ends."""

    when = RadioField(N_("Kunci yang lama"), default="later")

    def __init__(self, overlaps_until: datetime | None) -> None:
        super().__init__()
        later = _("Tetap ikut menandatangani selama 24 jam")
        if overlaps_until is not None:
            moment = format_moment(overlaps_until)
            later = _("Yang terakhir diganti; yang sebelumnya tetap ikut sampai %(moment)s", moment=moment)
        self.when.choices = [("later", later), ("now", _("Berhenti sekarang juga, karena mungkin bocor"))]
