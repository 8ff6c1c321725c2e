"""The JSON API under /api/v1: its blueprints, its errors, its description at /api/v1/openapi.json.

A program shows `Authorization: Bearer TOKEN`; the cookie of a browser counts for nothing here, which is why
the API needs no CSRF token. docs/api.md shows the pattern.
"""

from __future__ import annotations

import re
from typing import Any

from apiflask import APIBlueprint
from apiflask.exceptions import HTTPError
from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.wrappers import Response

from .errors import InvalidInput, MarketplaceError, SignInNeeded
from .i18n import _
from .permissions import declared, public
from .problems import render_problem
from .security import csrf

PREFIX = "/api/v1"
SPEC_PATH = f"{PREFIX}/openapi.json"
MAX_BODY_BYTES = 8_000_000
PROBLEM_TYPE = "application/problem+json"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457). `detail` says what to do next, `fields` what is wrong.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


class StrictJson(DefaultJSONProvider):
    """JSON as the standard has it: NaN and Infinity are no numbers, and no depth crashes it."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON; raises ValueError for anything else."""
        try:
            return super().loads(s, parse_constant=_refuse_constant, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def blueprint(name: str, tag: str) -> APIBlueprint:
    """A blueprint of JSON endpoints under /api/v1 that stand in the description under `tag`."""
    made = APIBlueprint(f"api_{name}", f"{__package__}.{name}.api", tag=tag, url_prefix=PREFIX)
    csrf.exempt(made)
    return made


def init_app(app: Flask) -> None:
    """Describe the API and answer its errors like all others."""
    app.json = StrictJson(app)
    app.config.update(
        AUTO_SERVERS=False,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        SERVERS=[{"url": app.config["PUBLIC_URL"]}],
        SECURITY_SCHEMES={"bearer": {"type": "http", "scheme": "bearer"}},
    )
    app.register_error_handler(HTTPError, _render_refused_input)
    app.before_request(_limit_body)
    public(app.view_functions["openapi.spec"])
    app.spec_callback = lambda spec: _complete(app, spec)  # type: ignore[attr-defined]


def bearer_token() -> str | None:
    """The token this request shows, None when none. Raises SignInNeeded when it shows something else."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise bad_token()
    return token.strip()


def bad_token() -> SignInNeeded:
    """What a program hears whose token is unknown or was revoked."""
    return SignInNeeded(
        _("Token tidak dikenal atau sudah dicabut. Buat token baru di halaman akun."), code="bad_token"
    )


def _limit_body() -> None:
    if request.path.startswith("/api/"):
        request.max_content_length = MAX_BODY_BYTES


def _render_refused_input(error: HTTPError) -> Response:
    """What a schema refuses, as an InvalidInput with one sentence for each field."""
    fields: dict[str, str] = {}
    for place, wrong in error.detail.items() if isinstance(error.detail, dict) else ():
        said = {name: " ".join(sentences) for name, sentences in wrong.items()}
        is_header = place == "headers"
        fields.update({_header_name(name) if is_header else name: text for name, text in said.items()})
    if error.status_code == InvalidInput.status:
        return render_problem(
            InvalidInput(_("Ada isian yang belum benar; perbaiki lalu kirim lagi."), fields)
        )
    problem = MarketplaceError(error.message or "", code=f"http_{error.status_code}")
    problem.status = error.status_code
    return render_problem(problem)


def _header_name(name: str) -> str:
    """A header's name as it is written, of the field that it is read into."""
    return "-".join(word.capitalize() for word in re.split("[_-]", name))


_REFUSALS = {
    "400": "The request cannot be read.",
    "404": "There is no such thing, or it is not yours.",
    "409": "It contradicts what is already there.",
    "413": "The body is larger than the limit.",
    "422": "Some values are wrong; `fields` says which.",
    "429": "Tried too often; `Retry-After` says when to come back.",
}
_TOKEN_REFUSALS = {
    "401": "The token is missing, unknown or revoked.",
    "403": "The token's user may not do this.",
}


def _complete(app: Flask, spec: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation how it refuses and whether it needs a token."""
    spec.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<:]+:)?([^>]+)>", r"{\1}", rule.rule)
        needs_token = declared(app, rule.endpoint) is not None
        for method, operation in spec.get("paths", {}).get(path, {}).items():
            if method.upper() in (rule.methods or ()):
                refusals = _REFUSALS | _TOKEN_REFUSALS if needs_token else _REFUSALS
                if "requestBody" in operation:
                    operation["requestBody"]["required"] = True
                operation["security"] = [{"bearer": []}] if needs_token else [{}, {"bearer": []}]
                for status, sentence in refusals.items():
                    operation["responses"].setdefault(status, _refusal(sentence))
    return spec


def _refusal(sentence: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": sentence, "content": {PROBLEM_TYPE: {"schema": schema}}}
