"""Etalase's own face for pictures and papers: the file that browsers get, as Pillow and Pango read it."""

from __future__ import annotations

import functools
import io
import json
from pathlib import Path

from PIL import ImageFont

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
FACE = "plus-jakarta-sans.woff2"
FAMILY = "Plus Jakarta Sans"


@functools.lru_cache(maxsize=64)
def face(size: int, weight: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The face in a size and a weight (200 to 800); Pillow's own where set-up has not fetched it."""
    data = unpacked()
    if data is None:
        return ImageFont.load_default(size)
    font = ImageFont.truetype(io.BytesIO(data), size)
    font.set_variation_by_axes([weight])
    return font


@functools.cache
def unpacked() -> bytes | None:
    """The face without the wrapping that only browsers undo; None where set-up has not fetched it."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - needed once, and large

    manifest = VENDOR / "manifest.json"
    if not manifest.is_file():
        return None
    font = TTFont(VENDOR / json.loads(manifest.read_text())[FACE])
    font.flavor = None
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
