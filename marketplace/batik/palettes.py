"""The dyer's colours; they are those of static/css/tokens.css."""

from __future__ import annotations

from typing import NamedTuple


class Palette(NamedTuple):
    """Five colours of a cloth: behind the ware, the undyed ground, and three dyes."""

    backdrop: str
    ground: str
    main: str
    second: str
    accent: str
    night: bool = False

    @property
    def deep(self) -> str:
        """The darkest colour, for lids, lines and shadows."""
        return self.ground if self.night else self.main


PAPER = "#FFFDF8"
PALETTES = {
    "sogan": Palette("#EFE3CF", "#FBF5EA", "#6B3E1E", "#A86A33", "#2A3A86"),
    "sogan-malam": Palette("#E9DCC6", "#4A2A14", "#EDD4B4", "#C68B52", "#FBF5EA", night=True),
    "nila": Palette("#E1E3EB", "#FBF7EE", "#27367F", "#5A6DB8", "#A86A33"),
    "nila-malam": Palette("#DADDE8", "#1A2350", "#E9E2D2", "#8F9DD3", "#DDB383", night=True),
    "mengkudu": Palette("#F2E0D5", "#FBF3EA", "#8C2A1C", "#C0694F", "#27367F"),
    "tegeran": Palette("#F2E7CB", "#6E4A0B", "#F5E3B5", "#D9A93F", "#FBF5EA", night=True),
    "ketapang": Palette("#E2E6D5", "#F8F5EA", "#255A3E", "#6E9A76", "#A86A33"),
}
