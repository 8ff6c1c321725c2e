"""The picture that a chat shows for a product's address: 1200 x 630, drawn with Pillow."""

from __future__ import annotations

import hashlib
import io
from dataclasses import astuple, dataclass

from PIL import Image, ImageDraw, ImageOps

from ...fonts import face

WIDTH, HEIGHT = 1200, 630
PICTURE = 540
BOARD = 18
LEFT = PICTURE + 64
ROOM = WIDTH - LEFT - 56
CREAM, INK, MUTED, SOGAN, NILA = "#faf5ea", "#241a13", "#6d5f51", "#6b3e1e", "#27367f"
NAME_ROOM = 212
"""How tall a name may be, so that price, maker and sign stay clear of each other."""
DESIGN = 3
"""Raise it when the drawing changes, so that every card is drawn anew."""


@dataclass(frozen=True)
class CardText:
    """What a card says."""

    name: str
    price: str
    unit: str
    maker: str
    place: str
    picture: str
    """What the picture is made of: a photo's name or the address of the drawing."""


def card_mark(text: CardText) -> str:
    """A stamp of everything that a card shows: another price, another card."""
    return hashlib.sha256(repr((DESIGN, *astuple(text))).encode("utf-8", "replace")).hexdigest()[:20]


def card_key(product_id: int, mark: str) -> str:
    """The name of a card in the store."""
    return f"share/{product_id}/{mark}.jpg"


def draw_card(text: CardText, picture: Image.Image) -> bytes:
    """The card as JPEG: picture on its board at the left, name, price and maker at the right.

    It stays below the 300 KB that chats still load.
    """
    card = Image.new("RGB", (WIDTH, HEIGHT), CREAM)
    pen = ImageDraw.Draw(card)
    card.paste(ImageOps.fit(picture.convert("RGB"), (PICTURE, HEIGHT - BOARD)), (0, 0))
    pen.rectangle((0, HEIGHT - BOARD, PICTURE, HEIGHT), fill=SOGAN)
    y = _paragraph(pen, 64, text.name, sizes=(60, 52, 46, 40), weight=780)
    y = _line(pen, y + 26, text.price, 64, 800, NILA)
    if text.unit:
        y = _line(pen, y + 2, f"/ {text.unit}", 28, 430, MUTED)
    y = max(y + 26, HEIGHT - 210)  # never below HEIGHT - 184
    y = _line(pen, y, text.maker, 32, 700, INK)
    _line(pen, y + 2, text.place, 26, 430, MUTED)
    _sign(pen)
    out = io.BytesIO()
    card.save(out, "JPEG", quality=88, subsampling=0, optimize=True)
    return out.getvalue()


def _paragraph(pen: ImageDraw.ImageDraw, y: int, words: str, *, sizes: tuple[int, ...], weight: int) -> int:
    """The words in the largest size in which they fit; what never fits ends in an ellipsis."""
    size, lines, most = sizes[0], [words], 1
    for size in sizes:
        lines, most = _wrapped(pen, words, size, weight), NAME_ROOM // _height(size)
        if len(lines) <= most and all(_width(pen, line, size, weight) <= ROOM for line in lines):
            break
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + " …"]
    for line in lines:
        y = _line(pen, y, line, size, weight, INK)
    return y


def _wrapped(pen: ImageDraw.ImageDraw, words: str, size: int, weight: int) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(pen, longer, size, weight) <= ROOM:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _width(pen: ImageDraw.ImageDraw, words: str, size: int, weight: int) -> float:
    return pen.textlength(words, font=face(size, weight))


def _line(pen: ImageDraw.ImageDraw, y: int, words: str, size: int, weight: int, ink: str) -> int:
    """One line, cut where the card ends; answers where the next may begin."""
    if _width(pen, words, size, weight) > ROOM:
        while words and _width(pen, f"{words}…", size, weight) > ROOM:
            words = words[:-1].rstrip()
        words = f"{words}…"
    pen.text((LEFT, y), words, font=face(size, weight), fill=ink)
    return y + _height(size)


def _height(size: int) -> int:
    """From one line to the next."""
    return round(size * 1.28)


def _sign(pen: ImageDraw.ImageDraw) -> None:
    """Who shows it: the name over a small board."""
    pen.text((LEFT, HEIGHT - 92), "Etalase", font=face(34, 800), fill=SOGAN)
    pen.rectangle((LEFT, HEIGHT - 40, LEFT + 132, HEIGHT - 32), fill=SOGAN)
