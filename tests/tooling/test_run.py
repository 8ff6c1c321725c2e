"""The supervisor of `make run` keeps its processes alive and ends them all."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from tools import run
from tools.run import RunFailed, Service, check_port_is_free, stop_all


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


SLEEPS = python("import time; time.sleep(60)")
CRASHES = python("raise SystemExit(3)")
IGNORES_TERM = python("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")


@pytest.fixture
def services():
    """Services that are gone at the end, and signal handlers as they were."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    made: list[Service] = []
    yield made
    for service in made:
        if service.process is not None:
            service.process.kill()
            service.process.wait()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def is_started(service: Service) -> bool:
    return service.process is not None


def wait_for_end(service):
    assert service.process is not None
    service.process.wait(timeout=20)


def test_a_crashed_process_is_started_again_after_a_growing_pause(services, capsys):
    service = Service("worker", CRASHES, pause=0.2)
    services.append(service)
    service.keep_running()
    wait_for_end(service)
    service.keep_running()
    assert not is_started(service)
    assert "the worker ended with status 3" in capsys.readouterr().out
    time.sleep(0.25)
    service.keep_running()
    assert is_started(service)
    assert service.pause == 0.4


def test_what_a_killed_process_leaves_behind_is_ended_before_it_is_started_again(services, tmp_path):
    """An orphan would go on answering at the port, with the code of yesterday."""
    told = tmp_path / "pid"
    begets = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(told)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    service = Service("server", python(begets))
    services.append(service)
    service.keep_running()
    wait_for_file(told)
    orphan = int(told.read_text())
    assert service.process is not None
    service.process.kill()
    wait_for_end(service)
    assert is_alive(orphan)
    service.keep_running()
    deadline = time.monotonic() + 10
    while is_alive(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(orphan)


def wait_for_file(told):
    deadline = time.monotonic() + 20
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = (run.Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_running_process_is_left_alone(services):
    service = Service("server", SLEEPS)
    services.append(service)
    service.keep_running()
    before = service.process
    service.keep_running()
    assert service.process is before


def test_all_are_ended_even_one_that_does_not_listen(services, monkeypatch):
    monkeypatch.setattr(run, "STOP_SECONDS", 0.5)
    polite, deaf = Service("server", SLEEPS), Service("worker", IGNORES_TERM)
    services += [polite, deaf]
    for service in services:
        service.keep_running()
    time.sleep(0.5)  # the deaf one has to have set its ears
    stop_all(services)
    assert [service.process.returncode for service in services] == [-signal.SIGTERM, -signal.SIGKILL]


def test_services_end_when_the_supervisor_is_killed(tmp_path):
    told = tmp_path / "pid"
    code = f"""
import time
from pathlib import Path
from tools.run import Service
service = Service("server", [{sys.executable!r}, "-c", "import time; time.sleep(60)"])
service.keep_running()
Path({str(told)!r}).write_text(str(service.process.pid))
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=run.ROOT) as supervisor:
        wait_for_file(told)
        pid = int(told.read_text())
        supervisor.kill()
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid), "the service outlived its supervisor"


def test_a_port_in_use_is_named_with_a_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(RunFailed, match=rf"127\.0\.0\.1:{port} .*PORT={port + 1} make run"):
            check_port_is_free("127.0.0.1", port)
    check_port_is_free("127.0.0.1", port)
