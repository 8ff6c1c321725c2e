"""Forms of outright selling."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from ..catalog.forms.fields import WholeField
from ..i18n import N_
from ..organizations.forms.fields import RupiahField
from ..texts import lines
from .rules.selling import MAX_ANSWER_DAYS, MAX_DUE_DAYS
from .rules.terms import Terms


class TermsForm(FlaskForm):
    """How a seller sells; the fields are those of rules.terms.Terms."""

    delivers = BooleanField(N_("Saya mengantar atau mengirim"))
    shipping_rupiah = RupiahField(N_("Ongkos kirim untuk satu pesanan"))
    free_from_rupiah = RupiahField(N_("Gratis kirim mulai belanja"))
    quotes_shipping = BooleanField(N_("Untuk alamat jauh, saya tawarkan ongkosnya dulu"))
    offers_pickup = BooleanField(N_("Pembeli boleh mengambil sendiri"))
    takes_before = BooleanField(N_("Bayar dulu, sebelum dikemas"))
    takes_on_delivery = BooleanField(N_("Bayar di tempat, saat barang diterima"))
    due_days = WholeField(N_("Bayar belakangan, dalam"), most=MAX_DUE_DAYS)
    advance_percent = WholeField(N_("Uang muka untuk barang yang dibuat setelah dipesan"), most=100)
    answer_days = WholeField(N_("Saya menjawab pesanan dalam"), least=1, most=MAX_ANSWER_DAYS, needed=True)
    note = TextAreaField(N_("Catatan untuk pembeli"), [Length(max=2000)], filters=[lines])

    def terms(self) -> Terms:
        """What was said, as the services take it."""
        return Terms(
            delivers=self.delivers.data,
            shipping_rupiah=self.shipping_rupiah.data,
            free_from_rupiah=self.free_from_rupiah.data,
            offers_pickup=self.offers_pickup.data,
            quotes_shipping=self.quotes_shipping.data,
            takes_before=self.takes_before.data,
            takes_on_delivery=self.takes_on_delivery.data,
            advance_percent=self.advance_percent.data or 0,
            due_days=self.due_days.data or 0,
            answer_days=self.answer_days.data or 0,
            note=self.note.data or "",
        )
