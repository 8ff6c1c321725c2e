"""The tools of the browser tests work against pages as strict as ours."""

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.browser import DESK, PHONE, axe, evaluate, sideways_scroll
from tests.support.server import serving

STRICT = "default-src 'self'; script-src 'nonce-abc'; require-trusted-types-for 'script'"
GOOD = """<!doctype html><html lang="id"><meta name="viewport"
content="width=device-width, initial-scale=1"><title>Etalase</title><main><h1>Rak toko</h1><p id="w"></p>
<script nonce="abc">document.getElementById("w").textContent = "lebar " + innerWidth</script></main></html>"""
BAD = """<!doctype html><html lang="id"><meta name="viewport"
content="width=device-width, initial-scale=1"><title>Etalase</title><main><h1>Rak</h1><img src="/x.png">
<input type="text"><p>x<span style="position:absolute;left:0;width:900px">lebar</span></p></main></html>"""


@Request.application
def app(request: Request) -> Response:
    page = {"/good": GOOD, "/bad": BAD}.get(request.path, "")
    headers = {"Content-Security-Policy": STRICT} if request.path == "/good" else None
    return Response(page, mimetype="text/html", headers=headers)


@pytest.fixture(scope="module")
def address():
    with serving(app) as url:
        yield url


@pytest.mark.browser
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_page_opens_at_phone_and_desk_width(open_page, address, width):
    page = open_page(width=width)
    page.goto(f"{address}/good")
    assert page.locator("#w").inner_text() == f"lebar {width}"
    assert sideways_scroll(page) == 0
    assert page.locator("html").evaluate("element => element.lang") == "id"


@pytest.mark.browser
def test_axe_runs_under_a_strict_csp_and_finds_nothing_on_a_good_page(open_page, address):
    page = open_page(width=PHONE)
    page.goto(f"{address}/good")
    assert axe(page) == []
    assert axe(page) == []


@pytest.mark.browser
def test_axe_names_the_rules_that_a_bad_page_breaks(open_page, address):
    page = open_page(width=PHONE)
    page.goto(f"{address}/bad")
    assert {"image-alt", "label"} <= {violation.rule for violation in axe(page)}
    assert sideways_scroll(page) > 0


@pytest.mark.browser
def test_without_javascript_the_page_stands_as_the_server_sent_it(open_page, address):
    page = open_page(javascript=False)
    page.goto(f"{address}/good")
    assert page.locator("h1").inner_text() == "Rak toko"
    assert page.locator("#w").inner_text() == ""


@pytest.mark.browser
def test_a_failing_expression_fails_the_test(open_page, address):
    page = open_page()
    page.goto(f"{address}/good")
    with pytest.raises(AssertionError, match="JavaScript failed"):
        evaluate(page, "nothing.here")
