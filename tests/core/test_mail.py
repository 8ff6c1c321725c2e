"""Mail leaves by memory, by file or by a mail server, and says nothing it should not."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from marketplace import clock, mailing, outbox
from marketplace.backends import mail
from marketplace.db import unit_of_work
from marketplace.outbox import OutboxItem
from tests.conftest import A_SUNDAY


def letter(to: str = "siti@contoh.example", subject: str = "Kata sandi baru") -> email.message.EmailMessage:
    return mail.compose(
        sender="Etalase <no-reply@etalase.example>",
        to=to,
        subject=subject,
        text="Halo Siti, ini tautannya: http://localhost/reset/" + "x" * 80 + "\nSalam – Etalase\n",
    )


class Server:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], email.message.Message]] = []
        self.refuse = False
        self.port = 0

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return "550 no such person siti@contoh.example"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.got.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 OK"


@pytest.fixture
def server():
    kept = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        kept.port = probe.getsockname()[1]
    controller = Controller(
        kept, hostname="127.0.0.1", port=kept.port, authenticator=allow, auth_require_tls=False
    )
    controller.start()
    yield kept
    controller.stop()


def allow(_server, _session, _envelope, mechanism, data) -> AuthResult:
    is_right = mechanism in {"LOGIN", "PLAIN"} and (data.login, data.password) == (b"etalase", b"rahasia:/@")
    return AuthResult(success=is_right, handled=False)


def test_a_mail_server_gets_the_letter_whole(server, tmp_path):
    mail.transport(f"smtp://127.0.0.1:{server.port}", tmp_path)(letter())
    sender, to, message = server.got[0]
    assert (sender, to) == ("no-reply@etalase.example", ["siti@contoh.example"])
    assert message["Subject"] == "Kata sandi baru"
    assert "http://localhost/reset/" + "x" * 80 in message.get_content()
    assert "Salam – Etalase" in message.get_content()
    assert message["Message-ID"].endswith("@etalase.example>")


def test_user_and_password_are_read_from_the_address(server, tmp_path):
    mail.transport(f"smtp://etalase:rahasia%3A%2F%40@127.0.0.1:{server.port}", tmp_path)(letter())
    assert len(server.got) == 1
    with pytest.raises(mail.MailFailed):
        mail.transport(f"smtp://etalase:salah@127.0.0.1:{server.port}", tmp_path)(letter())


def test_a_refusal_names_no_person(server, tmp_path):
    server.refuse = True
    with pytest.raises(mail.MailFailed) as failed:
        mail.transport(f"smtp://127.0.0.1:{server.port}", tmp_path)(letter())
    assert "siti" not in str(failed.value)


def test_a_server_that_is_away_is_a_failure_that_is_tried_again(tmp_path):
    with pytest.raises(mail.MailFailed, match=r"127\.0\.0\.1:1"):
        mail.transport("smtp://127.0.0.1:1", tmp_path)(letter())


def test_a_server_without_encryption_is_refused_where_it_is_asked_for(server, tmp_path):
    with pytest.raises(mail.MailFailed):
        mail.transport(f"smtp://127.0.0.1:{server.port}?tls=required", tmp_path)(letter())
    assert server.got == []


def test_mail_over_tls_checks_the_certificate(tmp_path):
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
    smtps = mail.transport("smtps://mail.example", tmp_path)
    assert isinstance(smtps, mail.Smtp)
    assert (smtps.port, smtps.must_encrypt) == (465, True)


def test_files_are_letters_that_any_mail_program_opens(tmp_path):
    with clock.frozen(A_SUNDAY):
        mail.transport("file:", tmp_path)(letter())
        mail.transport(f"file:{tmp_path / 'elsewhere'}", tmp_path)(letter())
    path = next((tmp_path / "mail").iterdir())
    assert path.name.startswith("20261122-050000-")
    assert path.stat().st_mode & 0o077 == 0
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["To"] == "siti@contoh.example"
    assert len(list((tmp_path / "elsewhere").glob("*.eml"))) == 1


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_line_break_never_becomes_a_header(field):
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        letter(**{field: "x@contoh.example\nBcc: evil@evil.example"})


@pytest.mark.parametrize("url", ["http://mail.example", "mail.example", "", "smtp://"])
def test_an_address_that_is_no_mail_server_is_refused_at_the_start(tmp_path, url):
    with pytest.raises(ValueError, match="MAIL_URL"):
        mail.transport(url, tmp_path)


def test_a_letter_waits_sealed_and_leaves_with_the_commit_only(app):
    def send() -> None:
        with unit_of_work() as session:
            mailing.send(
                session, to="siti@contoh.example", template="password_changed", locale="id", name="Siti"
            )

    send()
    with unit_of_work() as session:
        payload = session.query(OutboxItem).one().payload
    assert payload["template"] == "password_changed"
    assert "siti" not in str(payload).lower().replace(payload["sealed"].lower(), "")
    sent = app.extensions[mailing.EXTENSION].sent
    assert sent == []
    outbox.drain()
    assert [message["To"] for message in sent] == ["siti@contoh.example"]
    assert sent[0]["From"] == app.config["MAIL_FROM"]
    assert "Siti" in sent[0].get_content()


def test_a_name_is_written_as_it_is_and_never_read_as_markup(app):
    with unit_of_work() as session:
        mailing.send(
            session,
            to="a@contoh.example",
            template="password_changed",
            locale="id",
            name="O'Brien & <b>{{ 7*7 }}",
        )
    outbox.drain()
    assert "O'Brien & <b>{{ 7*7 }}" in app.extensions[mailing.EXTENSION].sent[0].get_content()
