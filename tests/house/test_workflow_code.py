"""Import contracts and banned names keep clock, chance and I/O out of workflow code."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from temporalio.worker.workflow_sandbox import SandboxRestrictions

from tests.house.sources import ROOT

BANNED_BY_NAME = {"__builtins__", "asyncio", "datetime", "zoneinfo"}
"""Workflows use these modules. Ruff bans clocks and files by name, and time zones come from the package tzdata."""
PLANTED_IMPORTS = {
    "complaints/procedure/steps/tier.py": "import random",
    "complaints/procedure/permissions.py": "def read() -> None:\n    from time import monotonic",
    "complaints/messages/key.py": "from os import path",
    "activities/heartbeat.py": "import urllib.request",
    "workflows/clock.py": "import uuid",
}
"""Each added to a file that workflows import."""
PLANTED_NAMES = (
    "import datetime; NOW = datetime.datetime.now(datetime.UTC)",
    "from datetime import date; TODAY = date.today",
    "from time import perf_counter",
    "import time; time.sleep(1)",
    "from random import choice",
    "from uuid import uuid4",
    "import os; SETTING = os.environ.get('A')",
    "import os; CHANCE = os.urandom(8)",
)


def test_the_contract_has_every_module_that_temporals_sandbox_restricts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [forbidden] = [set(each["forbidden_modules"]) for each in contracts if "time" in each.get("forbidden_modules", ())]
    restricted = SandboxRestrictions.invalid_module_members_default.children.keys()
    assert restricted - forbidden == BANNED_BY_NAME


def test_the_contract_refuses_a_forbidden_import_in_whatever_workflows_import(tmp_path: Path) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    for package in settings["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=lambda _, names: {"histories"} & set(names))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert "0 broken" in lint_imports(tmp_path)
    for name, planted in PLANTED_IMPORTS.items():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{planted}\n")
    found = lint_imports(tmp_path)
    for name in PLANTED_IMPORTS:
        assert f"{name.removesuffix('.py').replace('/', '.')} ->" in found


def lint_imports(folder: Path) -> str:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program], cwd=folder, check=False, capture_output=True, text=True).stdout  # noqa: S603


def test_the_linter_refuses_each_banned_name_in_a_workflow() -> None:
    command = [str(Path(sys.executable).with_name("ruff")), "check", "--select", "TID251", "--output-format", "concise"]
    given = [*command, "--stdin-filename", "workflows/planted.py", "-"]
    checked = subprocess.run(  # noqa: S603
        given, input="\n".join(PLANTED_NAMES), cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert checked.stdout.count("is banned") == len(PLANTED_NAMES)
