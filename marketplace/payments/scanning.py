"""Reading a QR code from a photo: what stands in it, never what it means."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, ImageOps

from .. import images
from ..errors import InvalidInput
from ..i18n import _

MAX_BYTES = 8_000_000
SIDE = 2000
"""A photo is looked at so large on its longer side: enough for a code on a poster, and quick."""


def text_in_photo(content: bytes) -> str:
    """The text of the one QR code in a photo. InvalidInput for what is no photo, no code or several."""
    try:
        images.inspect(content, MAX_BYTES)
        with Image.open(io.BytesIO(content)) as photo:
            photo.draft("L", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(photo).convert("L")
    except images.BadImage as error:
        raise _refused(error.message) from error
    upright.thumbnail((SIDE, SIDE))
    found = {
        code.text
        for code in zxingcpp.read_barcodes(
            upright, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
        )
        if code.valid and code.text
    }
    if not found:
        raise _refused(
            _("Tidak ada kode QR yang terbaca di foto ini. Foto lebih dekat dan rata, tanpa pantulan.")
        )
    if len(found) > 1:
        raise _refused(_("Di foto ini ada beberapa kode QR. Potong fotonya sampai tinggal QRIS Anda."))
    return found.pop()


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"file": sentence})
