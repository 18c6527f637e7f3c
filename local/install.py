"""Make `.venv` from the lock, with the standard library alone: `python3 local/install.py`.

Any python3 may run this file, so it keeps to the syntax of Python 3.6. An unsuitable one hands over to a
better one on the PATH, or prints one line that says what is missing. Exit code 0: `.venv` matches the lock; 1: not.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_GLIBC = (2, 27)
ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-dev.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LINES_APART = 20
"""Packages between two lines of progress that are not on a terminal."""

SUITS = (
    f"import sys; ({OLDEST} <= sys.version_info[:2] <= {NEWEST}) or sys.exit('version'); "
    "import importlib.util as u; all(map(u.find_spec, ('venv', 'ensurepip'))) or sys.exit('venv')"
)
"""Code that exits with 0 if a Python suits, else prints what it lacks on standard error."""


def main() -> None:
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == digest():
        return
    require_platform()
    python = find_python()
    if Path(python).resolve() != Path(sys.executable).resolve():
        os.execv(python, [python, __file__])  # noqa: S606 - the same program, by a Python which suits it
    if lacks(str(PYTHON)) or ask(str(PYTHON), "import pip").returncode != 0:
        print(f"Making .venv with Python {platform.python_version()}", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    install_lock()
    print("Installing the project itself", flush=True)
    run([*PIP, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    STAMP.write_text(digest())


PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]


def digest() -> str:
    """Return a digest of everything that decides the content of `.venv`, its path included."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def require_platform() -> None:
    """Fail on machines for which there are no PostgreSQL and Temporal wheels."""
    machine = f"{platform.system()} {platform.machine()}"
    if machine in ("Darwin arm64", "Darwin x86_64"):
        return
    if machine not in ("Linux x86_64", "Linux aarch64"):
        fail(f"This machine ({machine}) is not supported; Linux and macOS on x86-64 and ARM64 are.")
    try:
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        library = ""
    found = re.match(r"glibc (\d+)\.(\d+)", library)
    if not found or (int(found.group(1)), int(found.group(2))) < OLDEST_GLIBC:
        wanted = "glibc {}.{} or later".format(*OLDEST_GLIBC)
        fail(f"This system's C library ({library or 'not glibc'}) is not supported; {wanted} is.")


def find_python() -> str:
    """Find a Python that can make `.venv`: the running one, or the newest on the PATH."""
    without_venv = ""
    for name in [sys.executable, *(f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1))]:
        path = shutil.which(name) or ""
        lacking = lacks(path)
        if not lacking:
            return ask(path, "import sys; print(sys.executable)").stdout.strip()
        if lacking == "venv":
            without_venv = path
    if without_venv:
        fail(f"{without_venv} has no venv module; on Debian and Ubuntu: apt install python3-venv")
    fail(f"Python 3.11, 3.12 or 3.13 is needed; {sys.executable} is {platform.python_version()}.")
    raise AssertionError


def lacks(python: str) -> str:
    """Return what a Python lacks: '' (nothing), 'version', 'venv', or an error's text."""
    if not python or not os.path.exists(python):  # noqa: PTH110 - '' is no path
        return "existence"
    asked = ask(python, SUITS)
    return "" if asked.returncode == 0 else asked.stderr.strip() or "everything"


def ask(python: str, code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: UP022 - capture_output came with Python 3.7
        [python, "-c", code],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,  # noqa: UP021 - so did text
    )


def install_lock() -> None:
    """Install everything in the lock, each package checked against its hash; show progress."""
    total = len(re.findall(r"^[\w.-]+==", LOCK.read_text(), re.MULTILINE))
    print(f"Installing {total} packages into .venv: about 1.2 GB, in two to four minutes", flush=True)
    said = []
    fetched = 0  # some of the lock's packages are for other systems, so it may end below the total
    command = [*PIP, "--only-binary=:all:", "--require-hashes", "-r", str(LOCK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            fetched += line.startswith("Collecting ")
            if line.startswith("Collecting "):
                progress(f"{fetched:3} of {total}  {line.split()[1].split('==')[0]}", fetched)
            elif line.startswith("Installing collected"):
                progress("Unpacking them, the longest part: a minute or two")
    progress("")
    if pip.returncode != 0:
        fail("The packages could not be installed:\n" + "".join(said[-20:]))


def progress(line: str, number: int = 0) -> None:
    """Show the progress in one line; not on a terminal, print a line now and then."""
    if sys.stdout.isatty():
        print("\r\033[K" + line, end="", flush=True)
    elif line and not number % LINES_APART:
        print(line, flush=True)


def run(command: list) -> None:  # type: ignore[type-arg] # list[str] came with Python 3.9
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        fail(f"This failed: {' '.join(command)}\n{done.stdout}")


def fail(words: str) -> None:
    sys.exit("Error: " + words.rstrip())


if __name__ == "__main__":
    main()
