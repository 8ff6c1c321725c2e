"""Bring the database to date, give an empty one the demo city, and print who can sign in to that.

One process for all of it, because loading the marketplace takes seconds. What it does goes to stderr.
"""

from __future__ import annotations

import sys

from flask_migrate import upgrade

from marketplace import create_app
from marketplace.demo import load, people


def main() -> int:
    """Status 0 when the marketplace can be opened."""
    with create_app().app_context():
        upgrade()
        if load.state() is not load.State.FULL:
            load.load(lambda step: print(step, file=sys.stderr, flush=True))
    people.accounts_told(print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
