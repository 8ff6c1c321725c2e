"""What search engines ask for first: what to leave alone, and which public pages there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from xml.sax.saxutils import escape

from flask import Response, url_for

from ...errors import NotFound
from ...i18n import _
from ...mailing import address
from ...permissions import public
from ..queries import sitemap as queries
from ..queries.sitemap import PART_SIZE, Place
from .public import blueprint

CLOSED = (
    "/account", "/api/", "/buyer", "/compare", "/office", "/products?", "/products/saved", "/register",
    "/seller$", "/seller/", "/sign-in", "/verify/",
)  # fmt: skip
"""Nothing for strangers, or the same goods in endless orders."""
HOUR = "public, max-age=3600"
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PARTS = {"makers": queries.makers, "products": queries.products}


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """What a search engine leaves alone, and where it finds the rest."""
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    text = f"User-agent: *\n{closed}\nSitemap: {address(url_for('.sitemap'))}\n"
    return _kept(Response(text, mimetype="text/plain"))


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """Every public page, or, where one file cannot hold them, the files that do."""
    counts = {"makers": queries.count_makers(), "products": queries.count_products()}
    pages = _pages()
    if len(pages) + sum(counts.values()) <= PART_SIZE:
        return _file(chain(pages, queries.makers(1), queries.products(1)))
    files = [url_for(".sitemap_pages")] + [
        url_for(".sitemap_part", part=part, number=number)
        for part, count in counts.items()
        for number in range(1, _parts(count) + 1)
    ]
    lines = "".join(f"<sitemap><loc>{escape(address(file))}</loc></sitemap>\n" for file in files)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SPACE}">\n{lines}</sitemapindex>\n'
    return _kept(Response(text, mimetype="application/xml"))


@blueprint.get("/sitemap-pages.xml")
@public
def sitemap_pages() -> Response:
    """The home page and the kinds of goods."""
    return _file(_pages())


@blueprint.get("/sitemap-<any(makers, products):part>-<int(max=99999):number>.xml")
@public
def sitemap_part(part: str, number: int) -> Response:
    """One stretch of the makers or of the products."""
    count = queries.count_makers() if part == "makers" else queries.count_products()
    if not 1 <= number <= max(_parts(count), 1):
        raise NotFound(_("Berkas peta situs ini tidak ada."))
    return _file(PARTS[part](number))


def _pages() -> list[Place]:
    return [Place("/"), Place("/products"), Place("/categories"), *queries.kinds()]


def _parts(count: int) -> int:
    return -(-count // PART_SIZE)


def _file(places: Iterable[Place]) -> Response:
    return _kept(Response("".join(_lines(places)), mimetype="application/xml"))


def _lines(places: Iterable[Place]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SPACE}">\n'
    for place in places:
        changed = f"<lastmod>{place.changed_on}</lastmod>" if place.changed_on else ""
        yield f"<url><loc>{escape(address(place.path))}</loc>{changed}</url>\n"
    yield "</urlset>\n"


def _kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = HOUR
    return answer
