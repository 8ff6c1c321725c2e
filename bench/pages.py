"""Whole pages, signed in, beside a bare Flask route with the same queries and the same template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta
from typing import Any

from flask import Flask, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import event, select

from bench.harness import NOON, City, Measured, benchmark
from marketplace import clock
from marketplace.catalog.models import Category, Product
from marketplace.catalog.rules import category_address, product_path
from marketplace.catalog.services import indexing
from marketplace.compliance.services import keep_standing_days
from marketplace.db import db, unit_of_work
from marketplace.permissions import Role
from tests import factories
from tests.support.signing import sign_in

REQUESTS = 15
WARM_REQUESTS = 12
"""Connections live long: PostgreSQL plans a statement anew until its connection has asked it ten times."""


@benchmark("dashboard")
def dashboard(city: City) -> Measured:
    """The office's first screen, as of today; the worker has kept the standings."""
    keep_standing_days()
    return _page(city, "/office")


@benchmark("outlet_page")
def outlet_page(city: City) -> Measured:
    """One outlet with every agreement, counted or not and why, on a day 200 days ago."""
    return _page(city, f"/office/outlets/17?as_of={city.today - timedelta(days=200)}")


@benchmark("page_category")
def page_category(city: City) -> Measured:
    """The page of a category, as a chain's buyer sees it."""
    return _page(city, category_address(_one(Category).path), _buyer)


@benchmark("page_search")
def page_search(city: City) -> Measured:
    """A text search with a filter, its first page and the counts of every filter."""
    if "indexed" not in city.kept:
        city.kept["indexed"] = indexing.rebuild()
    return _page(city, "/products?q=keripik+pedas&consignment=1", _buyer)


@benchmark("page_product")
def page_product(city: City) -> Measured:
    """One product with all that a buyer wants to know of it."""
    product = _one(Product)
    return _page(city, product_path(product.id, product.name), _buyer)


def _one(model: Any) -> Any:
    with unit_of_work() as session:
        return session.scalars(select(model).order_by(model.id).offset(3).limit(1)).one()


def _page(city: City, path: str, who: Callable[[City], Any] | None = None) -> Measured:
    client = city.app.test_client()
    sign_in(client, (who or _officer)(city))
    with _recorded(city.app) as seen:
        answer = _alone(lambda: client.get(path))
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    value = _warm_median_ms(city, client, path)
    with city.raw() as connection:
        limit = _warm_median_ms(city, _bare_app(city.app, path, connection, seen).test_client(), "/")
    return Measured(value, limit, note=f"{len(seen.queries)} queries, {len(answer.data) // 1024} KiB")


def _warm_median_ms(city: City, client: FlaskClient, path: str) -> float:
    for _request in range(WARM_REQUESTS):
        _alone(lambda: client.get(path))
    return city.median_ms(lambda: _alone(lambda: client.get(path)), REQUESTS)


def _alone(request: Callable[[], Any]) -> Any:
    """A request with nothing left over from the one before: it loads its session and its user itself."""

    def at_noon() -> Any:
        with clock.frozen(NOON):
            return request()

    return Context().run(at_noon)


def _officer(city: City) -> Any:
    if "officer" not in city.kept:
        city.kept["officer"] = factories.officer(Role.HEAD)
    return city.kept["officer"]


def _buyer(city: City) -> Any:
    if "buyer" not in city.kept:
        city.kept["buyer"] = factories.member(Role.BUYER_MANAGER, operator_id=1)
    return city.kept["buyer"]


class Seen:
    """What one request asked of the database and gave to its template."""

    def __init__(self) -> None:
        self.queries: list[tuple[str, Any]] = []
        self.rendered: list[tuple[Any, dict[str, Any]]] = []


@contextmanager
def _recorded(app: Flask) -> Iterator[Seen]:
    seen = Seen()

    def note_query(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and not many:
            seen.queries.append((statement, parameters))

    def note_template(_app: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        seen.rendered.append((template, context))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note_query)
    template_rendered.connect(note_template, app)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note_query)
        template_rendered.disconnect(note_template, app)


def _bare_app(app: Flask, path: str, connection: Any, seen: Seen) -> Flask:
    """A Flask app of one route: the bare driver runs the queries, the template renders as it did."""
    bare = Flask("bare")
    template, context = seen.rendered[-1]

    def render() -> str:
        for statement, parameters in seen.queries:
            connection.execute(statement, parameters).fetchall()
        page: str = template.render(context)
        return page

    bare.add_url_rule("/", "page", _within(app, path, render))
    return bare


def _within(app: Flask, path: str, render: Callable[[], str]) -> Callable[[], str]:
    """Addresses and words in the template need the real app's request context."""

    def view() -> str:
        with app.test_request_context(path):
            return render()

    return view
