"""Every read of organizations."""

from .actors import Hat, actor_of, has_hat, hats_of, load_actor

__all__ = ["Hat", "actor_of", "has_hat", "hats_of", "load_actor"]
