"""Still lifes of goods that do not exist: a pouch, a jar or a bottle on a table, drawn like a photo.

The same key gives the same picture. The demo city shows with them what photos of products look like.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
import random
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..fonts import face

EDGE = 960
TABLE, BASE = int(EDGE * 0.70), int(EDGE * 0.87)
SOGAN, INDIGO, LEAF, PAPER = (112, 64, 28), (45, 58, 128), (74, 104, 62), (250, 244, 230)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Ware:
    """What stands on the table: its width and height, what it is made of, and the colour of its inside."""

    form: str
    width: int
    height: int
    colours: tuple[Colour, ...]


WARES = {
    "pouch": Ware("pouch", 470, 640, ((198, 156, 104), (214, 186, 140), (176, 128, 82), (226, 206, 170))),
    "jar": Ware("jar", 430, 540, ((150, 34, 20), (120, 62, 22), (172, 96, 30), (96, 34, 26))),
    "bottle": Ware("bottle", 270, 690, ((150, 84, 24), (120, 30, 34), (84, 60, 30), (176, 128, 40))),
}
"""By the form of picture that a kind of goods wears."""


def photo(key: str, form: str, name: str, maker: str) -> bytes:
    """A JPEG of one ware with its label. Raises KeyError for a form that cannot be drawn."""
    ware = WARES[form]
    chance = random.Random(hashlib.sha256(key.encode()).digest())
    colour, accent = chance.choice(ware.colours), chance.choice((SOGAN, INDIGO, LEAF))
    shift = chance.randint(-40, 40)
    left, top = (EDGE - ware.width) // 2 + shift, BASE - ware.height
    box = (left, top, left + ware.width, BASE)
    image = _shadowed(_room(chance), box)
    mask, light = _outline(ware.form, box), _light(box)
    image.paste(_lit(_stuff(ware.form, colour, chance), light), (0, 0), mask)
    if ware.form != "pouch":
        _close(image, ware.form, box, light, chance)
    _label(image, ware.form, box, light, name, maker, accent)
    target = io.BytesIO()
    _as_photo(image).save(target, "JPEG", quality=90)
    return target.getvalue()


def _noise(width: int, height: int, strength: int, key: str) -> Image.Image:
    """Grey noise around the middle, the same for the same key."""
    grey = random.Random(key).randbytes(width * height)
    noise = Image.frombytes("L", (width, height), grey)
    return noise.point(lambda value: 128 + (value - 128) * strength // 74)


@functools.cache
def _table() -> Image.Image:
    """Brown boards, with the light from the window fading towards the viewer."""
    height = EDGE - TABLE
    wood = _gradient(EDGE, height, (176, 126, 82), (128, 84, 50))
    stripes = _noise(EDGE // 30, height, 46, "boards").resize((EDGE, height), Image.Resampling.BICUBIC)
    grain = _noise(EDGE, height, 18, "grain")
    wood = Image.blend(wood, ImageChops.overlay(wood, Image.merge("RGB", (stripes,) * 3)), 0.55)
    return Image.blend(wood, ImageChops.overlay(wood, Image.merge("RGB", (grain,) * 3)), 0.3)


def _gradient(width: int, height: int, top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((width, height))
    return Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)


def _room(chance: random.Random) -> Image.Image:
    """A wall, something blurred before it, and the table."""
    image = _gradient(EDGE, EDGE, (232, 222, 204), (247, 241, 228))
    back = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(back)
    for _ in range(6):
        x, y, size = chance.randint(-80, EDGE + 80), chance.randint(40, 420), chance.randint(80, 190)
        colour = chance.choice(((120, 140, 90), (170, 130, 86), (212, 184, 132), (96, 116, 84)))
        pen.ellipse((x - size, y - size // 2, x + size, y + size // 2), fill=(*colour, 80))
    back = back.filter(ImageFilter.GaussianBlur(38))
    image.paste(back, (0, 0), back)
    image.paste(_table(), (0, TABLE))
    ImageDraw.Draw(image).line((0, TABLE, EDGE, TABLE), fill=(204, 160, 116), width=3)
    return image.filter(ImageFilter.GaussianBlur(1.6))


def _shadowed(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """A long soft shadow away from the window, and a short dark one where the ware stands."""
    left, _top, right, bottom = box
    for shape, blur, depth in (
        ((left - 10, bottom - 30, right + 170, bottom + 44), 28, 0.62),
        ((left + 12, bottom - 10, right - 6, bottom + 12), 7, 0.72),
    ):
        mask = Image.new("L", image.size, 0)
        ImageDraw.Draw(mask).ellipse(shape, fill=int(255 * depth))
        mask = mask.filter(ImageFilter.GaussianBlur(blur))
        image = Image.composite(Image.new("RGB", image.size, (42, 25, 14)), image, mask)
    return image


def _outline(form: str, box: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = box
    mask = Image.new("L", (EDGE, EDGE), 0)
    pen = ImageDraw.Draw(mask)
    if form == "jar":
        pen.rounded_rectangle((left, top + 62, right, bottom), 52, fill=255)
    elif form == "bottle":
        middle = (left + right) // 2
        pen.rounded_rectangle((left, top + 230, right, bottom), 40, fill=255)
        pen.rectangle((middle - 44, top + 40, middle + 44, top + 240), fill=255)
        pen.ellipse((left, top + 150, right, top + 330), fill=255)
    else:
        pen.polygon(
            [
                (left + 14, top),
                (right - 14, top),
                (right, top + 50),
                (right - 18, bottom - 22),
                (right - 46, bottom),
                (left + 46, bottom),
                (left + 18, bottom - 22),
                (left, top + 50),
            ],
            fill=255,
        )
    return mask.filter(ImageFilter.GaussianBlur(1.2))


def _light(box: tuple[int, int, int, int]) -> Image.Image:
    """Light and shade across the ware: bright left of the middle, dark at the right; 128 changes nothing."""
    left, _top, right, _bottom = box
    row = Image.new("L", (EDGE, 1))
    for x in range(EDGE):
        at = (x - left) / (right - left)
        value = 128 + 56 * math.exp(-(((at - 0.27) / 0.15) ** 2))
        value -= 78 * max(0.0, (at - 0.58) / 0.42) ** 1.3 + 60 * max(0.0, (0.08 - at) / 0.08)
        row.putpixel((x, 0), int(max(14, min(240, value))))
    return row.resize((EDGE, EDGE))


def _lit(image: Image.Image, light: Image.Image) -> Image.Image:
    shade = Image.merge("RGB", (light,) * 3)
    return ImageChops.soft_light(ImageChops.overlay(image, shade), shade)


def _stuff(form: str, colour: Colour, chance: random.Random) -> Image.Image:
    """Kraft paper for a pouch; what is inside for glass: spiced and coarse in a jar, clear in a bottle."""
    body = Image.new("RGB", (EDGE, EDGE), colour)
    if form == "bottle":
        return body
    if form == "pouch":
        crumple = _noise(EDGE // 12, EDGE // 12, 50, str(chance.random()))
        crumple = crumple.resize(body.size, Image.Resampling.BICUBIC)
        crumple = crumple.filter(ImageFilter.GaussianBlur(12))
        return Image.blend(body, ImageChops.overlay(body, Image.merge("RGB", (crumple,) * 3)), 0.5)
    pen = ImageDraw.Draw(body)
    for _ in range(2600):
        x, y, size = chance.randint(0, EDGE), chance.randint(0, EDGE), chance.randint(2, 6)
        grain = tuple(max(0, min(255, part + chance.randint(-40, 60))) for part in colour)
        pen.ellipse((x, y, x + size, y + size), fill=grain)
    return body.filter(ImageFilter.GaussianBlur(0.9))


def _close(
    image: Image.Image, form: str, box: tuple[int, int, int, int], light: Image.Image, chance: random.Random
) -> None:
    """The lid, and the window's reflection in the glass."""
    left, top, right, bottom = box
    middle = (left + right) // 2
    lid = (
        (left + 14, top, right - 14, top + 76) if form == "jar" else (middle - 52, top, middle + 52, top + 62)
    )
    metal = Image.new("RGB", image.size, chance.choice(((58, 52, 48), (196, 168, 112), (236, 230, 218))))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(lid, 14, fill=255)
    image.paste(_lit(metal, light), (0, 0), mask)
    shine = Image.new("L", image.size, 0)
    start = top + (100 if form == "jar" else 290)
    ImageDraw.Draw(shine).rounded_rectangle((left + 26, start, left + 44, bottom - 60), 9, fill=130)
    shine = shine.filter(ImageFilter.GaussianBlur(5))
    image.paste(Image.new("RGB", image.size, (255, 252, 244)), (0, 0), shine)


def _label(
    image: Image.Image,
    form: str,
    box: tuple[int, int, int, int],
    light: Image.Image,
    name: str,
    maker: str,
    accent: Colour,
) -> None:
    """A paper label with a row of kawung, the name and the maker, lit as what it sticks to."""
    left, top, right, bottom = box
    inset = 52 if form == "pouch" else 0
    height = int((bottom - top) * (0.46 if form == "pouch" else 0.42))
    low = bottom - (120 if form == "pouch" else 76)
    place = (left + inset, low - height, right - inset, low)
    size = (place[2] - place[0], height)
    paper = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(paper)
    for step in range(size[0] // 36 + 2):
        for row in range(2):
            x, y = step * 36 + 18 * row - 9, 16 + row * 20
            pen.ellipse((x - 10, y - 10, x + 10, y + 10), outline=accent, width=3)
    pen.rectangle((0, 54, size[0], 58), fill=accent)
    _write(pen, size, name, maker, accent)
    shade = light.crop(place).point(lambda value: 128 + (value - 128) // 2)
    image.paste(ImageChops.overlay(paper, Image.merge("RGB", (shade,) * 3)), place[:2])


def _write(pen: ImageDraw.ImageDraw, size: tuple[int, int], name: str, maker: str, accent: Colour) -> None:
    """The name in as large letters as fit in three lines, the maker below."""
    width, height = size
    small, points, lines = face(22, 600), 52, ["", "", "", ""]
    while points > 26 and (len(lines) > 3 or len(lines) * points * 1.15 > height - 58 - 64):
        points -= 4
        lines = _wrapped(pen, name, face(points, 750), width - 40)
    font = face(points, 750)
    y = 58 + (height - 58 - 52 - len(lines) * points * 1.15) / 2
    for line in lines[:3]:
        pen.text(((width - pen.textlength(line, font=font)) / 2, y), line, font=font, fill=(62, 34, 16))
        y += points * 1.15
    maker = maker if pen.textlength(maker, font=small) < width - 24 else "Solo"
    pen.text(((width - pen.textlength(maker, font=small)) / 2, height - 44), maker, font=small, fill=accent)


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: Any, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font=font) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@functools.cache
def _edges() -> Image.Image:
    ramp = Image.radial_gradient("L").resize((EDGE, EDGE))
    return ramp.point(lambda value: int(max(0, value - 130) * 0.55))


@functools.cache
def _grain() -> Image.Image:
    return Image.merge("RGB", (_noise(EDGE, EDGE, 11, "sensor"),) * 3)


def _as_photo(image: Image.Image) -> Image.Image:
    """Darker at the edges, and with the grain of a phone's sensor."""
    image = Image.composite(Image.new("RGB", image.size, (34, 20, 10)), image, _edges())
    return Image.blend(image, ImageChops.overlay(image, _grain()), 0.25)
