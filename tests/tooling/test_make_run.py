"""`make run` in one go: an empty folder becomes an open marketplace, and ends when told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.town import copy_of_city

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path):
    """`start(name)` runs a copy with its own DATA_DIR and PORT; all are ended after the test."""
    running = []

    def start_(name: str) -> tuple[subprocess.Popen[bytes], Path, int]:
        port, log = free_port(), tmp_path / f"{name}.log"
        env = os.environ | {"DATA_DIR": str(tmp_path / name), "PORT": str(port), "HOST": "127.0.0.1"}
        env.pop("DATABASE_URL", None)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tools.run"], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        running.append(process)
        return process, log, port

    yield start_
    for process in running:
        process.terminate()
        process.wait(timeout=60)


def wait_for(words: str, log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while words not in (said := log.read_text(errors="replace")):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    return said


def test_two_copies_open_side_by_side_with_the_demo_city_and_end_when_told(start, tmp_path):
    """One in an empty folder, which it fills; the other where a city is already, which it leaves alone."""
    copy_of_city(tmp_path / "two")
    copies = [start(name) for name in ("one", "two")]
    for process, log, port in copies:
        said = wait_for("Ctrl-C ends it.", log, process)
        assert f"Etalase is open: http://127.0.0.1:{port}" in said
        assert len(re.findall(r"\S+@\S+", said)) >= 3, "the demo accounts are named"
        for path in ("/", "/healthz", "/sign-in"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                assert answer.status == 200
    for process, log, _ in copies:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert "Etalase has ended." in log.read_text()
