"""A drawn batik motif for every product that has no photo: the same SKU always gives the same picture.

Only the standard library; no clock and no chance: every choice is read from SHA-256 of the SKU. The pictures
carry no text, no style, no script and no outside reference, so that they pass a strict content security
policy and may be kept by browsers for ever.
"""

from __future__ import annotations

from .choices import Choices
from .cloth import FAMILIES, Cloth, weave
from .families import PLAIN
from .forms import FORMS, wear
from .palettes import PALETTES
from .shapes import number

__all__ = ["FAMILIES", "FORMS", "PALETTES", "draw", "tile"]

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'


def draw(sku: str, form: str = "cloth") -> str:
    """The whole SVG (400 x 400) of one SKU; `form` is the ware that wears the motif.

    'cloth' fills the square. Raises ValueError for a form that is not in FORMS.
    """
    cloth = weave(sku)
    defs, art = wear(cloth, form)
    ground = f'<rect width="400" height="400" fill="{cloth.palette.backdrop}"/>'
    return _svg(400, 400, cloth.defs + defs, ground + art, cloth)


def tile(family: str, palette: str, repeat: int = 4) -> str:
    """A seamless square of one family in one palette, for large quiet surfaces such as the sign-in page.

    Raises KeyError for sekar jagad, which has no repeat, and for unknown names.
    """
    motif = PLAIN[family](Choices(f"tile/{family}/{palette}"), PALETTES[palette])
    width, height = number(motif.width), number(motif.height)
    opening = f'<pattern id="t" width="{width}" height="{height}" patternUnits="userSpaceOnUse">'
    pattern = f"{opening}{motif.body}</pattern>"
    box = (number(motif.width * repeat), number(motif.height * repeat))
    fill = f'<rect width="{box[0]}" height="{box[1]}" fill="url(#t)"/>'
    return f"{HEAD.format(width=box[0], height=box[1])}<defs>{pattern}</defs>{fill}</svg>\n"


def _svg(width: int, height: int, defs: str, body: str, cloth: Cloth) -> str:
    title = f"<title>Motif {cloth.family.replace('-', ' ')}</title>"
    return f"{HEAD.format(width=width, height=height)}{title}<defs>{defs}</defs>{body}</svg>\n"
