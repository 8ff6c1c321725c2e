"""A seller's own QRIS code: entered by the seller alone, checked, and taken away again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, Forbidden, InvalidInput
from ...i18n import _
from ...organizations.models import Seller
from ...permissions import Actor, Permission
from ...texts import lines
from ..models import SellerQris
from ..rules.qris import read_static
from .payments import MAX_REASON


@retry_on_conflict
def set_qris(*, actor: Actor, payload: str, is_own: bool, version: int) -> SellerQris:
    """Enter the seller's own code. `version` is that of the code on the form, 0 without one.

    Raises InvalidInput for a text that is no static QRIS, that is not said to be the seller's own, or whose
    merchant number another seller entered; Conflict when the code was changed meanwhile.
    """
    seller_id = _own_seller(actor)
    code = read_static(payload)
    if not is_own:
        sentence = _("Centang bila QRIS ini milik usaha Anda sendiri: uang pembeli masuk ke sana.")
        raise InvalidInput(sentence, fields={"is_own": sentence})
    with unit_of_work() as session:
        session.get_one(Seller, seller_id, with_for_update=True)
        _forget_merged(session, seller_id)
        row = session.get(SellerQris, seller_id, populate_existing=True)
        _check_version(row, version)
        before = {"nmid": row.nmid} if row else None
        if row is None:
            row = SellerQris(seller_id=seller_id, version=0)
            session.add(row)
        row.payload, row.nmid = code.payload, code.nmid
        row.merchant_name, row.merchant_city = code.merchant_name, code.merchant_city
        row.version += 1
        row.changed_at, row.changed_by = clock.now(), actor.user_id
        try:
            session.flush()
        except IntegrityError as error:
            sentence = _(
                "QRIS dengan nomor usaha ini sudah dipakai usaha lain. "
                "Hubungi pengelola Etalase bila itu keliru."
            )
            raise InvalidInput(sentence, fields={"payload": sentence}, why="other_seller") from error
        seller = session.get_one(Seller, seller_id)
        told = {"nmid": row.nmid, "merchant": row.merchant_name}
        audit.record(session, actor, "seller.qris_set", seller, before=before, after=told)
        return row


@retry_on_conflict
def remove_qris(*, actor: Actor, version: int) -> None:
    """Take the code away: nobody is shown it any more. Without one nothing happens."""
    seller_id = _own_seller(actor)
    with unit_of_work() as session:
        session.get_one(Seller, seller_id, with_for_update=True)
        row = session.get(SellerQris, seller_id, populate_existing=True)
        if row is None:
            return
        _check_version(row, version)
        session.delete(row)
        seller = session.get_one(Seller, seller_id)
        audit.record(session, actor, "seller.qris_removed", seller, before={"nmid": row.nmid})


@retry_on_conflict
def release_number(*, actor: Actor, nmid: str, reason: str) -> Seller:
    """The platform's people take a code away from who entered somebody else's: its owner can enter it now.

    Answers who had entered it. Raises InvalidInput for a number that nobody entered, or without a reason.
    """
    actor.require(Permission.PLATFORM_MANAGE)
    reason = lines(reason)[:MAX_REASON]
    with unit_of_work() as session:
        seller_id = session.scalar(select(SellerQris.seller_id).where(SellerQris.nmid == nmid))
        wrong = {}
        if seller_id is None:
            wrong["nmid"] = _("Tidak ada usaha yang memasukkan nomor ini. Periksa lagi huruf dan angkanya.")
        if not reason:
            wrong["reason"] = _("Tulis alasannya, supaya pihak lain tahu apa yang perlu diperiksa.")
        if wrong:
            raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)
        seller = session.get_one(Seller, seller_id, with_for_update=True)
        row = session.get(SellerQris, seller_id, populate_existing=True)
        if row is None or row.nmid != nmid:
            raise Conflict(_("QRIS ini baru saja diubah. Muat ulang halamannya, lalu periksa lagi."))
        session.delete(row)
        before = {"nmid": nmid}
        audit.record(session, actor, "seller.qris_removed", seller, before=before, reason=reason)
        return seller


def _own_seller(actor: Actor) -> int:
    actor.require(Permission.PAYMENT_CONFIRM)
    if actor.seller_id is None:
        raise Forbidden(_("QRIS dimasukkan oleh usaha yang memilikinya."))
    return actor.seller_id


def _forget_merged(session: Session, seller_id: int) -> None:
    """A seller that was merged into this one no longer holds a code."""
    merged = select(Seller.id).where(Seller.merged_into_id == seller_id)
    for row in session.scalars(select(SellerQris).where(SellerQris.seller_id.in_(merged))):
        session.delete(row)
    session.flush()


def _check_version(row: SellerQris | None, version: int) -> None:
    if (row.version if row else 0) != version:
        raise Conflict(_("QRIS ini baru saja diubah. Muat ulang halamannya, lalu periksa lagi."))
