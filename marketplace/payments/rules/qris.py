"""QRIS: a seller's own code read, checked, and given an amount.

A code is a text of fields, each two digits of tag, two of length (in characters) and the value; the last is
its checksum. After EMVCo Merchant-Presented Mode and the Indonesian template 51 (docs/decisions/0080).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...money import format_rupiah

MAX_LENGTH = 512
CURRENCY, COUNTRY, FORMAT = "360", "ID", "01"
STATIC, DYNAMIC = "11", "12"
NATIONAL = "ID.CO.QRIS.WWW"
NATIONAL_TAG, AMOUNT_TAG, CRC_TAG = "51", "54", "63"
TEMPLATES = frozenset({*(f"{tag:02d}" for tag in range(26, 52)), "62", "64"})
FEES = frozenset({"02", "03"})
"""Values of tag 55 by which the payer is charged a fee: not allowed, whoever asks for it."""
MAX_NAME, MAX_CITY = 25, 15


@dataclass(frozen=True, slots=True)
class Qris:
    """A static code that was checked: who it pays, and its text."""

    payload: str
    merchant_name: str
    merchant_city: str
    nmid: str


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of a text, four upper-case hexadecimal digits: crc16('123456789') is '29B1'."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return f"{crc:04X}"


def fields_of(text: str) -> dict[str, str]:
    """The fields of a code by tag, in their order. InvalidInput when it is cut, or has one of them twice."""
    found: dict[str, str] = {}
    for tag, value in _walk(text):
        if tag in found:
            raise _bad(_("Kode QRIS ini rusak: bagian %(tag)s ada dua kali.", tag=tag), "tag_twice")
        found[tag] = value
    return found


def _walk(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        if len(head) < 4 or not _digits(head):
            raise _cut()
        length = int(head[2:])
        value = text[place + 4 : place + 4 + length]
        if not length or len(value) < length:
            raise _cut()
        yield head[:2], value
        place += 4 + length


def read_static(text: str) -> Qris:
    """A seller's own code, checked. Raises InvalidInput with what is wrong with it."""
    text = text.strip()
    if not text:
        raise _bad(_("Tempel isi kode QRIS, atau unggah fotonya."), "empty")
    if len(text) > MAX_LENGTH:
        raise _bad(_("Isi kode ini terlalu panjang untuk QRIS. Salin dari QRIS Anda sendiri."), "too_long")
    if not text.isprintable():
        raise _cut()
    found = fields_of(text)
    _check_frame(text, found)
    for tag in TEMPLATES & set(found):
        fields_of(found[tag])
    _check_kind(found)
    name, city = _check_merchant(found)
    return Qris(text, name, city, _nmid(found))


def _check_frame(text: str, found: dict[str, str]) -> None:
    """The first field says that it is such a code, the last is the checksum of all before it."""
    tags = list(found)
    if tags[0] != "00" or found["00"] != FORMAT or tags[-1] != CRC_TAG or len(found[CRC_TAG]) != 4:
        raise _bad(
            _("Ini bukan kode QRIS. Salin dari QRIS usaha Anda, bukan dari tautan atau kode lain."),
            "not_qris",
        )
    if crc16(text[:-4]) != found[CRC_TAG].upper():
        raise _bad(
            _("Kode ini tidak utuh: angka periksanya tidak cocok. Salin lagi seluruhnya, tanpa mengubahnya."),
            "crc",
        )


def _check_kind(found: dict[str, str]) -> None:
    if found.get("01") == DYNAMIC or AMOUNT_TAG in found:
        raise _bad(
            _("Kode ini hanya untuk satu transaksi. Pakai QRIS statis, yang Anda pajang di tempat usaha."),
            "dynamic",
        )
    if found.get("01") != STATIC:
        raise _bad(_("Kode ini tidak menyebut dirinya QRIS statis."), "kind")
    if found.get("53") != CURRENCY or found.get("58") != COUNTRY:
        raise _bad(_("Kode ini bukan untuk rupiah di Indonesia."), "currency")
    if found.get("55") in FEES or "56" in found or "57" in found:
        raise _bad(
            _("Kode ini menambahkan biaya bagi pembayar, dan itu tidak boleh. Minta kode tanpa biaya."), "fee"
        )


def _check_merchant(found: dict[str, str]) -> tuple[str, str]:
    name, city = found.get("59", "").strip(), found.get("60", "").strip()
    if not name or len(found["59"]) > MAX_NAME or not city or len(found["60"]) > MAX_CITY:
        raise _bad(_("Kode ini tidak menyebut nama dan kota usaha dengan benar."), "merchant")
    if len(found.get("52", "")) != 4 or not _digits(found["52"]):
        raise _bad(_("Kode ini tidak menyebut jenis usaha dengan benar."), "category")
    return name, city


def _nmid(found: dict[str, str]) -> str:
    """The national number of the merchant, from the national template that every QRIS has."""
    national = fields_of(found.get(NATIONAL_TAG, ""))
    nmid = national.get("02", "")
    if national.get("00") != NATIONAL or len(nmid) != 15 or nmid[:2] != "ID" or not _digits(nmid[2:]):
        raise _bad(_("Kode ini bukan QRIS: nomor nasional usahanya (NMID) tidak ada atau keliru."), "nmid")
    return nmid


def with_amount(code: Qris, amount_rupiah: int, limit_rupiah: int) -> str:
    """The code for one payment of an amount. Nothing is added to it, and nothing tells us that it was paid.

    Raises RuleBroken for an amount beyond what one QRIS transaction carries.
    """
    if not 1 <= amount_rupiah <= limit_rupiah:
        raise RuleBroken(
            _(
                "Sekali bayar dengan QRIS paling banyak %(most)s. Bayar sebagian, atau pilih cara lain.",
                most=format_rupiah(limit_rupiah),
            ),
            code="qris_limit",
            amount_rupiah=amount_rupiah,
            limit_rupiah=limit_rupiah,
        )
    parts = []
    is_in = False
    for tag, value in _walk(code.payload):
        if tag == CRC_TAG:
            break
        if not is_in and int(tag) > int(AMOUNT_TAG):
            parts.append(_field(AMOUNT_TAG, str(amount_rupiah)))
            is_in = True
        parts.append(_field(tag, DYNAMIC if tag == "01" else value))
    body = "".join(parts) + f"{CRC_TAG}04"
    return body + crc16(body)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _bad(sentence: str, why: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"payload": sentence}, why=why)


def _cut() -> InvalidInput:
    return _bad(_("Kode ini terpotong atau berubah. Salin lagi seluruhnya, tanpa spasi tambahan."), "cut")
