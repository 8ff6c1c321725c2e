"""Write the locks: exact versions of everything with their hashes, naming no registry.

The runtime lock comes first, the development lock keeps its versions. They hold for every Python from 3.11.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"runtime": [], "dev": ["--constraint", "requirements/runtime.txt"], "node": []}
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"]
NAME_NOTHING = ["--no-header", "--no-emit-index-url", "--no-emit-find-links"]


def main() -> None:
    for name, more in LOCKS.items():
        files = [f"requirements/{name}.in", "--output-file", f"requirements/{name}.txt"]
        command = [
            str(ROOT / ".venv" / "bin" / "uv"),
            "pip",
            "compile",
            *OPTIONS,
            *NAME_NOTHING,
            *more,
            *files,
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        print(f"locked requirements/{name}.txt")
    subprocess.run(["npm", "update", "--package-lock-only", "--no-audit", "--no-fund"], cwd=ROOT, check=True)
    print("locked package-lock.json")


if __name__ == "__main__":
    main()
