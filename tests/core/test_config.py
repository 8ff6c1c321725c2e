"""Settings: written once, documented, read from the environment."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from marketplace import config

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """name -> (default, meaning), from the table of docs/operations.md."""
    text = (ROOT / "docs" / "operations.md").read_text()
    return {name: (default, meaning) for name, default, meaning in ROW.findall(text)}


def shown(setting: config.Setting) -> str:
    if setting.default in ("", []):
        return "empty"
    return (
        f"`{setting.default}`"
        if not isinstance(setting.default, bool)
        else ("on" if setting.default else "off")
    )


def test_every_setting_is_documented_and_nothing_else_is():
    assert set(documented()) == {setting.name for setting in config.SETTINGS}


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_the_documentation_says_what_the_code_says(setting):
    assert documented()[setting.name] == (shown(setting), setting.meaning)


def test_the_environment_wins_over_defaults_and_overrides_win_over_both(tmp_path):
    environ = {
        "DATA_DIR": str(tmp_path),
        "PORT": "9000",
        "DEMO": "yes",
        "TRUSTED_HOSTS": "a.example, b.example",
    }
    values = config.load(environ, HOST="0.0.0.0")
    assert (values["PORT"], values["DEMO"], values["HOST"]) == (9000, True, "0.0.0.0")
    assert values["TRUSTED_HOSTS"] == ["a.example", "b.example"]
    assert values["PUBLIC_URL"] == "http://127.0.0.1:9000"


def test_an_empty_variable_means_the_default(tmp_path):
    assert config.load({"DATA_DIR": str(tmp_path), "PORT": ""})["PORT"] == 8000


def test_a_senseless_value_is_refused_with_the_settings_meaning(tmp_path):
    with pytest.raises(ValueError, match="PORT='eighty'"):
        config.load({"DATA_DIR": str(tmp_path), "PORT": "eighty"})


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("", "sqlite:///"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://h/d", "postgresql+psycopg://h/d"),
        ("sqlite:////tmp/x", "sqlite:////tmp/x"),
    ],
)
def test_the_databases_address_is_understood(tmp_path, url, start):
    assert config.database_uri(url, tmp_path).startswith(start)


def test_secure_cookies_follow_the_public_address(tmp_path):
    environ = {"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://etalase.example/"}
    values = config.load(environ)
    assert values["SECURE_COOKIES"] is True
    assert values["PUBLIC_URL"] == "https://etalase.example"


def test_a_secret_is_made_once_even_when_eight_start_together_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "keys" / "secret_key"
    found: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait(10)
        found.append(config.kept_secret(path))

    threads = [threading.Thread(target=start) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(found)) == 1
    assert len(found[0]) >= 40
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]
