"""Pages of agreements, and the first screens of seller and buyer."""

from . import terms
from .agreements import blueprint as agreement_pages
from .home import blueprint as home_pages
from .proposals import blueprint as proposal_pages
from .replacements import blueprint as replacement_pages

__all__ = ["agreement_pages", "home_pages", "proposal_pages", "replacement_pages", "terms"]
