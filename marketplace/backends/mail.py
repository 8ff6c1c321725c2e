"""Mail's door to the outside, chosen by MAIL_URL: memory:, file: or smtp://user:password@host:port."""

from __future__ import annotations

import secrets
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .. import clock

Transport = Callable[[EmailMessage], None]
TIMEOUT_S = 20


class MailFailed(Exception):
    """The mail did not go; tried again later. The message names no person."""


def compose(*, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """A plain-text mail. Raises ValueError when a header holds a line break."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message


def transport(url: str, data_dir: Path) -> Transport:
    """What delivers mail. Raises ValueError for an address it does not know."""
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Memory()
    if parts.scheme == "file":
        return Folder(Path(parts.path) if parts.path else data_dir / "mail")
    if parts.scheme in {"smtp", "smtps"}:
        return Smtp(parts)
    raise ValueError(f"MAIL_URL: {parts.scheme}: is neither memory, file, smtp nor smtps")


class Memory:
    """Keeps mail in a list, for tests."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def __call__(self, message: EmailMessage) -> None:
        """Keep it."""
        self.sent.append(message)


class Folder:
    """Writes each mail as an .eml file, for trying out and for machines without a mail server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, message: EmailMessage) -> None:
        """Write it under its moment, so that the folder lists in order."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stamp = clock.now().strftime("%Y%m%d-%H%M%S")
        path = self.folder / f"{stamp}-{secrets.token_hex(4)}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(bytes(message))
        draft.chmod(0o600)
        draft.rename(path)


class Smtp:
    """Sends through a mail server: smtp:// (STARTTLS where offered; ?tls=required insists) or smtps://."""

    def __init__(self, parts: SplitResult) -> None:
        if not parts.hostname:
            raise ValueError("MAIL_URL names no host")
        self.host = parts.hostname
        self.is_tls = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.is_tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.must_encrypt = self.is_tls or "required" in parse_qs(parts.query).get("tls", [])

    def __call__(self, message: EmailMessage) -> None:
        """Hand it over. Raises MailFailed."""
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"{type(error).__name__} from {self.host}:{self.port}") from None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.is_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self.must_encrypt or (self.user and self.host not in {"127.0.0.1", "localhost", "::1"}):
                raise smtplib.SMTPNotSupportedError("the server offers no encryption")
        except BaseException:
            server.close()
            raise
        return server
