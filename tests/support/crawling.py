"""Follows every link of a person's pages, without a browser, and reads what each page is made of."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from unittest import mock
from urllib.parse import urldefrag, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.exceptions import HTTPException

from marketplace import clock, documents
from tests.support.town import NOON

ROOT = "http://localhost"
HTML = "text/html"


class PageReader:
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        self.links: list[str] = []
        self.headings = 0
        self.language = ""
        self.ids: Counter[str] = Counter()
        self.pointed_at: set[str] = set()
        self.scripts_without_nonce = 0
        self.inline_styles = 0
        tree = LexborHTMLParser(html)
        title = tree.css_first("head > title")
        self.title = title.text() if title else ""
        for node in tree.css("*"):
            self._note(str(node.tag), {name: value or "" for name, value in node.attributes.items()})
        tree.strip_tags(["script", "style", "title"])
        self.text = " ".join(tree.root.text(separator=" ").split()) if tree.root else ""
        """All readable words, in one line."""

    def _note(self, tag: str, values: dict[str, str]) -> None:
        """Note links, headings, ids and what breaks the content security policy."""
        if tag == "a" and "href" in values and "download" not in values:
            self.links.append(values["href"])
        if tag in {"img", "script"} and "src" in values:
            self.links.append(values["src"])
        if tag == "h1":
            self.headings += 1
        if tag == "html":
            self.language = values.get("lang", "")
        if tag == "script" and "nonce" not in values:
            self.scripts_without_nonce += 1
        if tag == "style" or "style" in values or any(name.startswith("on") for name in values):
            self.inline_styles += 1
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if name in values:
                self.pointed_at.update(values[name].split())


@dataclass(frozen=True)
class Visit:
    """One address that a person can reach."""

    url: str
    endpoint: str
    status: int
    kind: str
    came_from: str
    faults: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether a person sees a page there, not a file or a redirect."""
        return self.status == 200 and self.kind == HTML


@dataclass
class Walk:
    """All that one person reached."""

    visits: dict[str, Visit] = field(default_factory=dict)

    @property
    def pages(self) -> list[Visit]:
        """The pages among the addresses."""
        return [visit for visit in self.visits.values() if visit.is_page]

    @property
    def endpoints(self) -> set[str]:
        """Which of the app's endpoints were reached."""
        return {visit.endpoint for visit in self.visits.values() if visit.status < 400}

    def examples(self) -> dict[str, str]:
        """One address for each endpoint that shows a page: the first one met."""
        found: dict[str, str] = {}
        for visit in self.pages:
            found.setdefault(visit.endpoint, visit.url)
        return found


def endpoint_of(app: Flask, url: str) -> str:
    """The endpoint that answers an address; '' when none does."""
    return _endpoint_at(app, urlsplit(url).path)


@lru_cache(maxsize=10_000)
def _endpoint_at(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(path, method="GET")[0])
    except HTTPException:
        return ""


@dataclass(frozen=True)
class Limits:
    """How much of what is alike is enough: paths of an endpoint, queries of a path, files of a kind."""

    paths: int = 2
    queries: int = 3
    papers: int = 1


ENOUGH, ONE_OF_EACH = Limits(), Limits(paths=1, queries=1, papers=0)


def walk(
    app: Flask,
    client: FlaskClient,
    starts: Iterable[str],
    *,
    limits: Limits = ENOUGH,
    known: Container[str] = (),
) -> Walk:
    """Follow links from some addresses; of endpoints that are `known` one address each is enough."""
    found, queue = Walk(), deque((start, "") for start in starts)
    paths: dict[str, set[str]] = {}
    queries: Counter[str] = Counter()
    while queue:
        url, came_from = queue.popleft()
        here = ONE_OF_EACH if endpoint_of(app, url) in known else limits
        if url in found.visits or not _is_wanted(app, url, here, paths, queries):
            continue
        visit, links = _visit(app, client, url, came_from)
        found.visits[url] = visit
        queue.extend((link, url) for link in links)
    return found


def _is_wanted(
    app: Flask, url: str, limits: Limits, paths: dict[str, set[str]], queries: Counter[str]
) -> bool:
    endpoint, parts = endpoint_of(app, url), urlsplit(url)
    seen = paths.setdefault(endpoint, set())
    most = limits.papers if parts.path.endswith(PAPERS) or endpoint in EXPORTS else limits.paths
    if endpoint and parts.path not in seen and len(seen) >= most:
        return False
    if queries[parts.path] >= limits.queries:
        return False
    seen.add(parts.path)
    queries[parts.path] += 1
    return True


def _visit(app: Flask, client: FlaskClient, url: str, came_from: str) -> tuple[Visit, list[str]]:
    with clock.frozen(NOON), UNSET, client.get(url) as answer:
        kind = answer.mimetype
        endpoint = endpoint_of(app, url)
        links: list[str] = []
        faults: tuple[str, ...] = ()
        if 300 <= answer.status_code < 400:
            links = _ours(url, [answer.headers["Location"]])
        elif kind == HTML:
            page = PageReader(answer.get_data(as_text=True))
            links = _ours(url, page.links)
            faults = tuple(_faults(page, answer.headers.get("Content-Security-Policy", "")))
        elif not answer.is_streamed:
            answer.get_data()
    return Visit(url, endpoint, answer.status_code, kind or "", came_from, faults), links


def _ours(base: str, links: Iterable[str]) -> list[str]:
    found = []
    for link in dict.fromkeys(links):
        absolute = urldefrag(urljoin(ROOT + base, link)).url
        parts = urlsplit(absolute)
        is_ours = parts.netloc == "localhost" and not parts.path.startswith("/static/")
        if not is_ours or "lang=" in parts.query:  # the switch would change the walker's language
            continue
        found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def _faults(page: PageReader, policy: str) -> Iterable[str]:
    if page.headings != 1:
        yield f"{page.headings} h1"
    if page.language not in {"id", "en"}:
        yield f"lang {page.language!r}"
    if not page.title.split("|")[0].strip():
        yield "no title"
    if "'nonce-" not in policy or "unsafe" in policy:
        yield "no nonce in the content security policy"
    if page.scripts_without_nonce:
        yield f"{page.scripts_without_nonce} scripts without nonce"
    if page.inline_styles:
        yield f"{page.inline_styles} inline styles or handlers"
    twice = [name for name, count in page.ids.items() if count > 1]
    if twice:
        yield f"ids that stand twice: {twice[:5]}"
    nowhere = sorted(page.pointed_at - page.ids.keys())
    if nowhere:
        yield f"names of nothing: {nowhere[:5]}"


EXPORTS = {"exchange.export_kind"}
PAPERS = (".pdf", ".xlsx")
"""Of these one of a kind is more than enough: making them takes longest, and nobody reads on from there."""

UNSET = mock.patch.object(documents, "pdf", return_value=b"%PDF-")
"""A walk sees that a paper is there and can be written; that it can be set is seen where each is tested."""

PIECES = {"catalog.suggestions", "seller_products.places", "order_papers.many"}
"""What answers with a piece of a page, or with a file of what was chosen there, for a page that has asked."""


def starts(app: Flask) -> list[str]:
    """Every page address without an argument: a person may type any of them."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PIECES
        and not rule.arguments
        and "GET" in (rule.methods or ())
        and not rule.rule.startswith("/static")
    )
