"""The exchange files of products: the office's, and a seller's own."""

from . import office, own

KINDS = (office.KIND, own.KIND)

__all__ = ["KINDS", "office", "own"]
