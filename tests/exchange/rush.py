"""Two commands that bring in the same file at the same moment, one kind after the other.

python -m tests.exchange.rush LOG KIND=FILE ...
"""

from __future__ import annotations

import json
import sys
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from marketplace import create_app
from tests.support.rushing import race, rush


def brought_in(app: Flask, kind: str, path: str) -> dict[str, Any]:
    """What the command said of one file."""
    result = app.test_cli_runner().invoke(args=["import", kind, path, "--format", "json"])
    if result.exit_code:
        return {"kind": kind, "failed": result.output}
    return {"kind": kind, **json.loads(result.stdout)}


def main(log: str, *files: str) -> int:
    """Load once, fork, wait for both; 0 when both ended well."""
    app = create_app()

    def run(_number: int, together: Barrier) -> None:
        acts = [partial(brought_in, app, *file.split("=", 1)) for file in files]
        race(log, together, acts)

    return rush(app, 2, run)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
