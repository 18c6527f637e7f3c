"""Make `.venv` from the locks, with the standard library alone.

Run as `python3 local/install.py SET`: `local`, `reports` or `dev`.

Any python3 may run this file, so it keeps to the syntax of Python 3.6. An unsuitable one hands over to a
better one on the PATH, or prints one line that says what is missing. Exit code 0: `.venv` matches the locks; 1: not.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_GLIBC = (2, 27)
ROOT = Path(__file__).resolve().parents[1]
IMAGE, LOCAL, DEV = (ROOT / name for name in ("requirements.lock", "requirements-local.lock", "requirements-dev.lock"))
LOCKS = {"local": [LOCAL], "reports": [LOCAL, IMAGE], "dev": [DEV]}
"""Each set of packages with its locks. A set holds the ones before it."""
DISK_MB = {"local": 480, "reports": 650, "dev": 1430}
"""Megabytes in `.venv` after the install, about."""
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
ON_TERMINAL, IN_LOG = 0.3, 5.0
"""Seconds between two reports of progress."""
TEMPLATE = "from local.servers.postgres import make_template; make_template()"

SUITS = (
    f"import sys; ({OLDEST} <= sys.version_info[:2] <= {NEWEST}) or sys.exit('version'); "
    "import importlib.util as u; all(map(u.find_spec, ('venv', 'ensurepip'))) or sys.exit('venv')"
)
"""Code that exits with 0 if a Python suits, else prints what it lacks on standard error."""


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "local"
    if name not in LOCKS:
        fail(f"{name}: no set of packages; give one of: {', '.join(LOCKS)}")
    if is_installed(name):
        return
    require_platform()
    python = find_python()
    if Path(python).resolve() != Path(sys.executable).resolve():
        os.execv(python, [python, __file__, name])  # noqa: S606 - the same program, by a Python which suits it
    if STAMP.exists():
        STAMP.unlink()  # what is interrupted is not installed
    if lacks(str(PYTHON)) or ask(str(PYTHON), "import pip").returncode != 0:
        print(f"Making .venv with Python {platform.python_version()}", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    print(f"Installing into .venv: about {DISK_MB[name]} MB on disk, in one to four minutes", flush=True)
    for lock in LOCKS[name]:
        install_lock(lock)
    print("Installing the project itself", flush=True)
    run([*PIP, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    print("Preparing PostgreSQL's data folder", flush=True)
    ask(str(PYTHON), TEMPLATE)  # a stack makes it if this fails, and says why
    STAMP.write_text(f"{name} {digest(name)}")


PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]


def is_installed(name: str) -> bool:
    """Return whether `.venv` holds this set, or one that holds it."""
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    names = list(LOCKS)
    return STAMP.read_text() in [f"{larger} {digest(larger)}" for larger in names[names.index(name) :]]


def digest(name: str) -> str:
    """Return a digest of everything that decides the content of `.venv`, its path included."""
    parts = [lock.read_bytes() for lock in LOCKS[name]]
    parts += [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
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


def install_lock(lock: Path) -> None:
    """Install everything in a lock, each package checked against its hash; show progress."""
    total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
    said = []  # type: list[str]
    already = len(installed())
    command = [*PIP, "--progress-bar=off", "--only-binary=:all:", "--require-hashes", "-r", str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        reader = threading.Thread(target=lambda: said.extend(pip.stdout or ()))
        reader.start()
        shown = ""
        while reader.is_alive():
            line = describe(said, total, len(installed()) - already)
            if line != shown:
                show(line)
                shown = line
            reader.join(ON_TERMINAL if sys.stdout.isatty() else IN_LOG)
    if sys.stdout.isatty():
        show("")
    if pip.returncode != 0:
        fail("The packages could not be installed:\n" + "".join(said[-20:]))


def describe(said: "list[str]", total: int, unpacked: int) -> str:
    """Return how far pip has come, by what it `said`.

    Some of the lock's packages are for other systems, so fewer than `total` are fetched.
    """
    lines = list(said)
    for line in lines:
        if line.startswith("Installing collected packages: "):
            return f"unpacked {unpacked} of {len(line.split(':')[1].split(','))} packages"
    names = [line.split()[1].split("==")[0] for line in lines if line.startswith("Collecting ")]
    sizes = [FETCHED.search(line) for line in lines]
    fetched = sum(float(size.group(1)) * UNITS[size.group(2)] for size in sizes if size)
    current = f": {names[-1]}" if names else ""
    return f"fetched {len(names)} of at most {total} packages, {fetched:.0f} MB{current}"


FETCHED = re.compile(r"^ *(?:Downloading|Using cached) \S+ \(([\d.]+) (bytes|kB|MB)\)")
UNITS = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0}


def installed() -> "list[Path]":
    return list(VENV.glob("lib/python*/site-packages/*.dist-info"))


def show(line: str) -> None:
    """Show the progress in one line; not on a terminal, in a line of its own."""
    print(f"\r\033[K{line}" if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)


def run(command: list) -> None:  # type: ignore[type-arg] # list[str] came with Python 3.9
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        fail(f"This failed: {' '.join(command)}\n{done.stdout}")


def fail(words: str) -> None:
    sys.exit("Error: " + words.rstrip())


if __name__ == "__main__":
    main()
