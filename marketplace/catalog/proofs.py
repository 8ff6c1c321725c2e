"""Photos and PDFs of certificates: looked at by their content, kept under names that nobody can guess."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .. import images
from ..backends.storage import current_storage
from ..errors import InvalidInput
from ..i18n import _

MAX_BYTES = 8_000_000
SIDE = 1800
"""A photo of a paper is kept so long on its longer side: enough to read the stamp."""


@dataclass(frozen=True)
class Kept:
    """A proof in the storage."""

    key: str
    kind: str
    size: int


def keep(content: bytes) -> Kept:
    """Store a proof. Raises InvalidInput for what is neither a whole photo nor a PDF, or too large."""
    if len(content) > MAX_BYTES:
        raise _refused(_("Berkas lebih dari 8 MB. Kirim foto yang lebih kecil, atau PDF yang lebih ringan."))
    is_pdf = content.startswith(b"%PDF-")
    data = _whole_pdf(content) if is_pdf else _photo(content)
    key = f"papers/{secrets.token_hex(16)}.{'pdf' if is_pdf else 'jpg'}"
    current_storage().put(key, data)
    return Kept(key, "pdf" if is_pdf else "photo", len(data))


def forget(kept: Kept | None) -> None:
    """Take back what was stored for a certificate that was not written after all."""
    if kept is not None:
        current_storage().delete(kept.key)


def _whole_pdf(content: bytes) -> bytes:
    if b"%%EOF" not in content[-2048:]:
        raise _refused(_("PDF ini terpotong. Unduh atau pindai sekali lagi, lalu kirim."))
    return content


def _photo(content: bytes) -> bytes:
    """The photo upright, without what the camera wrote into it (place, time), as JPEG."""
    try:
        images.inspect(content, MAX_BYTES)
        made = images.make(content, (SIDE,))
    except images.BadImage as error:
        raise _refused(_("%(why)s PDF juga boleh.", why=error.message)) from error
    return next(one.data for one in made.renditions if one.format == "jpg")


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"file": sentence})
