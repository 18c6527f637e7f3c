"""The script with its own packages and an address, and nothing else, does a working day."""

import asyncio
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from local.servers.worker import ROOT
from tests.admin.cli_runner import CliRunner, form
from tests.starter.api.service import Service

RUNNER = """
import json, sys
BLOCKED = set(json.loads(sys.argv[1]))
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is not of the script", name=name)
sys.meta_path.insert(0, Blocked())
from admin.__main__ import run
for command in json.loads(sys.argv[2]):
    print("$", *command, flush=True)
    print("code", int(run(command, is_light=True)), flush=True)
"""


def closure(names: Iterable[str]) -> set[str]:
    """Return the distributions that these need, and what those need, without extras."""
    found: set[str] = set()
    wanted = [_name(name) for name in names]
    while wanted:
        name = wanted.pop()
        with suppress(PackageNotFoundError):  # of another system, such as Windows
            lines = [] if name in found else distribution(name).requires or []
            found.add(name)
            wanted += [_name(line) for line in lines if "extra ==" not in line]
    return found


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def not_of_the_script() -> list[str]:
    """Return the installed packages that `pip install complaints` would not bring."""
    own = closure(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    return [
        module
        for module, names in packages_distributions().items()
        if not {_name(name) for name in names} & {*own, "complaints"}
    ]


async def test_a_working_day_needs_the_scripts_own_packages_and_an_address(
    cli: CliRunner, service: Service, tmp_path: Path
) -> None:
    complaint_form = form()
    reference, file = complaint_form["reference"], tmp_path / "form.json"
    file.write_text(json.dumps(complaint_form))
    commands = [
        ["whoami"],
        ["open", str(file)],
        ["show", reference],
        ["explain", reference],
        ["list"],
        ["list", "--mine", "--as", "m.okafor"],
        ["find", reference],
        ["acknowledge", reference, "--as", "m.okafor"],
        ["reply", reference, "--as", "m.okafor", "--outcome", "upheld", "--findings", "We were slow.", "--yes"],
        ["letters"],
        ["staff", "list"],
        ["systems", "list"],
        ["calendar", "show"],
        ["calculate", "--from", "2026-12-22", "--months", "1"],
        ["retention"],
        ["advance", reference, "--days", "1"],
        ["report", "timeliness", "--from", "2026-01-01", "--to", "2026-12-31"],
        ["export", "--from", "2026-01-01", "--to", "2026-12-31", "--out", str(tmp_path / "export.jsonl")],
    ]
    environment = {
        "COMPLAINTS_URL": service.url,
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", RUNNER, json.dumps(not_of_the_script()), json.dumps(commands)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    codes = re.findall(r"^code (\d)$", process.stdout, re.MULTILINE)
    of_the_servers = ["1" if command[0] == "advance" else "0" for command in commands]
    assert codes == of_the_servers, process.stdout + process.stderr
    assert "this command needs the package" in process.stderr
