"""The cloth of one SKU: which family in which colours, as a fill that any ware may wear."""

from __future__ import annotations

from typing import NamedTuple

from .choices import Choices
from .families import PLAIN
from .jagad import sekar_jagad
from .palettes import PALETTES, Palette
from .shapes import number

FAMILIES = (*PLAIN, "sekar-jagad")


class Cloth(NamedTuple):
    """A woven motif: its names, its SVG definitions and the fill that refers to them."""

    key: str
    family: str
    palette_name: str
    palette: Palette
    defs: str

    @property
    def fill(self) -> str:
        """What a shape takes as its fill to wear this cloth."""
        return f"url(#{self.key})"


def weave(sku: str) -> Cloth:
    """The cloth that belongs to a SKU."""
    choices = Choices(sku)
    family, palette_name = choices.pick(FAMILIES), choices.pick(tuple(PALETTES))
    palette = PALETTES[palette_name]
    opening = f'<pattern id="{choices.key}" patternUnits="userSpaceOnUse"'
    if family == "sekar-jagad":
        small, islands = sekar_jagad(choices, palette)
        defs = f'{small}{opening} width="400" height="400">{islands}</pattern>'
    else:
        motif = PLAIN[family](choices, palette)
        size = f'width="{number(motif.width)}" height="{number(motif.height)}"'
        defs = f'{opening} {size} patternTransform="rotate({motif.turn})">{motif.body}</pattern>'
    return Cloth(choices.key, family, palette_name, palette, defs)
