"""Whether the other side has seen what one wrote: said by its page, never by its mere address."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace import clock
from marketplace.db import db
from marketplace.errors import NotFound
from marketplace.permissions import Role
from marketplace.placements.models import Delivery, MessageView
from marketplace.placements.queries.messages import conversation, unanswered
from marketplace.placements.services.messages import mark_seen, write_message
from tests import factories as make
from tests.placements.goods_support import agree, sent
from tests.support.signing import sign_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def note(parties: Any) -> Delivery:
    return sent(parties, agree(parties))


def write(actor: Any, note: Delivery, body: str) -> int:
    """A message on the note; answers its id."""
    return write_message(actor=actor, document_kind="delivery", document_id=note.id, body=body).id


def see(actor: Any, note: Delivery, up_to: int, *, later: timedelta = timedelta()) -> int:
    """The actor's page has shown the messages up to one."""
    with clock.frozen(clock.now() + later):
        return mark_seen(actor=actor, document_kind="delivery", document_id=note.id, up_to=up_to)


def views() -> int:
    """How many views there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(MessageView)) or 0


def test_the_writer_sees_when_the_other_side_had_it_before_them(parties, note):
    first = write(parties.buyer, note, "Dus kedua basah.")
    assert conversation(parties.buyer, "delivery", note.id).seen == ()
    assert conversation(parties.maker, "delivery", note.id).unseen == first
    now = clock.now()
    assert see(parties.maker, note, first) == 1
    assert see(parties.maker, note, first, later=MINUTE) == 0
    talk = conversation(parties.buyer, "delivery", note.id)
    assert [(one.side, one.seen_at, one.seen_by) for one in talk.seen] == [
        ("seller", now, parties.maker.user_id)
    ]
    assert conversation(parties.maker, "delivery", note.id).unseen is None
    second = write(parties.buyer, note, "Sudah kami foto.")
    talk = conversation(parties.buyer, "delivery", note.id)
    assert (talk.last_own, list(talk.seen)) == (second, [])


def test_what_came_after_the_page_was_made_stays_unseen(parties, note):
    first, second = write(parties.buyer, note, "Satu."), write(parties.buyer, note, "Dua.")
    see(parties.maker, note, first)
    assert conversation(parties.maker, "delivery", note.id).unseen == second
    assert [one.unread for one in unanswered(parties.maker)] == [1]


def test_a_to_do_list_counts_what_one_s_side_has_not_seen(parties, note):
    write(parties.buyer, note, "Satu.")
    last = write(make.officer(), note, "Dua.")
    assert [(one.message.id, one.unread) for one in unanswered(parties.maker)] == [(last, 2)]
    see(parties.maker, note, last)
    assert [(one.message.id, one.unread) for one in unanswered(parties.maker)] == [(last, 0)]
    assert [one.unread for one in unanswered(parties.buyer)] == [1]


def test_only_the_two_parties_can_have_seen_something(parties, note):
    first = write(parties.buyer, note, "Satu.")
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for actor in (stranger, make.officer()):
        with pytest.raises(NotFound):
            see(actor, note, first)
    with pytest.raises(NotFound):
        mark_seen(actor=parties.maker, document_kind="letter", document_id=note.id, up_to=first)
    assert see(parties.buyer, note, first) == 0
    assert views() == 0


def test_two_of_one_side_who_open_it_at_once_leave_one_view(app, parties, note):
    first = write(parties.buyer, note, "Satu.")
    note_id = note.id

    def open_it(_turn: int) -> None:
        with app.app_context():
            mark_seen(actor=parties.maker, document_kind="delivery", document_id=note_id, up_to=first)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_it, range(4)))
    assert views() == 1


def test_opening_the_page_writes_nothing_until_the_page_itself_says_so(client: FlaskClient, parties, note):
    first = write(parties.buyer, note, "Dus kedua basah.")
    page = f"/deliveries/{note.id}"
    sign_in(client, parties.maker)
    shown = client.get(page).get_data(as_text=True)
    assert views() == 0
    assert "1 pesan belum dibaca." in client.get("/seller").get_data(as_text=True)
    assert views() == 0
    (address,) = re.findall(r'hx-post="([^"]+/seen)"', shown)
    assert f"hx-vals='{{\"up_to\": {first}}}'" in shown
    assert client.post(address, data={"up_to": "x"}).status_code == 404
    assert client.post(address, data={"up_to": first}).status_code == 204
    assert views() == 1
    assert "/seen" not in client.get(page).get_data(as_text=True)
    todo = client.get("/seller").get_data(as_text=True)
    assert "Balas pesan" in todo
    assert "belum dibaca" not in todo
    sign_in(client, parties.buyer)
    assert "Dilihat 22 Nov" in client.get(page).get_data(as_text=True)
