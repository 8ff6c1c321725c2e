"""Answers travel compressed where that helps, and unharmed everywhere else."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from marketplace.compression import LEAST, Compressed, chosen_coding

LONG = "Keripik tempe daun jeruk. " * 400


def visitor_of(answer: Any) -> Client:
    return Client(Compressed(answer))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("BR;q=1.0, gzip;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("*", None),
        ("", None),
        (";;,,=q", None),
    ],
)
def test_the_best_coding_that_is_accepted_is_taken(accepted, coding):
    assert chosen_coding(accepted) == coding


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_text_is_compressed_and_comes_out_the_same(coding, unpack):
    answer = visitor_of(Response(LONG, mimetype="text/css")).get("/", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(LONG) / 10
    assert unpack(answer.data).decode() == LONG


def test_a_page_keeps_all_it_says_and_its_size_tells_nothing():
    visitor = visitor_of(Response(LONG, mimetype="text/html"))
    pages = [visitor.get("/", headers={"Accept-Encoding": "br"}).data for _ in range(30)]
    assert all(brotli.decompress(page).decode().startswith(LONG) for page in pages)
    assert len({len(page) for page in pages}) > 5


@pytest.mark.parametrize(
    "answer",
    [
        Response("x" * (LEAST - 1), mimetype="text/html"),
        Response(b"x" * 5000, mimetype="image/webp"),
        Response(b"x" * 5000, mimetype="font/woff2"),
        Response(LONG, mimetype="text/html", headers={"Content-Encoding": "gzip"}),
        Response((chunk for chunk in (LONG, LONG)), mimetype="text/csv"),
        Response(LONG, status=206, mimetype="text/css"),
    ],
    ids=["small", "photo", "font", "encoded", "streamed", "part"],
)
def test_what_gains_nothing_passes_as_it_is(answer):
    passed = visitor_of(answer).get("/", headers={"Accept-Encoding": "br, gzip"})
    assert passed.headers.get("Content-Encoding") in {None, "gzip"}
    assert "Vary" not in passed.headers
    passed.close()


def test_a_browser_that_asks_for_nothing_gets_plain_text():
    assert visitor_of(Response(LONG, mimetype="text/html")).get("/").text == LONG


def test_head_answers_keep_their_length():
    answer = visitor_of(Response(LONG, mimetype="text/css")).head("/", headers={"Accept-Encoding": "br"})
    assert int(answer.headers["Content-Length"]) == len(LONG)


def test_an_etag_becomes_weak():
    source = Response(LONG, mimetype="image/svg+xml", headers={"Vary": "Cookie"})
    source.set_etag("motif")
    answer = visitor_of(source).get("/", headers={"Accept-Encoding": "br"})
    assert answer.headers["ETag"] == 'W/"motif"'
    assert answer.headers["Vary"] == "Accept-Encoding, Cookie"


def test_a_file_is_compressed_once_and_again_when_it_changed():
    changed = {"Last-Modified": "Sun, 22 Nov 2026 05:00:00 GMT"}
    body = [LONG]

    def serve(environ: Any, start: Any) -> Any:
        return Response(body[0], mimetype="text/css", headers=changed)(environ, start)

    visitor = visitor_of(serve)
    first = visitor.get("/static/css/a.css", headers={"Accept-Encoding": "br"})
    body[0], changed["Last-Modified"] = LONG.upper(), "Sun, 22 Nov 2026 06:00:00 GMT"
    second = visitor.get("/static/css/a.css", headers={"Accept-Encoding": "br"})
    assert brotli.decompress(first.data).decode() == LONG
    assert brotli.decompress(second.data).decode() == LONG.upper()


def test_the_body_is_closed_whoever_reads_it():
    closed = []
    answer = Response(LONG, mimetype="text/html")
    answer.call_on_close(lambda: closed.append(True))
    visitor_of(answer).get("/", headers={"Accept-Encoding": "br"})
    assert closed == [True]


def test_pages_of_the_shop_arrive_compressed(client: Any) -> None:
    answer = client.get("/styleguide", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "Panduan gaya" in brotli.decompress(answer.data).decode()
