"""Habits that no linter knows."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "marketplace"


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    found = []
    for path in files:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def sources(glob: str = "**/*.py") -> list[Path]:
    return sorted(PACKAGE.glob(glob))


def test_only_the_unit_of_work_commits():
    elsewhere = [path for path in sources() if path != PACKAGE / "db.py"]
    assert lines_with(r"\bsession\.commit\(|\.session\.commit\b", elsewhere) == []


def test_rules_are_told_the_day_and_never_ask_the_clock():
    rules = [path for path in sources() if "rules" in path.relative_to(PACKAGE).with_suffix("").parts]
    assert lines_with(r"\b(now|today)\(\)", rules) == []


def names_from_flask(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "flask"]
    return {alias.name for node in imports for alias in node.names}


def test_services_queries_and_models_read_nothing_from_the_request():
    inner = {"services", "queries", "models"}
    for path in sources("*/**/*.py"):
        if inner & set(path.relative_to(PACKAGE).with_suffix("").parts):
            assert names_from_flask(path) <= {"Flask", "current_app"}, path


def test_the_project_names_no_registry_and_no_machine():
    tracked = [
        path
        for folder in ("marketplace", "tools", "bench", "tests", "migrations", "docs", "requirements", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".txt", ".in", ".toml"} and path.is_file()
    ]
    # Put together here, so that this file does not name them.
    hosts = ["pypi" + ".org", "registry." + "npmjs", "deb." + "debian", "python" + "hosted", "/wo" + "rk/"]
    assert lines_with("|".join(re.escape(host) for host in hosts), tracked) == []
