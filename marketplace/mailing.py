"""Mail that the product writes: promised in a transaction, written from a template, sent by the worker.

A mail is templates/mail/<template>.txt: its first line is the subject, the rest the text. What it holds is
sealed while it waits in the outbox, because it names people and may carry a link that opens an account.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import Flask, current_app
from flask_babel import LazyString
from sqlalchemy.orm import Session

from . import outbox
from .backends import mail
from .crypto import keyring
from .i18n import speaking

EXTENSION = "etalase_mail"


def init_app(app: Flask) -> None:
    """Give the app its way to send mail."""
    app.extensions[EXTENSION] = mail.transport(app.config["MAIL_URL"], app.config["DATA_DIR"])


def send(session: Session, *, to: str, template: str, locale: str, **context: Any) -> None:
    """Promise a mail in the caller's transaction; `context` is what its template says, JSON values only.

    A word that the product itself says is given as `N_` or LazyString: it is said in the reader's language,
    whoever sends the mail. Days are given as ISO dates and amounts as numbers, which the template writes.
    """
    with speaking(locale):
        sealed = seal({"to": to, "template": template, "locale": locale, "context": context})
    outbox.enqueue(session, "mail.send", {"template": template, "sealed": sealed})


def address(path: str) -> str:
    """A path as an address that can stand in a mail: always PUBLIC_URL, whatever host was asked for."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def seal(values: dict[str, Any]) -> str:
    """Values as text that only the product can read."""
    return base64.b64encode(keyring().encrypt(json.dumps(values, default=_said))).decode()


def unseal(text: str) -> dict[str, Any]:
    """The values again."""
    values: dict[str, Any] = json.loads(keyring().decrypt(base64.b64decode(text)))
    return values


def _said(value: object) -> str:
    """A text that was left to be said later, said now; nothing else that JSON does not know."""
    if isinstance(value, LazyString):
        return str(value)
    raise TypeError(f"a mail cannot hold {type(value).__name__}")


@outbox.handles("mail.send")
def deliver(payload: dict[str, Any]) -> None:
    """Write the mail in its reader's language and hand it over. Sent twice it does no harm."""
    letter = unseal(payload["sealed"])
    with speaking(letter["locale"]):
        page = current_app.jinja_env.get_template(f"mail/{letter['template']}.txt").render(letter["context"])
    subject, _line, text = page.strip().partition("\n")
    message = mail.compose(
        sender=current_app.config["MAIL_FROM"],
        to=letter["to"],
        subject=subject.strip(),
        text=text.strip() + "\n",
    )
    transport: mail.Transport = current_app.extensions[EXTENSION]
    transport(message)
