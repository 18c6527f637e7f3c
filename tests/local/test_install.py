"""The install script prints one line on an unsuitable machine, whatever Python runs it."""

import ast
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local import install


def test_python_3_6_can_parse_the_install_script() -> None:
    ast.parse(Path(install.__file__).read_text(), feature_version=(3, 6))


def test_this_python_and_this_machine_are_supported() -> None:
    install.require_platform()
    assert install.lacks(install.find_python()) == ""


@pytest.mark.parametrize("machine", [("Linux", "i686"), ("Windows", "AMD64"), ("FreeBSD", "amd64")])
def test_an_unsupported_machine_is_named(machine: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: machine[0])
    monkeypatch.setattr(platform, "machine", lambda: machine[1])
    with pytest.raises(SystemExit, match=f"{machine[0]} {machine[1]}.* not supported"):
        install.require_platform()


@pytest.mark.parametrize("library", [None, "glibc 2.26", "musl"])
def test_an_unsupported_c_library_is_named(library: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(os, "confstr", lambda _: library)
    with pytest.raises(SystemExit, match=r"C library .* not supported; glibc 2\.27 or later is"):
        install.require_platform()


@pytest.mark.parametrize(
    ("lacking", "message"),
    [("version", r"Python 3\.11, 3\.12 or 3\.13 is needed"), ("venv", "apt install python3-venv")],
)
def test_a_missing_requirement_of_python_is_named(lacking: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "lacks", lambda python: lacking if python else "existence")
    with pytest.raises(SystemExit, match=message):
        install.find_python()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder used as `.venv`, with a Python in it."""
    (python := tmp_path / "python").touch()
    monkeypatch.setattr(install, "PYTHON", python)
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed")
    return tmp_path


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[^ ]+", lock.read_text(), re.MULTILINE))


def test_another_lock_file_has_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = install.digest("local")
    assert install.digest("local") == before
    lock = tmp_path / "lock"
    lock.write_text("another==1.0")
    monkeypatch.setitem(install.LOCKS, "local", [lock])
    assert install.digest("local") != before


@pytest.mark.parametrize(
    ("stamped", "satisfied"),
    [("local", ["local"]), ("reports", ["local", "reports"]), ("dev", ["local", "reports", "dev"])],
)
def test_a_set_satisfies_itself_and_the_smaller_ones(stamped: str, satisfied: list[str], folder: Path) -> None:
    (folder / "installed").write_text(f"{stamped} {install.digest(stamped)}")
    assert [name for name in install.LOCKS if install.is_installed(name)] == satisfied


def test_an_interrupted_install_is_not_taken_for_a_finished_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = folder / "installed"
    stamp.write_text("dev of another lock")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["install.py", "local"])
    monkeypatch.setattr(install, "lacks", lambda _: "")
    monkeypatch.setattr(install, "find_python", lambda: sys.executable)
    monkeypatch.setattr(install, "ask", lambda *_: subprocess.CompletedProcess([], 0))
    monkeypatch.setattr(install, "install_lock", interrupt)
    with pytest.raises(KeyboardInterrupt):
        install.main()
    assert not stamp.exists()


def test_an_unknown_set_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["install.py", "everything"])
    with pytest.raises(SystemExit, match="everything: no set of packages; give one of: local, reports, dev"):
        install.main()


def test_the_locks_agree_on_every_version() -> None:
    assert pins(install.LOCAL) | pins(install.IMAGE) <= pins(install.DEV)


def test_no_lock_names_an_address() -> None:
    for lock in (install.LOCAL, install.IMAGE, install.DEV):
        assert "://" not in lock.read_text()


def test_progress_says_what_is_fetched_and_how_many_packages_are_unpacked() -> None:
    said = ["Collecting a==1 (from -r lock)\n", "  Downloading a-1.whl (1.5 MB)\n"]
    said += ["Collecting b==2\n", "  Using cached b-2.whl (500 kB)\n"]
    assert install.describe(said, 9, 0) == "fetched 2 of at most 9 packages, 2 MB: b"
    said += ["Installing collected packages: a, b\n"]
    assert install.describe(said, 9, 1) == "unpacked 1 of 2 packages"


def test_the_local_stack_imports_nothing_that_only_reports_or_tests_need() -> None:
    code = (
        "import sys, local.demo.run, local.servers.migrated_worker, local.servers.keyed_intake, admin.app\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert {"matplotlib", "numpy", "pyarrow", "pytest", "hypothesis", "yaml"} & set(ran.stdout.split()) == set()
