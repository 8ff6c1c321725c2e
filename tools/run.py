"""Run Etalase in the foreground: the database brought to date, the web server and the worker side by side.

    make run                               on 127.0.0.1:8000, everything in var/
    PORT=8001 DATA_DIR=/srv/two make run   a second copy beside it

Both processes are restarted when they crash, with a growing pause; Ctrl-C or SIGTERM ends both. An empty
database gets the demo city. Once the server answers, the address and the demo accounts are printed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from marketplace import config

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FLASK = [str(BIN / "flask"), "--app", "wsgi"]
START_SECONDS = 120
STOP_SECONDS = 15
LONGEST_PAUSE = 30
STEADY_SECONDS = 60  # a process that ran this long has recovered: the next pause is short again
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, flush=True)


class RunFailed(Exception):
    """Etalase cannot start; the message says why and what to do."""


def end_with_parent() -> None:
    """In a child on Linux: be told to end if the supervisor itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end_group(group: int) -> None:
    """End whatever is left of a service: processes that outlive their first one would go on answering."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


@dataclass
class Service:
    """One process to keep running."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = field(default=1.0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        # A session of its own: Ctrl-C reaches the supervisor alone, which ends the services in order.
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 the supervisor has one thread
        )

    def keep_running(self) -> None:
        """Start again after a crash, once the pause is over."""
        now = time.monotonic()
        if self.process is not None:
            status = self.process.poll()
            if status is None:
                return
            if now - self.started_at > STEADY_SECONDS:
                self.pause = 1.0
            say(f"the {self.name} ended with status {status}; starting it again in {self.pause:.0f} s")
            end_group(self.process.pid)
            self.process, self.start_at = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if now >= self.start_at:
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait for the end until the deadline, then force it on the whole group."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            end_group(self.process.pid)
            self.process.wait()


class Stopped(Exception):
    """Ctrl-C or SIGTERM came."""


def stop_on_signal(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def check_port_is_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            reason = f"cannot listen on {host}:{port} ({problem.strerror})"
            raise RunFailed(f"{reason}; choose another port: PORT={port + 1} make run") from problem


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_it_answers(services: list[Service], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if time.monotonic() > deadline:
            raise RunFailed(f"the server did not answer at {url} within {START_SECONDS} s; its log is above")
        for service in services:
            service.keep_running()
        time.sleep(0.1)


def prepare() -> str:
    """Bring the database to date; give an empty one the demo city. Answers who can sign in to that."""
    say("bringing the database to date ...")
    prepared = subprocess.run(
        [sys.executable, "-m", "tools.prepare"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if prepared.returncode:
        raise RunFailed("the database could not be made ready; the reason is above")
    return prepared.stdout.strip()


def services_for(settings: dict[str, object]) -> list[Service]:
    server = [str(BIN / "granian"), "--interface", "wsgi", "--no-ws", "--log-level", "warning"]
    server += ["--host", str(settings["HOST"]), "--port", str(settings["PORT"])]
    server += [
        "--workers",
        str(settings["WEB_PROCESSES"]),
        "--blocking-threads",
        str(settings["WEB_THREADS"]),
    ]
    server += ["--respawn-failed-workers", "--workers-kill-timeout", "10", "wsgi:app"]
    # The worker stands beside the server, so the server need not keep one of its own.
    return [Service("server", server, {"EMBEDDED_WORKER": "0"}), Service("worker", [*FLASK, "worker"])]


def welcome(address: str, accounts: str) -> None:
    for part in (f"Etalase is open: {address}", accounts, "Ctrl-C ends it."):
        say(f"\n{part}")


def supervise(services: list[Service], address: str, accounts: str) -> None:
    wait_until_it_answers(services, f"{address}/healthz")
    welcome(address, accounts)
    while True:
        time.sleep(0.5)
        for service in services:
            service.keep_running()


def stop_all(services: list[Service]) -> None:
    """Ask all, then wait for all; a second Ctrl-C does not interrupt this."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for service in services:
        service.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for service in services:
        service.stop(deadline)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_on_signal)
    services: list[Service] = []
    try:
        settings = config.load(os.environ)
        host, port = settings["HOST"], settings["PORT"]
        check_port_is_free(host, port)
        accounts = prepare()
        services = services_for(settings)
        reachable = EVERY_ADDRESS.get(host, host)
        address = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
        supervise(services, address, accounts)
    except Stopped:
        say("\nending ...")
    except (RunFailed, ValueError) as problem:
        say(f"Etalase did not start: {problem}")
        return 1
    finally:
        stop_all(services)
    say("Etalase has ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
