"""The drawn pictures as pixels, for papers and chats that read no SVG.

It paints exactly what this package draws (shapes, patterns, clips, plain colours) and no other SVG.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from PIL import Image, ImageChops, ImageDraw

from .outlines import Line, Matrix, lines_of, matrix_of

SHARPER = 2
"""Painted so many times larger and then shrunk, because Pillow draws hard edges."""
SIDE = 400
Ink = str | int
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d*\.?\d+")


def paint(svg: str, side: int) -> Image.Image:
    """A picture of `draw` as a square of so many pixels."""
    painter = _Painter(svg, side * SHARPER)
    return painter.canvas.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


class _Painter:
    """One drawing on its way to pixels."""

    def __init__(self, svg: str, side: int) -> None:
        root = ET.fromstring(svg)  # noqa: S314 - drawn by this package, a line before
        self.scale, self.side = side / SIDE, side
        self.defs = {element.get("id", ""): element for element in root.iter() if element.get("id")}
        self.canvas = Image.new("RGBA", (side, side))
        self.cloths: dict[str, Image.Image] = {}
        self._children(root, self.canvas, (self.scale, 0, 0, self.scale, 0, 0), None)

    def _children(
        self, parent: ET.Element, canvas: Image.Image, matrix: Matrix, clip: Image.Image | None
    ) -> None:
        for element in parent:
            name = element.tag.removeprefix(_NAMESPACE)
            if name in {"title", "defs"}:
                continue
            own = matrix_of(element.get("transform", ""), matrix)
            if name == "g":
                self._children(element, canvas, own, self._clip(element, own) or clip)
            else:
                self._shape(element, canvas, own, clip)

    def _clip(self, group: ET.Element, matrix: Matrix) -> Image.Image | None:
        """The mask of a group's clip path."""
        found = re.fullmatch(r"url\(#(.+)\)", group.get("clip-path", ""))
        if found is None:
            return None
        mask = Image.new("L", (self.side, self.side))
        for shape in self.defs[found[1]]:
            self._fill(ImageDraw.Draw(mask), lines_of(shape, matrix), 255)
        return mask

    def _shape(
        self, element: ET.Element, canvas: Image.Image, matrix: Matrix, clip: Image.Image | None
    ) -> None:
        lines = list(lines_of(element, matrix))
        strength = round(255 * float(element.get("opacity", "1")))
        fill, stroke = element.get("fill", "#000000"), element.get("stroke", "none")
        if fill != "none":
            with self._pen(canvas, fill, strength, clip) as (pen, ink):
                self._fill(pen, lines, ink)
        if stroke != "none":
            with self._pen(canvas, stroke, strength, clip) as (pen, ink):
                self._stroke(pen, element, lines, matrix, ink)

    @contextmanager
    def _pen(
        self, canvas: Image.Image, value: str, strength: int, clip: Image.Image | None
    ) -> Iterator[tuple[ImageDraw.ImageDraw, Ink]]:
        """What to draw with: straight on the canvas where the colour is plain, else through a mask."""
        ink = self._paint_of(value, canvas.size)
        if isinstance(ink, str) and strength == 255 and clip is None:
            yield ImageDraw.Draw(canvas), ink
            return
        mask = Image.new("L", canvas.size)
        yield ImageDraw.Draw(mask), strength
        if clip is not None:
            mask = ImageChops.darker(mask, clip)
        canvas.paste(ink, (0, 0, *canvas.size), mask)

    @staticmethod
    def _fill(pen: ImageDraw.ImageDraw, lines: Iterable[Line], ink: Ink) -> None:
        for line in lines:
            if len(line.points) > 2:
                pen.polygon(line.points, fill=ink)

    @staticmethod
    def _stroke(
        pen: ImageDraw.ImageDraw,
        element: ET.Element,
        lines: list[Line],
        matrix: Matrix,
        ink: Ink,
    ) -> None:
        width = max(1.0, float(element.get("stroke-width", "1")) * math.hypot(matrix[0], matrix[1]))
        told = _NUMBER.findall(element.get("stroke-dasharray", ""))
        dashes = [float(number) * math.hypot(matrix[0], matrix[1]) for number in told]
        is_round = element.get("stroke-linecap") == "round"
        for line in lines:
            points = [*line.points, line.points[0]] if line.is_closed else line.points
            for piece in line.cut(dashes) if dashes else [points]:
                pen.line(piece, fill=ink, width=max(1, round(width)), joint="curve")
                for x, y in (piece[0], piece[-1]) if is_round or line.is_closed else ():
                    half = width / 2
                    pen.ellipse((x - half, y - half, x + half, y + half), fill=ink)

    def _paint_of(self, value: str, size: tuple[int, int]) -> Image.Image | str:
        """A colour, or the cloth that a pattern weaves, as large as the canvas."""
        found = re.fullmatch(r"url\(#(.+)\)", value)
        if found is None:
            return value
        cloth = self.cloths.get(found[1])
        if cloth is None or cloth.size != size:
            cloth = self.cloths[found[1]] = self._weave(self.defs[found[1]], size)
        return cloth

    def _weave(self, pattern: ET.Element, size: tuple[int, int]) -> Image.Image:
        """The pattern's tile beside itself, turned as the pattern says."""
        width, height = float(pattern.get("width", "1")), float(pattern.get("height", "1"))
        tile = Image.new("RGBA", (max(1, round(width * self.scale)), max(1, round(height * self.scale))))
        self._children(pattern, tile, (tile.width / width, 0, 0, tile.height / height, 0, 0), None)
        turned = _NUMBER.search(pattern.get("patternTransform", ""))
        angle = float(turned[0]) if turned else 0.0
        reach = round(max(size) * (1.5 if angle else 1)) + tile.width
        cloth = Image.new("RGBA", (reach, reach))
        for x in range(0, reach, tile.width):
            for y in range(0, reach, tile.height):
                cloth.paste(tile, (x, y))
        if angle:
            cloth = cloth.rotate(-angle, Image.Resampling.BICUBIC)
        left = (reach - size[0]) // 2 if angle else 0
        return cloth.crop((left, left, left + size[0], left + size[1]))
