"""Pages of webhooks: addresses, what was sent to each, every try."""

from __future__ import annotations

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from .. import clock
from ..errors import InvalidInput, RuleBroken
from ..exchange.responses import table_response
from ..i18n import N_, _
from ..permissions import Permission, current_actor, protected
from ..web import Page, page_within
from . import queries, services
from .forms import EndpointForm, RotateForm
from .models import WebhookEndpoint
from .rules.schedule import OUTCOME_WORDS, STOP_WORDS
from .topics import label_of, topics

blueprint = Blueprint("webhooks", __name__, url_prefix="/account/webhooks")
ID = "int(max=9223372036854775807)"
COLUMNS = ("event_ref", "event", "state", "attempts", "outcome", "status", "created_at")
STATE_WORDS = {
    "waiting": N_("Menunggu dikirim"),
    "delivered": N_("Sampai"),
    "failed": N_("Tidak sampai"),
}
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@protected(Permission.WEBHOOK_MANAGE)
def endpoints() -> str:
    """The addresses of one's own organization."""
    return render_template(
        "webhooks/endpoints.html",
        endpoints=queries.endpoints(current_actor()),
        most=services.MAX_ENDPOINTS,
        stops=STOP_WORDS,
        topics=topics(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.WEBHOOK_MANAGE)
def new() -> Answer:
    """Subscribe an address; its secret is shown this once."""
    form = EndpointForm()
    if form.validate_on_submit():
        try:
            row, secret = services.subscribe(
                actor=current_actor(), url=form.url.data or "", wanted=form.topics.data or ()
            )
        except InvalidInput as error:
            form.take_refusals(error.fields)
        except RuleBroken as error:
            form.take_refusals({"url": error.message})
        else:
            return render_template("webhooks/secret.html", endpoint=row, secret=secret, is_new=True)
    if request.method == "GET":
        form.process(data={"topics": list(topics())})
    return _form_page(form, None)


def _form_page(form: EndpointForm, row: WebhookEndpoint | None) -> tuple[str, int]:
    hints = {topic.name: topic.hint for topic in topics().values()}
    page = render_template("webhooks/form.html", form=form, hints=hints, endpoint=row)
    return page, 422 if form.errors else 200


@blueprint.get(f"/<{ID}:endpoint_id>")
@protected(Permission.WEBHOOK_MANAGE)
def endpoint(endpoint_id: int) -> str | Response:
    """One address and what was sent there; as a file with ?format=csv or xlsx."""
    row = _own(endpoint_id)
    asked = request.args.get("state", "")
    asked = asked if asked in queries.STATES else ""
    if request.args.get("format") in {"csv", "xlsx"}:
        found = queries.deliveries(row.id, asked, size=None)
        cells = ([getattr(one, name) for name in COLUMNS] for one in found)
        return table_response(request.args["format"], COLUMNS, cells, "kiriman-webhook")
    counts = queries.count_by_state(row.id)
    total = counts.get(asked, 0) if asked else sum(counts.values())
    number = page_within(total, queries.PAGE_SIZE)
    return render_template(
        "webhooks/endpoint.html",
        endpoint=row,
        page=Page(queries.deliveries(row.id, asked, number=number), number, total, queries.PAGE_SIZE),
        asked=asked,
        counts=counts,
        words=STATE_WORDS,
        outcomes=OUTCOME_WORDS,
        label_of=label_of,
        stops=STOP_WORDS,
        topics=topics(),
    )


def _own(endpoint_id: int) -> WebhookEndpoint:
    row = queries.endpoint(current_actor(), endpoint_id)
    if row is None:
        raise services.no_endpoint()
    return row


@blueprint.route(f"/<{ID}:endpoint_id>/edit", methods=["GET", "POST"])
@protected(Permission.WEBHOOK_MANAGE)
def edit(endpoint_id: int) -> Answer:
    """Another address, other topics."""
    row, form = _own(endpoint_id), EndpointForm()
    if form.validate_on_submit():
        try:
            services.change(
                actor=current_actor(),
                endpoint_id=endpoint_id,
                url=form.url.data or "",
                wanted=form.topics.data or (),
            )
        except InvalidInput as error:
            form.take_refusals(error.fields)
        else:
            flash(_("Perubahan disimpan. Kabar berikutnya dikirim ke sana."), "ok")
            return redirect(url_for(".endpoint", endpoint_id=endpoint_id))
    if request.method == "GET":
        form.process(data={"url": row.url, "topics": row.topics})
    return _form_page(form, row)


@blueprint.route(f"/<{ID}:endpoint_id>/rotate", methods=["GET", "POST"])
@protected(Permission.WEBHOOK_MANAGE)
def rotate(endpoint_id: int) -> str:
    """A new secret, after a page that says what becomes of the old one."""
    row = _own(endpoint_id)
    form = RotateForm(row.overlaps_until(clock.now()))
    if form.validate_on_submit():
        secret = services.rotate_secret(
            actor=current_actor(), endpoint_id=endpoint_id, at_once=form.when.data == "now"
        )
        return render_template("webhooks/secret.html", endpoint=row, secret=secret, is_new=False)
    return render_template("webhooks/rotate.html", endpoint=row, form=form)


@blueprint.post(f"/<{ID}:endpoint_id>/switch-off")
@protected(Permission.WEBHOOK_MANAGE)
def switch_off(endpoint_id: int) -> Response:
    """Send nothing more there."""
    services.switch_off(actor=current_actor(), endpoint_id=endpoint_id)
    flash(_("Alamat ini dimatikan. Tidak ada yang dikirim ke sana sampai dinyalakan lagi."), "ok")
    return redirect(url_for(".endpoint", endpoint_id=endpoint_id))


@blueprint.post(f"/<{ID}:endpoint_id>/switch-on")
@protected(Permission.WEBHOOK_MANAGE)
def switch_on(endpoint_id: int) -> Response:
    """Send there again."""
    services.switch_on(actor=current_actor(), endpoint_id=endpoint_id)
    flash(_("Alamat ini menyala lagi. Yang terjadi mulai sekarang dikirim ke sana."), "ok")
    return redirect(url_for(".endpoint", endpoint_id=endpoint_id))


@blueprint.post(f"/<{ID}:endpoint_id>/test")
@protected(Permission.WEBHOOK_MANAGE)
def test(endpoint_id: int) -> Response:
    """Send a test."""
    row = services.send_test(actor=current_actor(), endpoint_id=endpoint_id)
    flash(_("Kabar uji sedang dikirim. Muat ulang halaman ini untuk melihat jawabannya."), "ok")
    return redirect(url_for(".delivery", endpoint_id=endpoint_id, delivery_id=row.id))


@blueprint.route(f"/<{ID}:endpoint_id>/remove", methods=["GET", "POST"])
@protected(Permission.WEBHOOK_MANAGE)
def remove(endpoint_id: int) -> str | Response:
    """Forget an address, after a page that says what that means."""
    row = _own(endpoint_id)
    if request.method == "POST":
        services.remove(actor=current_actor(), endpoint_id=endpoint_id)
        flash(_("Alamat dihapus. Tidak ada lagi yang dikirim ke sana."), "ok")
        return redirect(url_for(".endpoints"))
    return render_template("webhooks/remove.html", endpoint=row)


@blueprint.get(f"/<{ID}:endpoint_id>/deliveries/<{ID}:delivery_id>")
@protected(Permission.WEBHOOK_MANAGE)
def delivery(endpoint_id: int, delivery_id: int) -> str:
    """What was sent, and every try."""
    row = _own(endpoint_id)
    page = queries.delivery_page(row.id, delivery_id)
    if page is None:
        raise services.no_delivery()
    return render_template(
        "webhooks/delivery.html",
        endpoint=row,
        page=page,
        body=json.dumps(json.loads(page.delivery.body), ensure_ascii=False, indent=2),
        words=STATE_WORDS,
        outcomes=OUTCOME_WORDS,
        label_of=label_of,
    )


@blueprint.post(f"/<{ID}:endpoint_id>/deliveries/<{ID}:delivery_id>/again")
@protected(Permission.WEBHOOK_MANAGE)
def again(endpoint_id: int, delivery_id: int) -> Response:
    """Send one event again."""
    services.send_again(actor=current_actor(), endpoint_id=endpoint_id, delivery_id=delivery_id)
    flash(_("Kabar ini sedang dikirim lagi. Muat ulang halaman ini untuk melihat jawabannya."), "ok")
    return redirect(url_for(".delivery", endpoint_id=endpoint_id, delivery_id=delivery_id))
