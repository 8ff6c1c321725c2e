"""Papers and pictures of the catalogue: price lists, shelf labels, QR codes, preview cards."""

from .barcodes import Bars, bars_of
from .labels import LAYOUTS, MAX_LABELS, Label, Layout, labels_pdf, sheets_of
from .price_list import price_list_pdf
from .share_card import HEIGHT as PICTURE_SIDE
from .share_card import CardText, card_key, card_mark, draw_card

__all__ = [
    "LAYOUTS",
    "MAX_LABELS",
    "PICTURE_SIDE",
    "Bars",
    "CardText",
    "Label",
    "Layout",
    "bars_of",
    "card_key",
    "card_mark",
    "draw_card",
    "labels_pdf",
    "price_list_pdf",
    "sheets_of",
]
