"""The help imports no command, and lists each as it is."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer import Option, Typer
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param
from typer.testing import CliRunner

from admin import light_typer
from admin.command_index import COMMANDS, ListedCommand

HEAVY = ("pydantic", "temporalio", "sqlalchemy", "asyncpg", "alembic", "fastapi", "rich.syntax", "markdown_it")
MODULES = list(dict.fromkeys(command.module for command in COMMANDS))


@pytest.mark.parametrize("module", MODULES)
def test_the_help_lists_each_command_of_a_module_as_it_is(module: str) -> None:
    commands: dict[str, Any] = dict(typer.main.get_group(import_module(module).app).commands)
    listed = [
        ListedCommand(
            name, module, command.rich_help_panel, " ".join((command.help or "").partition("\n\n")[0].split())
        )
        for name, command in commands.items()
    ]
    assert [command for command in COMMANDS if command.module == module] == listed


def test_every_module_with_commands_is_listed() -> None:
    folder = Path(__file__).parents[2] / "admin"
    with_commands = {
        ".".join(file.relative_to(folder.parent).with_suffix("").parts)
        for file in folder.glob("*/*.py")
        if re.search(r"^app\b.* = ", file.read_text(), re.MULTILINE)
    }
    assert with_commands == set(MODULES)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["sing"], ["--sing"], ["whoami"], ["whoami", "--help"]]
)
def test_help_errors_and_a_client_command_import_nothing_heavy(arguments: list[str]) -> None:
    """Nor does Typer, which reads options by pydantic of its own accord."""
    program = f"""
import sys
from admin.__main__ import run
run({arguments}, is_light=True)
print([name for name in {HEAVY} if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)  # noqa: S603
    assert result.stdout.splitlines()[-1] == "[]", result.stderr


def test_options_are_read_alike_with_and_without_pydantic() -> None:
    read = Typer()

    @read.command()
    def show(ref: str, text: str | None = None, flag: bool = False, more: Annotated[list[str], Option()] = []) -> None:  # noqa: B006
        print((ref, text, flag, more))

    for arguments in (
        ["C-1"],
        ["", "--text", "", "--more", "", "--flag"],
        ["\u00e9\U0001f600", "--more", "a", "--more", "b", "--no-flag"],
        ["\udcff"],
        ["C-1", "--more", "\udcff"],
        ["C-1", "--flag", "x"],
        [],
    ):
        assert len({_outcome(read, arguments, build) for build in (build_runtime_param, light_typer.build)}) == 1


def _outcome(app: Typer, arguments: list[str], build: Callable[[TypeDescriptor], RuntimeParam]) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.core.build_runtime_param", build)
        result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output
