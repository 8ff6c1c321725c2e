"""What quotations and standing orders ask of people, each thing in one sentence with the way to it."""

from __future__ import annotations

from datetime import date

from flask import render_template, url_for
from markupsafe import Markup

from ... import clock
from ...i18n import _, format_day
from ...money import format_rupiah
from ...permissions import Actor, current_actor
from ...placements.rules import urgency
from ...placements.rules.urgency import Urgency
from ...placements.views.board_tasks import Section
from ...placements.views.loop_tasks import days_words
from ...placements.views.tasks import Task
from ..models import QuoteState
from ..queries.quotes_waiting import (
    WaitingDay,
    WaitingQuote,
    buyer_quotes,
    seller_quotes,
    waiting_days,
)


def seller_tasks(actor: Actor, day: date) -> list[Task]:
    """What quotations ask of a seller's people."""
    return [_for_seller(row, day) for row in seller_quotes(actor)]


def outlet_sections(actor: Actor, outlet_id: int, day: date) -> list[Section]:
    """What they and standing orders ask at one outlet."""
    tasks = [_for_buyer(row, day) for row in buyer_quotes(actor, outlet_id)]
    tasks += [_price(row) for row in waiting_days(actor, outlet_id)]
    return [Section("penawaran", _("Penawaran dan pesanan rutin"), tasks, url_for("quotes.quotes"))]


def company_panel() -> Markup:
    """What quotations ask that go to no outlet; empty without."""
    tasks = [_for_buyer(row, clock.today()) for row in buyer_quotes(current_actor(), None)]
    html = render_template("orders/quotes/waiting_panel.html", tasks=tasks) if tasks else ""
    return Markup(html)  # noqa: S704 - a template's own output


def _for_seller(row: WaitingQuote, day: date) -> Task:
    if row.state == QuoteState.ASKED:
        title = _("Tulis harga untuk %(who)s", who=row.operator_name)
        body = _("Penawaran %(number)s. Tanpa jawaban permintaan ini berakhir.", number=row.number)
    else:
        title = _("Jawab tawaran %(who)s", who=row.operator_name)
        body = _(
            "Penawaran %(number)s, ditawar %(rupiah)s. Tanpa jawaban penawaran ini berakhir.",
            number=row.number,
            rupiah=format_rupiah(row.total_rupiah or 0),
        )
    return _task(row, day, title, body)


def _for_buyer(row: WaitingQuote, day: date) -> Task:
    title = _("Jawab penawaran %(seller)s", seller=row.seller_name)
    body = _(
        "Penawaran %(number)s, %(rupiah)s. Tanpa jawaban penawaran ini berakhir.",
        number=row.number,
        rupiah=format_rupiah(row.total_rupiah or 0),
    )
    return _task(row, day, title, body)


def _task(row: WaitingQuote, day: date, title: str, body: str) -> Task:
    due_on = clock.wib_day(row.due_at) if row.due_at else None
    return Task(
        title=title,
        body=body,
        icon="chat-left-text",
        kind=urgency.answer_urgency(due_on, day).value,
        url=url_for("quotes.quote", quote_id=row.id),
        action=_("Lihat dan jawab"),
        when=days_words(due_on, day),
    )


def _price(row: WaitingDay) -> Task:
    return Task(
        title=_("Setujui harga pesanan rutin dari %(seller)s", seller=row.seller_name),
        body=_("Belum dipesan untuk %(day)s. %(why)s", day=format_day(row.day), why=row.reason),
        icon="calendar-check",
        kind=Urgency.GRACE.value,
        url=url_for("standing.standing", standing_id=row.standing_id),
        action=_("Lihat dan putuskan"),
    )
