"""Pages about people: the door (signing in and out), one's own account, codes given by an officer."""

from . import account, codes, door
from .pages import blueprint

__all__ = ["account", "blueprint", "codes", "door"]
