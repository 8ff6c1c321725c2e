"""Where a webhook may go: an https address of the public internet, and nothing that stands inside.

What counts is the address that a name resolves to; the form of the name is checked as well, so that whoever
types it hears at once what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from ...errors import InvalidInput
from ...i18n import _

Address = IPv4Address | IPv6Address
MAX_URL = 500
HTTPS = 443
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""How a browser and a resolver know a number: 2130706433, 0177 and 0x7f are addresses, not names."""

CLOSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""This host, private, carrier-grade NAT, loopback, link-local, benchmarking, documentation, multicast,
reserved (IANA's registry of special-purpose addresses), and one public address that is a cloud's inside."""
OPEN_V6 = IPv6Network("2000::/3")
"""Global unicast. Outside it lie loopback, link-local, unique local, multicast, and the forms that carry an
IPv4 address: mapped, compatible, translated (64:ff9b::/96)."""
CLOSED_V6 = tuple(
    IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
"""Protocol assignments (Teredo, ORCHID), documentation, 6to4, AS112."""
INSIDE = tuple(
    IPv4Network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
) + tuple(IPv6Network(text) for text in ("::1/128", "fd00::/8"))
"""What WEBHOOK_PRIVATE_ALLOWED opens besides, for development: loopback and private networks."""
METADATA = frozenset(ip_address(text) for text in ("fd00:ec2::254", "fd20:ce::254"))


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: `host` is a name or an address, `path` has the query with it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (HTTPS if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, in its one form."""
        return f"{self.scheme}://{self.authority}{self.path}"


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in CLOSED_V4)
    return (
        address.is_global
        and address in OPEN_V6
        and address.scope_id is None
        and not any(address in network for network in CLOSED_V6)
    )


def may_send_to(address: Address, *, private_allowed: bool) -> bool:
    """Whether a webhook may go there."""
    if is_public(address):
        return True
    inside = any(address in network for network in INSIDE if network.version == address.version)
    return private_allowed and inside and address not in METADATA


def read_target(text: str, *, more_ports: Collection[int], private_allowed: bool) -> Target:
    """What was typed, taken apart. Raises InvalidInput with a sentence for the field `url`."""
    text = text.strip()
    if not text:
        raise _refusal(_("Tulis alamatnya, misalnya https://gudang.contoh.id/etalase."))
    if len(text) > MAX_URL:
        raise _refusal(_("Alamat paling panjang %(most)s huruf.", most=MAX_URL))
    if "\\" in text or any(not 32 < ord(letter) < 127 for letter in text):
        raise _refusal(_("Alamat hanya boleh berisi huruf, angka, dan tanda baca biasa, tanpa spasi."))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refusal(_("Alamat ini tidak bisa dibaca. Salin lagi dari programnya.")) from None
    schemes = ("https", "http") if private_allowed else ("https",)
    if parts.scheme not in schemes:
        raise _refusal(_("Alamatnya harus diawali https://, supaya isinya tidak terbaca di jalan."))
    if "@" in parts.netloc or parts.fragment:
        raise _refusal(_("Alamat tidak boleh berisi nama pengguna, kata sandi, atau tanda #."))
    port = port if port is not None else (HTTPS if parts.scheme == "https" else 80)
    if port not in {HTTPS, *more_ports} and not private_allowed:
        allowed = ", ".join(str(one) for one in sorted({HTTPS, *more_ports}))
        raise _refusal(
            _("Port %(port)s tidak dilayani. Yang boleh: %(allowed)s.", port=port, allowed=allowed)
        )
    host = _read_host(parts.hostname or "", private_allowed=private_allowed)
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, (parts.path or "/") + query)


def _read_host(host: str, *, private_allowed: bool) -> str:
    host = host.lower().removesuffix(".")
    literal = _literal(host)
    if literal is not None:
        if not may_send_to(literal, private_allowed=private_allowed):
            raise not_public()
        return str(literal)
    labels = host.split(".")
    is_named = all(_LABEL.fullmatch(label) for label in labels) and len(host) <= 253
    if not is_named or _NUMBER.fullmatch(labels[-1]):
        raise _refusal(_("Nama servernya tidak bisa dibaca. Tulis misalnya gudang.contoh.id."))
    if len(labels) == 1 and not private_allowed:
        raise not_public()
    return host


def _literal(host: str) -> Address | None:
    """The address that is written out, in its usual form; None for anything else."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if address.version == 6 or str(address) == host else None


def not_public() -> InvalidInput:
    """What is said of an address inside, and of one that is not found: nobody learns here what is inside."""
    return _refusal(
        _("Alamat ini tidak ditemukan di internet umum. Pakai server yang bisa dijangkau dari luar.")
    )


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"url": sentence})
