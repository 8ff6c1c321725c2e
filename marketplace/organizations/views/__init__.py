"""Pages of organizations."""

from . import changes, duplicates, own, people, registration, registry, retailers, verification
from .pages import blueprint, register

__all__ = [
    "blueprint",
    "changes",
    "duplicates",
    "own",
    "people",
    "register",
    "registration",
    "registry",
    "retailers",
    "verification",
]
