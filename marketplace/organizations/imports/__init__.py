"""The exchange files of sellers and outlets."""

from . import outlets, sellers

KINDS = (sellers.KIND, outlets.KIND)

__all__ = ["KINDS", "outlets", "sellers"]
