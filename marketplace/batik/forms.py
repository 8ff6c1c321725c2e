"""The wares that wear a motif: each stands on the shelf, 400 wide, with its foot at 392."""

from __future__ import annotations

from collections.abc import Callable

from .cloth import Cloth
from .palettes import PAPER
from .shapes import circle, line, number, path, rect, rosette

Art = tuple[str, str]  # definitions, drawing


def wear(cloth: Cloth, form: str) -> Art:
    """The definitions and the drawing of a ware in this cloth; ValueError for an unknown form."""
    if form not in _FORMS:
        raise ValueError(f"unknown form: {form}")
    return _FORMS[form](cloth)


def _shadow(cloth: Cloth, reach: float = 128) -> str:
    return _ellipse(200, 392, reach, 9, cloth.palette.deep, ' opacity=".16"')


def _ellipse(x: float, y: float, wide: float, high: float, fill: str, extra: str = "") -> str:
    place = f'cx="{number(x)}" cy="{number(y)}" rx="{number(wide)}" ry="{number(high)}"'
    return f'<ellipse {place} fill="{fill}"{extra}/>'


def _clip(cloth: Cloth, form: str, shape: str, inside: str) -> Art:
    name = f"{cloth.key}-{form}"
    defs = f'<clipPath id="{name}"><path d="{shape}"/></clipPath>'
    return defs, f'<g clip-path="url(#{name})">{inside}</g>'


def _label(x: float, y: float, width: float, height: float, ink: str) -> str:
    """A paper label: a truntum flower and two lines. A picture carries no words."""
    middle, flower_y, reach = x + width / 2, y + height * 0.37, min(width, height) * 0.25
    flower = rosette(middle, flower_y, 8, reach, reach * 0.3, ink, 22.5, reach * 0.18)
    rows = (
        f"M{number(middle - width * 0.28)} {number(y + height * 0.7)}H{number(middle + width * 0.28)}"
        f"M{number(middle - width * 0.17)} {number(y + height * 0.82)}H{number(middle + width * 0.17)}"
    )
    return (
        rect(x, y, width, height, PAPER, ' rx="6"')
        + flower
        + circle(middle, flower_y, reach * 0.16, ink)
        + line(rows, ink, height * 0.045, ' stroke-linecap="round"')
    )


def cloth_square(cloth: Cloth) -> Art:
    """Nothing but cloth."""
    return "", rect(0, 0, 400, 400, cloth.fill)


def pouch(cloth: Cloth) -> Art:
    """A standing pouch: crisps, coffee, dried goods."""
    deep = cloth.palette.deep
    shape = "M108 64H292L300 366Q302 392 276 392H124Q98 392 100 366Z"
    inside = (
        rect(90, 150, 220, 250, cloth.fill)
        + line("M90 150H310", deep, 4)
        + rect(90, 60, 220, 26, deep)
        + line("M90 100H310", deep, 1.5, ' stroke-dasharray="5 5"')
    )
    defs, worn = _clip(cloth, "pouch", shape, inside)
    hole = circle(200, 73, 6, cloth.palette.backdrop)
    return defs, _shadow(cloth) + path(shape, PAPER) + worn + hole + _label(146, 212, 108, 112, deep)


def jar(cloth: Cloth) -> Art:
    """A glass jar with a screw lid: sambal, honey, candles."""
    deep = cloth.palette.deep
    shape = "M122 138Q106 150 106 176V352Q106 392 146 392H254Q294 392 294 352V176Q294 150 278 138Z"
    inside = (
        rect(100, 164, 200, 240, cloth.palette.second, ' opacity=".38"')
        + rect(100, 206, 200, 128, cloth.fill)
        + line("M100 206H300M100 334H300", deep, 4)
    )
    defs, worn = _clip(cloth, "jar", shape, inside)
    lid = rect(116, 86, 168, 46, deep, ' rx="8"') + line("M116 118H284", PAPER, 2, ' opacity=".5"')
    return defs, _shadow(cloth) + path(shape, PAPER) + worn + lid + _label(153, 216, 94, 108, deep)


def bottle(cloth: Cloth) -> Art:
    """A bottle: syrup, soy sauce, jamu."""
    deep = cloth.palette.deep
    shape = (
        "M172 74V128Q172 150 150 168Q132 184 132 212V364Q132 392 160 392H240Q268 392 268 364"
        "V212Q268 184 250 168Q228 150 228 128V74Z"
    )
    inside = (
        rect(120, 70, 160, 330, PAPER, ' opacity=".3"')
        + rect(120, 222, 160, 120, cloth.fill)
        + line("M120 222H280M120 342H280", deep, 4)
    )
    defs, worn = _clip(cloth, "bottle", shape, inside)
    cap = rect(164, 40, 72, 40, deep, ' rx="7"')
    glass = path(shape, cloth.palette.second)
    return defs, _shadow(cloth) + glass + worn + cap + _label(160, 232, 80, 100, deep)


def box(cloth: Cloth) -> Art:
    """A gift box with a ribbon: cakes, sets."""
    deep = cloth.palette.deep
    bow = (
        "M200 120C166 60 124 92 150 116C164 126 186 122 200 120"
        "C214 122 236 126 250 116C276 92 234 60 200 120Z"
    )
    body = rect(66, 168, 268, 224, cloth.fill, ' rx="6"')
    lid = path("M56 120H344V178H56Z", deep) + path("M56 120H344V136H56Z", PAPER, ' opacity=".16"')
    ribbon = rect(184, 120, 32, 272, PAPER) + line(bow, PAPER, 11, ' stroke-linejoin="round"')
    return "", _shadow(cloth) + body + lid + ribbon + line(bow, deep, 2)


def fold(cloth: Cloth) -> Art:
    """Folded cloth in a paper band: batik, lurik."""
    layers = _folded(cloth, 0, 330, 62) + _folded(cloth, 1, 264, 66) + _folded(cloth, 2, 188, 76)
    seams = line("M172 176V392M228 176V392", cloth.palette.deep, 1.5, ' opacity=".35"')
    band = rect(172, 176, 56, 216, PAPER) + seams
    return "", _shadow(cloth) + layers + band + _label(172, 244, 56, 76, cloth.palette.deep)


def _folded(cloth: Cloth, index: int, y: float, high: float) -> str:
    x, width = 60 + index * 8, 280 - index * 16
    edge = f' rx="16" stroke="{PAPER}" stroke-width="3"'
    crease = f"M{number(x + width - high * 0.5)} {number(y + high * 0.5)}H{x + 26}"
    return rect(x, y, width, high, cloth.fill, edge) + line(crease, PAPER, 3, ' opacity=".85"')


def tote(cloth: Cloth) -> Art:
    """A carrying bag: bags, woven goods."""
    deep = cloth.palette.deep
    handle = line("M138 178C138 60 262 60 262 178", deep, 13, ' stroke-linecap="round"')
    body = path("M84 166H316L334 380Q335 392 322 392H78Q65 392 66 380Z", cloth.fill)
    rim = path("M84 166H316L318 194H82Z", deep)
    return "", _shadow(cloth) + handle + body + rim + circle(138, 180, 5, PAPER) + circle(262, 180, 5, PAPER)


def stack(cloth: Cloth) -> Art:
    """Round cakes on a leaf, held by a band: intip, serabi, rambak."""
    deep, second = cloth.palette.deep, cloth.palette.second
    leaf = path("M52 382C110 350 290 350 348 382C300 398 100 398 52 382Z", "#5E8A5B")
    rounds = "".join(_round(cloth, y) for y in (322, 286, 250, 214))
    top = _ellipse(200, 214, 118, 36, cloth.fill, f' stroke="{second}" stroke-width="7"')
    band = rect(168, 236, 64, 148, PAPER)
    return "", _shadow(cloth, 150) + leaf + rounds + top + band + _label(168, 268, 64, 84, deep)


def _round(cloth: Cloth, y: float) -> str:
    side = f"M82 {y}V{y + 30}A118 36 0 0 0 318 {y + 30}V{y}A118 36 0 0 1 82 {y}Z"
    foot = f"M82 {y + 30}A118 36 0 0 0 318 {y + 30}"
    return path(side, cloth.palette.second) + line(foot, cloth.palette.deep, 3)


def tube(cloth: Cloth) -> Art:
    """A tube and one shuttlecock beside it: sports goods."""
    deep = cloth.palette.deep
    barrel = (
        path("M88 108V366A66 22 0 0 0 220 366V108Z", cloth.fill)
        + path("M88 108V136A66 22 0 0 0 220 136V108Z", deep)
        + _ellipse(154, 108, 66, 22, PAPER, f' stroke="{deep}" stroke-width="5"')
        + path("M88 340V366A66 22 0 0 0 220 366V340A66 22 0 0 1 88 340Z", deep)
    )
    quills = "M282 344L252 250M294 344L281 242M306 344L310 242M318 344L339 250M262 282Q296 296 330 282"
    shuttle = (
        path("M278 352L244 252Q296 226 348 252L322 352Z", PAPER)
        + line(quills, cloth.palette.second, 3, ' stroke-linecap="round"')
        + path("M274 350H326V362A26 28 0 0 1 274 362Z", deep)
    )
    return "", _shadow(cloth, 150) + barrel + _label(112, 196, 84, 100, deep) + shuttle


def chair(cloth: Cloth) -> Art:
    """A chair with a cloth back and seat: furniture, woodwork."""
    deep, wood = cloth.palette.deep, cloth.palette.second
    posts = path("M112 54H136V392H112Z", wood) + path("M264 54H288V392H264Z", wood)
    legs = path("M98 270H118V392H98Z", deep) + path("M282 270H302V392H282Z", deep)
    back = rect(126, 74, 148, 128, cloth.fill, f' rx="10" stroke="{deep}" stroke-width="6"')
    seat = rect(92, 236, 216, 40, cloth.fill, f' rx="12" stroke="{deep}" stroke-width="6"')
    rail = rect(112, 326, 176, 14, wood)
    return "", _shadow(cloth, 140) + posts + rail + legs + back + seat


def cards(cloth: Cloth) -> Art:
    """A pile of printed cards: printing, stationery."""
    deep, second = cloth.palette.deep, cloth.palette.second
    pile = "".join(
        rect(96 + shift, 150 - shift, 200, 242, fill, f' rx="8" stroke="{PAPER}" stroke-width="3"')
        for shift, fill in ((24, second), (12, deep))
    )
    front = rect(96, 150, 200, 242, PAPER, ' rx="8"') + rect(96, 150, 200, 122, cloth.fill, ' rx="8"')
    return "", _shadow(cloth) + pile + front + line("M96 272H296", deep, 4) + _label(146, 276, 100, 108, deep)


def basket(cloth: Cloth) -> Art:
    """A filled basket under an arch: parcels, hampers, wickerwork."""
    deep, second, accent = cloth.palette.deep, cloth.palette.second, cloth.palette.accent
    arch = line("M104 236C104 20 296 20 296 236", deep, 14)
    filling = (
        rect(142, 136, 40, 110, second, ' rx="10"')
        + rect(150, 112, 24, 30, deep, ' rx="4"')
        + rect(190, 156, 72, 90, PAPER, f' rx="8" stroke="{deep}" stroke-width="4"')
        + circle(268, 214, 34, accent)
        + circle(130, 222, 28, accent)
    )
    body = path("M80 238H320L296 380Q294 392 282 392H118Q106 392 104 380Z", cloth.fill)
    rim = rect(70, 226, 260, 30, deep, ' rx="10"')
    return "", _shadow(cloth) + arch + filling + body + rim + _label(160, 280, 80, 92, deep)


_FORMS: dict[str, Callable[[Cloth], Art]] = {
    "cloth": cloth_square,
    "pouch": pouch,
    "jar": jar,
    "bottle": bottle,
    "box": box,
    "fold": fold,
    "tote": tote,
    "stack": stack,
    "tube": tube,
    "chair": chair,
    "cards": cards,
    "basket": basket,
}
FORMS = tuple(_FORMS)
