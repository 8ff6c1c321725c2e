"""What buyers wait for from a seller: samples to answer and send, questions to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import url_for

from ... import clock
from ...catalog.queries import SampleRow
from ...catalog.rules import SampleCondition
from ...i18n import _, format_day, ngettext
from .tasks import ORDER, Task

LONG_DAYS = 3
"""A question that waits so long looks like no answer at all."""


def with_requests(
    tasks: Sequence[Task], samples: Sequence[SampleRow], questions: tuple[int, datetime | None], day: date
) -> list[Task]:
    """The seller's tasks with what buyers ask for, the most urgent first."""
    count, since = questions
    found = [*tasks, *(_sample(row, day) for row in samples)]
    if count and since is not None:
        found.append(_questions(count, clock.wib_day(since), day))
    return sorted(found, key=lambda task: ORDER.index(task.kind))


def _sample(row: SampleRow, day: date) -> Task:
    url = url_for("samples.sample", sample_id=row.id)
    if row.condition is SampleCondition.APPROVED:
        return Task(
            title=_("Kirim contoh %(product)s ke %(buyer)s", product=row.product_name, buyer=row.buyer),
            body=_("Sudah Anda setujui. Catat pengirimannya begitu berangkat."),
            icon="truck",
            kind="grace",
            url=url,
            action=_("Catat pengiriman"),
        )
    left = (row.reply_by - day).days
    return Task(
        title=_("Jawab permintaan contoh %(product)s", product=row.product_name),
        body=_("Dari %(buyer)s, paling lambat %(day)s.", buyer=row.buyer, day=format_day(row.reply_by)),
        icon="gift",
        kind="short" if left <= 1 else "grace",
        url=url,
        action=_("Lihat dan jawab"),
        when=_("Jawab hari ini.") if left == 0 else _("Sisa %(count)d hari.", count=left),
    )


def _questions(count: int, since: date, day: date) -> Task:
    return Task(
        title=ngettext("Jawab %(num)d pertanyaan pembeli", "Jawab %(num)d pertanyaan pembeli", count),
        body=_("Yang tertua menunggu sejak %(day)s.", day=format_day(since)),
        icon="chat-left-text",
        kind="short" if (day - since).days >= LONG_DAYS else "grace",
        url=url_for("questions.for_seller", state="waiting"),
        action=_("Jawab"),
    )
