"""Every setting once: its name, type, default and meaning. Values come from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
PREPARED_STATEMENTS = 500
"""How many statements a connection remembers, and prepares once: all that its pages ask in turn. What the
drivers remember by themselves (psycopg 100, sqlite3 128) is forgotten before it comes again."""


@dataclass(frozen=True)
class Setting:
    """One setting: how it is written in the environment and what it means."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    meaning: str


def _truth(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _day(text: str) -> date:
    return date.fromisoformat(text.strip())


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _ports(text: str) -> list[int]:
    return [int(word) for word in _words(text)]


SETTINGS: tuple[Setting, ...] = (
    Setting("DATA_DIR", str, "var", "Folder of everything embedded: database, media, keys, queue, mail."),
    Setting("DATABASE_URL", str, "", "postgresql://... for PostgreSQL; empty: SQLite in DATA_DIR."),
    Setting("HOST", str, "127.0.0.1", "Address the server listens on."),
    Setting("PORT", int, 8000, "Port the server listens on."),
    Setting("WEB_PROCESSES", int, 1, "Server processes of `make run`; more than one wants PostgreSQL."),
    Setting("WEB_THREADS", int, 4, "Requests that each server process answers at a time."),
    Setting("PUBLIC_URL", str, "", "Address people use, in links and QR codes; empty: HOST and PORT."),
    Setting("TRUSTED_HOSTS", _words, [], "Host names served besides PUBLIC_URL's and loopback."),
    Setting("PROXIES", int, 0, "Reverse proxies in front, whose X-Forwarded-For and -Proto are believed."),
    Setting("SECRET_KEY", str, "", "Signs cookies; empty: made once and kept in DATA_DIR/keys."),
    Setting("DATA_KEYS", _words, [], "base64 keys for personal data, newest first; empty: DATA_DIR/keys."),
    Setting("STORAGE_URL", str, "file:", "Where files go: file: is DATA_DIR/media; s3://bucket a store."),
    Setting(
        "SEARCH_URL", str, "", "whoosh: or whoosh:/folder, postgres:; empty: postgres: where the database is."
    ),
    Setting("MAIL_URL", str, "file:", "file: writes to DATA_DIR/mail; smtp://user:pass@host:port sends."),
    Setting("MAIL_FROM", str, "Etalase <no-reply@etalase.example>", "Sender of every mail."),
    Setting("REDIS_URL", str, "", "Queue and rate limits in Redis; empty: SQLite file and memory."),
    Setting("LOG_LEVEL", str, "INFO", "Least important log line that is written."),
    Setting("EMBEDDED_WORKER", _truth, True, "Run queued work inside the server when no worker runs."),
    Setting("SECURE_COOKIES", _truth, False, "Send cookies over HTTPS only; on when PUBLIC_URL is https."),
    Setting("IMPORT_MAX_BYTES", int, 300_000_000, "Largest file an import takes, in bytes."),
    Setting("PHOTO_MAX_BYTES", int, 15_000_000, "Largest photo that is taken, in bytes."),
    Setting("PHOTO_QUOTA_MB", int, 300, "Room for all photos of one seller, in megabytes."),
    Setting("SESSION_DAYS", int, 30, "Days after which a sign-in ends, counted from its last use."),
    Setting("SAMPLE_REPLY_DAYS", int, 5, "Days that a maker has to answer a request for a sample."),
    Setting("QUESTIONS_PER_DAY", int, 30, "Questions about products that one team may ask in a day."),
    Setting("PAYMENT_PROVIDER", str, "manual", "Who carries money of bills: stripe; manual: nobody."),
    Setting("STRIPE_SECRET_KEY", str, "", "Stripe's secret key; empty: nobody carries money."),
    Setting("STRIPE_WEBHOOK_SECRET", _words, [], "Stripe's webhook signing secret; several: any of them."),
    Setting("STRIPE_API_BASE", str, "", "Address of Stripe's API, for a stand-in; empty: Stripe's own."),
    Setting("STRIPE_LEAST_RUPIAH", int, 10_000, "Least amount that is asked through Stripe, in rupiah."),
    Setting("PROVIDER_EVENT_DAYS", int, 400, "Days for which it is kept what a payment provider told."),
    Setting("SETTLE_FROM", _day, "", "YYYY-MM-DD; sales before this day were settled outside; empty: all."),
    Setting("WEBHOOK_PORTS", _ports, [], "Ports besides 443 to which webhooks may be sent."),
    Setting("WEBHOOK_SECONDS", int, 10, "Seconds that one try of a webhook may take, from name to answer."),
    Setting(
        "WEBHOOK_PRIVATE_ALLOWED",
        _truth,
        False,
        "Send webhooks to loopback and private networks too, without TLS; for development alone.",
    ),
    Setting("CITY_NAME", str, "Surakarta", "Name of the city on public pages."),
    Setting("CITY_REGION", str, "33.72", "Kemendagri code of the city on public pages."),
    Setting("DEMO", _truth, False, "Show the demo accounts on the sign-in page."),
)


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> dict[str, Any]:
    """Settings as a dict for app.config: environment over defaults, overrides over both."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.name, "")
        try:
            values[setting.name] = setting.parse(text) if text != "" else setting.default
        except ValueError as error:
            raise ValueError(f"{setting.name}={text!r}: {setting.meaning}") from error
    values.update(overrides)
    _derive(values)
    return values


def _derive(values: dict[str, Any]) -> None:
    data_dir = Path(values["DATA_DIR"])
    if not data_dir.is_absolute():
        data_dir = PROJECT_ROOT / data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    values["DATA_DIR"] = data_dir
    values["SQLALCHEMY_DATABASE_URI"] = database_uri(values["DATABASE_URL"], data_dir)
    engine_options: dict[str, Any] = {"hide_parameters": True}  # errors must not quote people's data
    if values["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        # Our statements take milliseconds; compiling them just in time took ten times as long.
        engine_options["connect_args"] = {"options": "-c jit=off"}
    else:
        engine_options["connect_args"] = {"cached_statements": PREPARED_STATEMENTS}
    values.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options)
    if not values["PUBLIC_URL"]:
        host = values["HOST"] if values["HOST"] not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
        values["PUBLIC_URL"] = f"http://{host}:{values['PORT']}"
    values["PUBLIC_URL"] = values["PUBLIC_URL"].rstrip("/")
    values["SECURE_COOKIES"] = values["SECURE_COOKIES"] or values["PUBLIC_URL"].startswith("https://")
    if not values["SECRET_KEY"]:
        values["SECRET_KEY"] = kept_secret(data_dir / "keys" / "secret_key")


def database_uri(url: str, data_dir: Path) -> str:
    """The SQLAlchemy address: psycopg 3 for PostgreSQL, a file in data_dir otherwise."""
    if not url:
        return f"sqlite:///{data_dir / 'etalase.sqlite3'}"
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def kept_secret(path: Path) -> str:
    """A random secret made once and kept in a file only its owner may read; safe if two start at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
