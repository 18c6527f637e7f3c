"""The install script prints one line on an unsuitable machine, whatever Python runs it."""

import ast
import os
import platform
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


def test_another_lock_file_has_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = install.digest()
    assert install.digest() == before
    lock = tmp_path / "lock"
    lock.write_text("another==1.0")
    monkeypatch.setattr(install, "LOCK", lock)
    assert install.digest() != before
