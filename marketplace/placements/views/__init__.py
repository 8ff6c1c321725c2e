"""Pages of agreements, and the first screens of seller and buyer."""

from .agreements import blueprint as agreement_pages
from .home import blueprint as home_pages
from .proposals import blueprint as proposal_pages

__all__ = ["agreement_pages", "home_pages", "proposal_pages"]
