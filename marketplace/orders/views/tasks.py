"""What orders ask of people, each thing in one sentence with the way to where it is done."""

from __future__ import annotations

from datetime import date

from flask import render_template, url_for
from markupsafe import Markup

from ... import clock
from ...i18n import _, format_day, format_number, ngettext
from ...money import format_rupiah
from ...permissions import Actor, current_actor
from ...placements.rules import urgency
from ...placements.rules.urgency import Urgency
from ...placements.views.board_tasks import Section
from ...placements.views.loop_tasks import days_words, message_task
from ...placements.views.tasks import ORDER, Task
from ..models import OrderState
from ..queries.waiting import (
    BuyerOrders,
    GoingBack,
    ToApprove,
    ToPay,
    Waiting,
    WaitingClaim,
    company_orders,
    outlet_orders,
    seller_orders,
)
from ..rules.claims import KIND_WORDS
from ..rules.states import OrderSide
from .whatsapp import draft_to

S = OrderState


# --- where they stand --------------------------------------------------------------------------------------


def seller_tasks(actor: Actor, day: date) -> list[Task]:
    """What orders ask of a seller's people."""
    found = seller_orders(actor)
    return [
        *(_for_seller(row, day) for row in found.orders),
        *(_claim_to_answer(row, day) for row in found.claims),
        *(_give_back(row, day) for row in found.refunds),
    ]


def outlet_sections(actor: Actor, outlet_id: int, day: date) -> list[Section]:
    """What orders ask at one outlet, as a section of its board."""
    tasks = _buyer_tasks(outlet_orders(actor, outlet_id), day)
    return [Section("pesanan", _("Pesanan beli putus"), tasks, url_for("orders.orders"))]


def company_panel() -> Markup:
    """What orders ask of a company or an office that buys and stands on no outlet's board; empty without."""
    actor, day = current_actor(), clock.today()
    tasks = _buyer_tasks(company_orders(actor), day)
    html = render_template("orders/company_panel.html", tasks=tasks) if tasks else ""
    return Markup(html)  # noqa: S704 - a template's own output


def _buyer_tasks(found: BuyerOrders, day: date) -> list[Task]:
    tasks = [
        *(_approve(row, day) for row in found.approvals),
        *(_for_buyer(row, day) for row in found.orders),
        *(_pay(row, day) for row in found.to_pay),
        *(_claim_refused(row, day) for row in found.claims),
        *(_came_back(row, day) for row in found.refunds),
        *(message_task(row, day) for row in found.messages),
    ]
    return sorted(tasks, key=lambda task: ORDER.index(task.kind))


# --- sellers -----------------------------------------------------------------------------------------------


def _for_seller(row: Waiting, day: date) -> Task:
    if row.state is S.PLACED:
        return _answer(row, day)
    last = row.order.deliver_to
    is_packed = row.state is S.PACKED
    return Task(
        title=_("Kirim pesanan %(number)s ke %(who)s", number=row.order.name, who=row.to_buyer)
        if is_packed
        else _("Kemas pesanan %(number)s untuk %(who)s", number=row.order.name, who=row.to_buyer),
        body=_units(row, _("untuk dikirim paling lambat %(day)s.", day=format_day(last))),
        icon="truck" if is_packed else "box-seam",
        kind=urgency.sending_urgency(last, day).value,
        url=url_for("orders.order", order_id=row.order.id),
        action=_("Tulis surat jalan") if is_packed else _("Lihat isinya"),
        when=days_words(last, day),
        draft=_draft(row, OrderSide.SELLER),
    )


def _answer(row: Waiting, day: date) -> Task:
    return Task(
        title=_("Jawab pesanan %(number)s dari %(who)s", number=row.order.name, who=row.operator.name),
        body=_units(
            row,
            _(
                "senilai %(rupiah)s. Tanpa jawaban pesanan ini gugur.",
                rupiah=format_rupiah(row.order.total_rupiah),
            ),
        ),
        icon="bag",
        kind=urgency.answer_urgency(row.due_on, day).value,
        url=url_for("orders.order", order_id=row.order.id),
        action=_("Lihat dan jawab"),
        when=days_words(row.due_on, day),
        draft=_draft(row, OrderSide.SELLER),
    )


def _units(row: Waiting, rest: str) -> str:
    return f"{_('%(count)s barang', count=format_number(row.units))} {rest}"


def _claim_to_answer(row: WaitingClaim, day: date) -> Task:
    title = _("Jawab klaim %(who)s atas pesanan %(number)s", who=row.operator_name, number=row.order.name)
    body = _("%(kind)s: %(count)s %(product)s. Tanpa jawaban Dinas yang memutuskan.", **_claimed(row))
    return _about_claim(row, day, title, body, _("Lihat dan jawab"))


def _about_claim(row: WaitingClaim, day: date, title: str, body: str, action: str) -> Task:
    return Task(
        title=title,
        body=body,
        icon="exclamation-circle-fill",
        kind=urgency.answer_urgency(row.due_on, day).value,
        url=url_for("claims.claim", claim_id=row.claim.id),
        action=action,
        when=days_words(row.due_on, day),
    )


def _claimed(row: WaitingClaim) -> dict[str, str]:
    """What is claimed, for a sentence."""
    kind = KIND_WORDS[row.claim.kind]  # type: ignore[index]
    return {"kind": str(kind), "count": format_number(row.claim.quantity), "product": row.product_name}


def _give_back(row: GoingBack, day: date) -> Task:
    return Task(
        title=_("Kembalikan %(rupiah)s kepada %(who)s", rupiah=format_rupiah(row.rupiah), who=row.other_name),
        body=_(
            "Untuk %(number)s, sejak %(day)s. Catat begitu sudah Anda kirim.",
            number=row.number or "–",
            day=format_day(row.since),
        ),
        icon="arrow-return-left",
        kind=urgency.word_urgency((day - row.since).days).value,
        url=url_for("refunds.refund", refund_id=row.id),
        action=_("Catat pengembalian"),
    )


# --- buyers ------------------------------------------------------------------------------------------------


def _approve(row: ToApprove, day: date) -> Task:
    return Task(
        title=_("Putuskan belanja %(who)s", who=row.maker_name),
        body=ngettext(
            "%(rupiah)s dari %(num)d penjual. Stoknya sudah disisihkan.",
            "%(rupiah)s dari %(num)d penjual. Stoknya sudah disisihkan.",
            row.order_count,
            rupiah=format_rupiah(row.total_rupiah),
        ),
        icon="check-lg",
        kind=urgency.answer_urgency(row.due_on, day).value,
        url=url_for("checkout.done", checkout_id=row.id),
        action=_("Lihat dan putuskan"),
        when=days_words(row.due_on, day),
    )


def _for_buyer(row: Waiting, day: date) -> Task:
    order = row.order
    if row.state is S.QUOTED:
        return Task(
            title=_("Setujui ongkos kirim dari %(seller)s", seller=row.seller.name),
            body=_(
                "Pesanan %(number)s: ongkos %(shipping)s, total %(total)s. Tanpa jawaban pesanan ini gugur.",
                number=order.name,
                shipping=format_rupiah(order.shipping_rupiah),
                total=format_rupiah(order.total_rupiah),
            ),
            icon="truck",
            kind=urgency.answer_urgency(row.due_on, day).value,
            url=url_for("orders.order", order_id=order.id),
            action=_("Lihat dan setujui"),
            when=days_words(row.due_on, day),
            draft=_draft(row, OrderSide.BUYER),
        )
    return Task(
        title=_("Terima pesanan %(number)s dari %(seller)s", number=order.name, seller=row.seller.name),
        body=_units(
            row,
            _(
                "dengan surat jalan %(note)s. Sesudah %(day)s dianggap diterima lengkap.",
                note=row.note or "–",
                day=format_day(row.due_on or day),
            ),
        ),
        icon="truck",
        kind=urgency.arrival_urgency(order.deliver_to, day).value,
        url=url_for("orders.order", order_id=order.id),
        action=_("Catat penerimaan"),
        when=days_words(row.due_on, day) if order.deliver_to < day else "",
        draft=_draft(row, OrderSide.BUYER),
    )


def _pay(row: ToPay, day: date) -> Task:
    is_before = row.order.state == S.AWAITING_PAYMENT
    return Task(
        title=_(
            "Bayar %(rupiah)s kepada %(seller)s", rupiah=format_rupiah(row.rupiah), seller=row.seller_name
        ),
        body=_(
            "Pesanan %(number)s dikemas sesudah dibayar, paling lambat %(day)s.",
            number=row.order.name,
            day=format_day(row.due_on),
        )
        if is_before
        else _("Pesanan %(number)s, jatuh tempo %(day)s.", number=row.order.name, day=format_day(row.due_on)),
        icon="bank",
        kind=urgency.debt_urgency(row.due_on, day).value,
        url=url_for("orders.order", order_id=row.order.id),
        action=_("Lihat dan bayar"),
        when=days_words(row.due_on, day),
    )


def _claim_refused(row: WaitingClaim, day: date) -> Task:
    title = _("%(seller)s menolak klaim pesanan %(number)s", seller=row.seller_name, number=row.order.name)
    body = _("%(kind)s: %(count)s %(product)s. Bawa ke Dinas bila Anda tidak setuju.", **_claimed(row))
    return _about_claim(row, day, title, body, _("Lihat klaim"))


def _came_back(row: GoingBack, day: date) -> Task:
    return Task(
        title=_(
            "Pastikan %(rupiah)s sudah kembali dari %(who)s",
            rupiah=format_rupiah(row.rupiah),
            who=row.other_name,
        ),
        body=_("Untuk %(number)s. Katakan sudah masuk atau belum.", number=row.number or "–"),
        icon="bank",
        kind=Urgency.GRACE.value,
        url=url_for("refunds.refund", refund_id=row.id),
        action=_("Sudah masuk atau belum"),
    )


def _draft(row: Waiting, side: OrderSide) -> str:
    return draft_to(side, row.order, row.seller, row.operator, note=row.note or "")
