"""Where webhooks may go, and what a server on the other side can do to us: nothing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace import clock
from marketplace.errors import InvalidInput
from marketplace.webhooks import sending
from marketplace.webhooks.rules.addresses import is_public, may_send_to, read_target
from marketplace.webhooks.rules.schedule import Outcome
from tests.support.receiving import OK, drip, pour, receiver

CONNECT = sending.open_socket
PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

HOSTILE = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
    127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
    192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:93.184.215.14
    ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378::1
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:5db8:d70e::1 3fff::1 5f00::1
    fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1 4000::1
    2606:4700::1%eth0
""".split()  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_an_address_inside_is_not_public(text):
    assert not is_public(ip_address(text))


OUTSIDE = f"""{PUBLIC} 8.8.8.8 100.63.255.255 172.32.0.1 192.167.1.1 223.255.255.254
    {OTHER_PUBLIC} 2400:cb00:2048:1::1 2a00:1450::1""".split()
NEVER = """169.254.169.254 fd00:ec2::254 fd20:ce::254 168.63.129.16 ::ffff:127.0.0.1 64:ff9b::7f00:1
    100.100.100.200 224.0.0.1 0.0.0.0""".split()


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_outside_is_public(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NEVER)
def test_even_development_reaches_no_metadata_and_no_disguise(text):
    assert not may_send_to(ip_address(text), private_allowed=True)
    assert may_send_to(ip_address("127.0.0.1"), private_allowed=True)


BAD_URLS = [
    "", "gudang.contoh.id/hook", "http://gudang.contoh.id/hook", "ftp://gudang.contoh.id/",
    "javascript:alert(1)",
    "file:///etc/passwd", "gopher://gudang.contoh.id/", "https://", "https:///hook", "https://user@gudang.contoh.id/",
    "https://user:pass@gudang.contoh.id/", "https://gudang.contoh.id@127.0.0.1/", "https://127.0.0.1/",
    "https://127.0.0.1:443/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://017700000001/",
    "https://0177.0.0.1/", "https://127.1/", "https://127.0.1/", "https://0/", "https://1.2.3.4.5/",
    "https://127.0.0.1./", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[fe80::1%25eth0]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[::1", "https://localhost/", "https://gudang/", "https://gudang..contoh.id/", "https://-a.contoh.id/",
    "https://a_b.contoh.id/", "https://%31%32%37.0.0.1/", "https://１２７.０.０.１/", "https://gudang。contoh。id/",
    "https://ⓛocalhost/", "https://gudang.contoh.id\\@127.0.0.1/", "https://gudang.contoh.id/\r\nHost: a",
    "https://gudang.contoh.id/a b", "https://gudang.contoh.id/\x00", "https://gudang.contoh.id:99999/",
    "https://gudang.contoh.id:x/", "https://gudang.contoh.id:22/", "https://gudang.contoh.id:6379/",
    "https://gudang.contoh.id:80/", "https://gudang.contoh.id/#a", "https://contoh.0x7f/", "https://a.1/",
    "https://" + "a" * 64 + ".id/", "https://" + "a." * 130 + "id/", "https://contoh.id/" + "a" * 500,
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_public_https_address_is_refused_with_a_sentence(url):
    with pytest.raises(InvalidInput) as refusal:
        read_target(url, more_ports=(), private_allowed=False)
    assert refusal.value.fields["url"]


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://Gudang.Contoh.ID", "gudang.contoh.id", 443, "/", "gudang.contoh.id"),
        ("https://gudang.contoh.id./a?b=c&d=/", "gudang.contoh.id", 443, "/a?b=c&d=/", "gudang.contoh.id"),
        ("https://gudang.contoh.id:8443/a", "gudang.contoh.id", 8443, "/a", "gudang.contoh.id:8443"),
        ("https://xn--caf-dma.contoh.id/", "xn--caf-dma.contoh.id", 443, "/", "xn--caf-dma.contoh.id"),
        (f"https://{PUBLIC}/", PUBLIC, 443, "/", PUBLIC),
        (f"https://[{OTHER_PUBLIC}]/", OTHER_PUBLIC, 443, "/", f"[{OTHER_PUBLIC}]"),
    ],
)
def test_a_public_address_is_taken_apart(url, host, port, path, authority):
    target = read_target(url, more_ports=[8443], private_allowed=False)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)
    assert read_target(target.url, more_ports=[8443], private_allowed=False) == target


# --- what a name resolves to --------------------------------------------------------------------------------


class Names:
    """A resolver of our own: each name's answers one after the other, the last of them for ever."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: list[list[str]] = []
        self.connected: list[tuple[str, int]] = []
        self.leads_to: int | None = None

    def getaddrinfo(self, host, port, **_more):
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    def open_socket(self, address, port, seconds):
        self.connected.append((str(address), port))
        if self.leads_to is None:
            raise ConnectionRefusedError
        return CONNECT(ip_address("127.0.0.1"), self.leads_to, seconds)


@pytest.fixture
def names(monkeypatch):
    made = Names()
    monkeypatch.setattr(sending.socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(sending, "open_socket", made.open_socket)
    return made


def target(url="https://gudang.contoh.id/hook", *, private_allowed=False):
    return read_target(url, more_ports=(), private_allowed=private_allowed)


def post(where, seconds=5.0, *, private_allowed=False):
    return sending.post(where, b'{"a":1}', {"X-Test": "1"}, seconds=seconds, private_allowed=private_allowed)


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if "%" not in text])
def test_a_name_that_leads_inside_is_never_connected_to(names, hostile):
    for found in ([hostile], [PUBLIC, hostile], [hostile, PUBLIC]):
        names.answers = [found]
        assert post(target()).outcome is Outcome.CLOSED_ADDRESS
    assert names.connected == []


def test_a_name_that_leads_nowhere_is_told_so(names):
    names.answers = [[]]
    assert post(target()).outcome is Outcome.NO_ADDRESS
    names.answers = [["no address"]]
    assert post(target()).outcome is Outcome.NO_ADDRESS


def test_a_name_that_changes_its_mind_is_asked_once_and_connected_to_as_checked(names):
    names.answers = [[PUBLIC], ["127.0.0.1"]]
    assert post(target()).outcome is Outcome.NO_CONNECTION
    assert names.asked == ["gudang.contoh.id"]
    assert names.connected == [(PUBLIC, 443)]


def test_the_next_address_is_tried_when_one_does_not_answer(names):
    names.answers = [[PUBLIC, OTHER_PUBLIC, *(f"8.8.8.{number}" for number in range(9))]]
    assert post(target()).outcome is Outcome.NO_CONNECTION
    assert names.connected[:2] == [(PUBLIC, 443), (OTHER_PUBLIC, 443)]
    assert len(names.connected) == sending.MAX_ADDRESSES


def test_a_resolver_that_is_too_slow_is_left_behind(names, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, **_k: answered.wait(5) and [])
    assert post(target(), seconds=0.1).outcome is Outcome.TIMEOUT
    answered.set()


# --- TLS ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A server's context for gudang.contoh.id, and a client's that trusts its authority alone."""
    folder = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gudang.contoh.id")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("gudang.contoh.id")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = folder / "cert.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return server, ssl.create_default_context(cafile=str(chain))


def test_over_the_pinned_address_tls_and_host_still_speak_of_the_name(names, certified, monkeypatch):
    server, client = certified
    monkeypatch.setattr(sending, "tls_context", lambda: client)
    names.answers = [[PUBLIC]]
    with receiver(server) as shop:
        names.leads_to = shop.port
        answer = post(target())
        assert (answer.outcome, answer.status, answer.text) == (Outcome.DELIVERED, 200, "Okay")
        assert shop.names == ["gudang.contoh.id"]
        assert shop.received[0].headers["Host"] == "gudang.contoh.id"
        assert post(target("https://lain.contoh.id/")).outcome is Outcome.TLS
        monkeypatch.undo()
    assert names.connected == [(PUBLIC, 443)] * 2


def test_a_certificate_that_nobody_signed_is_refused(names, certified, monkeypatch):
    names.answers = [[PUBLIC]]
    with receiver(certified[0]) as shop:
        names.leads_to = shop.port
        assert post(target()).outcome is Outcome.TLS
        assert shop.received == []


# --- what the other side answers ----------------------------------------------------------------------------


@pytest.fixture
def shop():
    with receiver() as made:
        yield made


def ask(shop, answer, seconds=5.0):
    shop.answers = [answer]
    return post(target(shop.url, private_allowed=True), seconds, private_allowed=True)


def test_the_request_is_what_was_promised(shop):
    assert ask(shop, OK).outcome is Outcome.DELIVERED
    [came] = shop.received
    assert came.line == "POST /hook HTTP/1.1"
    assert came.body == b'{"a":1}'
    assert came.headers["X-Test"] == "1"
    assert came.headers["Host"] == f"127.0.0.1:{shop.port}"


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("204 No Content", Outcome.DELIVERED),
        ("299 Fine", Outcome.DELIVERED),
        ("304 Not Modified", Outcome.REDIRECT),
        ("400 Bad Request", Outcome.REFUSED),
        ("410 Gone", Outcome.GONE),
        ("500 Oh", Outcome.REFUSED),
        ("103 Early", Outcome.REFUSED),
    ],
)
def test_a_status_says_what_became_of_it(shop, line, outcome):
    answer = ask(shop, f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode())
    assert (answer.outcome, answer.status) == (outcome, int(line[:3]))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(shop, status):
    with receiver() as elsewhere:
        location = f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n"
        assert ask(shop, location.encode()).outcome is Outcome.REDIRECT
        assert elsewhere.received == []


@pytest.mark.parametrize(
    "dripping", [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500, b"H" * 5000, b"\x00" * 5000]
)
def test_a_server_that_drips_its_answer_is_left_at_the_deadline(shop, dripping):
    began = time.monotonic()
    assert ask(shop, drip(dripping, 0.02), seconds=0.3).outcome is Outcome.TIMEOUT
    assert time.monotonic() - began < 1


def test_a_server_that_says_nothing_is_left_at_the_deadline(shop):
    assert ask(shop, lambda _wire: time.sleep(0.6), seconds=0.2).outcome is Outcome.TIMEOUT


def test_a_text_that_never_ends_does_not_undo_a_yes(shop, monkeypatch):
    monkeypatch.setattr(sending, "BODY_SECONDS", 0.2)
    answer = ask(shop, drip(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 500, 0.002))
    assert answer.outcome is Outcome.DELIVERED
    assert answer.text.startswith("aaa")
    assert answer.duration_ms < 1500


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
    ],
)
def test_of_a_huge_answer_the_first_bytes_are_kept(shop, beginning):
    answer = ask(shop, pour(beginning, b"z" * 65_536))
    assert (answer.outcome, answer.text) == (Outcome.DELIVERED, "z" * sending.KEPT_BYTES)


@pytest.mark.parametrize(
    "beginning", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 " + b"O" * 500, b"", b"HTTP/1.1 100 C\r\n\r\n"]
)
def test_headers_without_an_end_are_no_answer(shop, beginning):
    assert ask(shop, pour(beginning, b"X-Line: yes\r\n" * 5000)).outcome is Outcome.BAD_ANSWER
    assert ask(shop, pour(beginning, b"a" * 65_536)).outcome is Outcome.BAD_ANSWER


@pytest.mark.parametrize(
    "nonsense",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\xff\xfe\x00", b"HTTP/2 99999 x\r\n\r\n"],
)
def test_what_is_not_http_is_no_answer(shop, nonsense):
    assert ask(shop, nonsense).outcome is Outcome.BAD_ANSWER


def test_a_connection_that_breaks_off_is_no_answer(shop):
    assert ask(shop, b"").outcome is Outcome.NO_CONNECTION


def test_what_the_other_side_says_is_kept_without_people_and_without_tricks(shop):
    said = "halo sri@contoh.id, 0812 3456 7890, 3372014403820001, <b>\x1b[31m\x00 café".encode()
    answer = ask(shop, b"HTTP/1.1 500 Oh\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
    assert answer.text == "halo <email>, <digits>, <digits>, <b> [31m  café"
    broken = ask(shop, b"HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\n\xff\xfea")
    assert broken.text == "��a"
