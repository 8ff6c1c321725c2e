"""The exchange file of agreements."""

from .agreements import KIND

__all__ = ["KIND"]
