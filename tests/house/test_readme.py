"""The README: its shell commands run in order, and its links lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.supervisor.ports import blocked_port, free_port
from tests.house.sources import ROOT, documents, name_of

README = ROOT / "README.md"
PORTS = (
    *("TEMPORAL_PORT", "TEMPORAL_UI_PORT", "COMPLAINTS_POSTGRES_PORT", "COMPLAINTS_SMTP_PORT"),
    *("COMPLAINTS_INTAKE_PORT", "COMPLAINTS_INTAKE_METRICS_PORT", "COMPLAINTS_SIGN_IN_PORT"),
    *("COMPLAINTS_CODEC_PORT", "COMPLAINTS_HTTP_PORT", "COMPLAINTS_METRICS_PORT"),
)
TIMEOUT_SECONDS = 540
PREAMBLE = """
set -euo pipefail
make() { command make -o install -o install-reports -o install-dev "$@"; }  # everything is installed already
"""


@pytest.mark.timeout(600)
def test_its_shell_commands_run_in_order_on_ports_of_their_own_and_leave_nothing_behind(tmp_path: Path) -> None:
    copy = _copy_of_the_project(tmp_path / "project")
    script = PREAMBLE + "\n".join(
        re.findall(r"^```sh\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
    environment = _environment(copy)
    try:
        ran = _run(copy, environment, "bash", "-c", script)
    finally:
        _run(copy, environment, sys.executable, "-m", "local", "down")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "HTTP/1.1 201 Created" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert _git(copy, "status", "--porcelain") == ""


def _run(folder: Path, environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )


def _copy_of_the_project(folder: Path) -> Path:
    """Copy the files that git does not ignore; the environment is shared by a link."""
    folder.mkdir()
    for name in _git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    _git(folder, "init", "--quiet")
    with (folder / ".git" / "info" / "exclude").open("a") as exclude:
        exclude.write(".venv\n")  # .gitignore names a folder, and this is a link
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "A copy")
    return folder


def _environment(copy: Path) -> dict[str, str]:
    foreign = ("TEMPORAL_", "COMPLAINTS_", "MAKE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    ports = {name: str(free_port()) for name in PORTS} | {"TEMPORAL_BLOCKED_UI_PORT": str(blocked_port())}
    return own | ports | {"PYTHONPATH": str(copy)}


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_every_link_in_a_document_leads_to_a_file() -> None:
    links = [
        (document, link)
        for document in documents()
        for link in re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8"))
        if "://" not in link
    ]
    assert [f"{name_of(document)}: {link}" for document, link in links if not (document.parent / link).exists()] == []
