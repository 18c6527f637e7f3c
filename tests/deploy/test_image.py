"""The image holds what its commands need beyond code."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.house.sources import ROOT
from worker.replay.verify import HISTORIES


def test_the_package_holds_the_recorded_histories_and_the_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    [wheel] = tmp_path.iterdir()
    names = set(ZipFile(wheel).namelist())
    histories = {file.relative_to(ROOT).as_posix() for file in HISTORIES.glob("*.jsonl")}
    assert histories
    assert histories <= names
    assert "complaints/records/migrations/versions/r0001_record.py" in names
    assert "!worker\n" in (ROOT / ".dockerignore").read_text()
