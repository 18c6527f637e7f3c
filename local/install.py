"""Makes `.venv` from the lock: `python3 local/install.py`, with the standard library alone.

It is read by whatever python3 there is, so it keeps to the syntax of Python 3.6; an unsuited one hands over to a better
one on the PATH, or says in one line what is missing. Exit code 0: `.venv` is as the lock says; 1: it is not.
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

SUITS = (
    f"import sys; ({OLDEST} <= sys.version_info[:2] <= {NEWEST}) or sys.exit('version'); "
    "import importlib.util as u; all(map(u.find_spec, ('venv', 'ensurepip'))) or sys.exit('venv')"
)
"""What a Python is asked: it ends well, or says on its standard error what it lacks."""


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
    """Of all that decides what is in `.venv`; also of its place, which its scripts know by heart."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def require_platform() -> None:
    """PostgreSQL and Temporal come as ready programs, and there are none for other machines."""
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
    """A Python which can make `.venv`: the one which runs this, or the newest suited one on the PATH."""
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
    """'' when that Python suits; 'version', 'venv', or something else when it cannot even be asked."""
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
    """Everything the lock names, each checked against its hash; says how far it is."""
    total = len(re.findall(r"^[\w.-]+==", LOCK.read_text(), re.MULTILINE))
    print(f"Installing {total} packages", flush=True)
    said = []
    fetched = 0  # some of the lock's packages are for other systems, so it may end below the total
    command = [*PIP, "--only-binary=:all:", "--require-hashes", "-r", str(LOCK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            fetched += line.startswith("Collecting ")
            if line.startswith("Collecting "):
                progress(f"{fetched:3} of {total}  {line.split()[1].split('==')[0]}")
            elif line.startswith("Installing collected"):
                progress("unpacking them")
    progress("")
    if pip.returncode != 0:
        fail("The packages could not be installed:\n" + "".join(said[-20:]))


def progress(words: str) -> None:
    """On a terminal, one line which is written over."""
    if sys.stdout.isatty():
        print("\r\033[K" + words, end="", flush=True)


def run(command: list) -> None:  # type: ignore[type-arg] # list[str] came with Python 3.9
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        fail(f"This failed: {' '.join(command)}\n{done.stdout}")


def fail(words: str) -> None:
    sys.exit("Error: " + words.rstrip())


if __name__ == "__main__":
    main()
