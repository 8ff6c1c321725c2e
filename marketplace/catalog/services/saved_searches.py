"""Searches that people keep, and the daily mail of what is new in them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...accounts.models import User
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import Conflict, NotFound
from ...i18n import _
from ...money import format_rupiah
from ...organizations.queries import actor_of, hats_of
from ...permissions import Actor, Permission
from ...texts import one_line
from ..hooks import extra_filters, taken_away
from ..models import SavedSearch
from ..queries.address import read_search
from ..queries.matching import Excluded
from ..queries.saved_searches import News, arguments, news_of
from ..queries.search import Search

MOST = 30
MAX_NAME = 120
SALT = "saved-search"


@retry_on_conflict
def save_search(*, actor: Actor, name: str, address: Iterable[tuple[str, str]]) -> SavedSearch:
    """Keep a search with a daily digest; one that is kept already stays as it is.

    Raises Conflict beyond MOST searches.
    """
    actor.require(Permission.ACCOUNT_USE)
    written = urlencode(list(address))
    with unit_of_work() as session:
        session.get(User, actor.user_id, with_for_update=True)
        own = select(SavedSearch).where(SavedSearch.user_id == actor.user_id)
        known = session.scalars(own.where(SavedSearch.address == written)).first()
        if known is not None:
            return known
        count = session.scalar(select(func.count()).select_from(own.subquery())) or 0
        if count >= MOST:
            raise Conflict(
                _("Anda sudah menyimpan %(most)d pencarian. Hapus satu dulu.", most=MOST),
                code="too_many_searches",
            )
        now = clock.now()
        kept = SavedSearch(
            user_id=actor.user_id,
            name=one_line(name)[:MAX_NAME],
            address=written,
            wants_digest=True,
            told_until=now,
            created_at=now,
        )
        session.add(kept)
        return kept


@retry_on_conflict
def forget_search(*, actor: Actor, saved_id: int) -> str:
    """Throw a kept search away; returns its name. Raises NotFound for a stranger's."""
    with unit_of_work() as session:
        kept = _own(session, actor, saved_id)
        session.delete(kept)
        return kept.name


@retry_on_conflict
def switch_digest(*, actor: Actor, saved_id: int, wants: bool) -> SavedSearch:
    """Ask for the daily mail of a kept search, or for none; what came meanwhile is not told later."""
    with unit_of_work() as session:
        kept = _own(session, actor, saved_id)
        if wants and not kept.wants_digest:
            kept.told_until = clock.now()
        kept.wants_digest = wants
        return kept


def _own(session: Session, actor: Actor, saved_id: int) -> SavedSearch:
    kept = session.get(SavedSearch, saved_id, with_for_update=True)
    if kept is None or kept.user_id != actor.user_id:
        raise NotFound(_("Pencarian ini tidak ada, atau bukan milik Anda."))
    return kept


@retry_on_conflict
def unsubscribe(token: str) -> str:
    """End all digests of the person whom a mail's link names; returns the mail's address.

    Raises NotFound for a link that is not ours.
    """
    user_id = user_of(token)
    with unit_of_work() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound(_("Tautan ini tidak berlaku."))
        for kept in session.scalars(select(SavedSearch).where(SavedSearch.user_id == user_id)):
            kept.wants_digest = False
        return user.email or ""


def user_of(token: str) -> int:
    """The person whom a mail's link names. Raises NotFound for a link that is not ours."""
    try:
        return int(_signer().loads(token))
    except (BadSignature, ValueError, TypeError):
        raise NotFound(_("Tautan ini tidak berlaku.")) from None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=SALT)


def send_digests() -> None:
    """Each night: one mail for each person whose kept searches have new products. Run twice it sends once."""
    query = (
        select(SavedSearch.user_id).where(SavedSearch.wants_digest).distinct().order_by(SavedSearch.user_id)
    )
    people = list(db.session.scalars(query))
    db.session.rollback()
    for user_id in people:
        _send_digest(user_id)


@retry_on_conflict
def _send_digest(user_id: int) -> None:
    """The mail and how far it tells are written together."""
    with unit_of_work() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None or not user.email:
            return
        now = clock.now()
        own = select(SavedSearch).where(SavedSearch.user_id == user_id, SavedSearch.wants_digest)
        told = []
        for kept in session.scalars(own.order_by(SavedSearch.id)):
            search = read_search(arguments(kept.address))
            news = news_of(search, kept.told_until, _taken_away(user, search))
            if news.total:
                told.append(_told(kept, news))
                kept.told_until = now
        if told:
            link = mailing.address(f"/products/saved/unsubscribe/{_signer().dumps(user_id)}")
            mailing.send(
                session, to=user.email, template="search_digest", locale=user.locale, searches=told, link=link
            )


def _taken_away(user: User, search: Search) -> Excluded:
    """What the search's extra filters take away, under the first of the person's hats that has them."""
    for hat in hats_of(user.id) if search.extras else ():
        actor = actor_of(user, hat.membership_id)
        filters = [extra for extra in extra_filters(actor) if extra.name in search.extras]
        if filters:
            return taken_away(filters, actor)
    return {}


def _told(kept: SavedSearch, news: News) -> dict[str, object]:
    return {
        "name": kept.name,
        "address": mailing.address(f"/products?{kept.address}{'&' if kept.address else ''}sort=newest"),
        "more": news.total - len(news.cards),
        "products": [
            {
                "name": card.name,
                "price": format_rupiah(card.price_rupiah),
                "seller": card.seller_name,
                "address": mailing.address(card.url),
            }
            for card in news.cards
        ],
    }
