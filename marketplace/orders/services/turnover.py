"""What only the seller knows of its turnover: sales elsewhere, and the statements it signed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ... import audit, clock
from ...catalog import proofs
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import OtherSales, TurnoverStatement
from ..rules.turnover import MAX_RUPIAH
from .moving import region_of
from .tax import own_business

EARLIEST = date(2000, 1, 1)
STATEMENT_KINDS = ("below", "passed")


@retry_on_conflict
def add_other_sales(
    *, actor: Actor, month: date, channel: str, amount_rupiah: int, note: str = ""
) -> OtherSales:
    """A seller writes down what it sold elsewhere in a month. The same said twice counts once.

    Raises InvalidInput by field.
    """
    actor.require(Permission.SELLER_EDIT)
    month, channel = month.replace(day=1), one_line(channel)[:120]
    wrong = {}
    if not EARLIEST <= month <= clock.today():
        wrong["month"] = _("Pilih bulan dari tahun 2000 sampai bulan ini.")
    if not channel:
        wrong["channel"] = _("Tulis di mana terjualnya, misalnya pasar pagi atau Tokopedia.")
    if not 1 <= amount_rupiah <= MAX_RUPIAH:
        wrong["amount_rupiah"] = _("Tulis jumlah paling sedikit Rp1.")
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    with unit_of_work() as session:
        seller = own_business(session, actor)
        said = {
            "seller_id": seller.id,
            "month": month,
            "channel": channel,
            "amount_rupiah": amount_rupiah,
            "note": clean_lines(note)[:1000],
        }
        if session.scalars(select(OtherSales.id).filter_by(**said, removed_at=None)).first():
            sentence = _("Ini sudah tercatat. Bila memang terjual dua kali, bedakan catatannya.")
            raise InvalidInput(sentence, {"note": sentence})
        row = OtherSales(
            **said,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
            recorder_name=actor.name,
        )
        session.add(row)
        session.flush()
        after = {"month": month.isoformat(), "channel": channel, "amount_rupiah": amount_rupiah}
        region = region_of(session, seller.id)
        audit.record(session, actor, "turnover.entered", row, after=after, region=region)
        return row


@retry_on_conflict
def remove_other_sales(*, actor: Actor, entry_id: int) -> OtherSales:
    """Take an entry back; done again it does nothing. Raises NotFound for a stranger's."""
    actor.require(Permission.SELLER_EDIT)
    with unit_of_work() as session:
        seller = own_business(session, actor)
        row = session.get(OtherSales, entry_id, with_for_update=True)
        if row is None or row.seller_id != seller.id:
            raise NotFound(_("Catatan ini tidak ada, atau bukan milik Anda."))
        if row.removed_at is None:
            row.removed_at, row.removed_by = clock.now(), actor.user_id
            region = region_of(session, seller.id)
            audit.record(session, actor, "turnover.removed", row, region=region)
        return row


def keep_statement(
    *, actor: Actor, year: int, kind: str, signed_on: date, content: bytes | None, name: str = ""
) -> TurnoverStatement:
    """Keep a signed statement on a year's turnover, as a photo or PDF. Raises InvalidInput by field."""
    actor.require(Permission.SELLER_EDIT)
    wrong = {}
    if kind not in STATEMENT_KINDS:
        wrong["kind"] = _("Pilih isi suratnya.")
    if not EARLIEST.year <= year <= clock.today().year + 1:
        wrong["year"] = _("Pilih tahunnya.")
    if not EARLIEST <= signed_on <= clock.today():
        wrong["signed_on"] = _("Tulis tanggal surat itu ditandatangani, paling lambat hari ini.")
    if not content:
        wrong["file"] = _("Pilih foto atau PDF surat yang sudah ditandatangani.")
    if wrong or not content:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    kept = proofs.keep(content)
    try:
        return _write_statement(actor, year, kind, signed_on, one_line(name)[:200], kept)
    except BaseException:
        proofs.forget(kept)
        raise


@retry_on_conflict
def _write_statement(
    actor: Actor, year: int, kind: str, signed_on: date, name: str, kept: proofs.Kept
) -> TurnoverStatement:
    with unit_of_work() as session:
        seller = own_business(session, actor)
        row = TurnoverStatement(
            seller_id=seller.id,
            year=year,
            kind=kind,
            signed_on=signed_on,
            name=name,
            storage_key=kept.key,
            file_kind=kept.kind,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
            recorder_name=actor.name,
        )
        session.add(row)
        session.flush()
        after = {"year": year, "kind": kind, "signed_on": signed_on.isoformat()}
        region = region_of(session, seller.id)
        audit.record(session, actor, "turnover.stated", row, after=after, region=region)
        return row
