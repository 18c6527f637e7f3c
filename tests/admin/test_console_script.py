"""The installed console script: exit codes, closed streams, Ctrl-C and imports."""

import asyncio
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.admin.cli_runner import CliRunner, form

SCRIPT = Path(sysconfig.get_path("scripts")) / "complaints"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Start:
    """Start the console script with the environment of the test."""

    def start(*arguments: str | Path, **options: object) -> "subprocess.Popen[str]":
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        command = [SCRIPT, *arguments]
        return subprocess.Popen(command, text=True, **streams)  # type: ignore[call-overload,no-any-return]  # noqa: S603

    return start


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out, err


async def test_each_outcome_has_its_exit_code(cli: CliRunner, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await cli.open_complaint()
    running = [
        (0, start("show", reference)),
        (2, start("show", "S-0")),
        (2, start()),
        (3, start("acknowledge", reference, "--as", "h.lee")),
    ]
    monkeypatch.setenv("COMPLAINTS_URL", "http://127.0.0.1:1")
    running.append((4, start("show", reference)))
    results = [(code, await asyncio.to_thread(finish, process)) for code, process in running]
    assert [code for code, _ in results] == [code for _, (code, _, _) in results]


async def test_a_closed_pipe_is_no_error(cli: CliRunner, start: Start) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)
    process = start("list", "--json")
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    assert (await asyncio.to_thread(finish, process))[2] == ""


def test_a_closed_or_ascii_output_is_no_error(
    cli_offline: CliRunner, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f"{SCRIPT} --help >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", command], timeout=120).returncode == 0  # noqa: S603
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    code, _, err = finish(start("bad 😀"))
    assert (code, "bad \\U0001f600" in err) == (2, True)


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
def test_a_full_disk_is_one_line(cli_offline: CliRunner, start: Start, arguments: tuple[str, ...]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        code, _, err = finish(start(*arguments, stdout=full))
    assert (code, err) == (1, "No space left on device\n")


async def test_ctrl_c_while_it_starts_is_one_word(cli_offline: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("admin.app.run", interrupted)
    result = await cli_offline("list")
    assert (result.code, result.out, result.err) == (1, "", "stopped\n")


async def test_ctrl_c_keeps_the_complaints_opened_so_far(cli_without_worker: CliRunner, start: Start) -> None:
    file = cli_without_worker.write_file(*(form() for _ in range(2_000)))
    process = start("open", file)
    assert process.stdout
    await asyncio.to_thread(process.stdout.readline)
    process.send_signal(signal.SIGINT)
    code, _, err = await asyncio.to_thread(finish, process)
    assert (code, err) == (1, "stopped\n")


async def test_ctrl_c_ends_a_watched_worklist_without_an_error(cli: CliRunner, start: Start) -> None:
    process = start("list", "--mine", "--watch", "--as", "op")
    assert process.stdout
    assert await asyncio.to_thread(process.stdout.readline) == "Nothing for op.\n"
    process.send_signal(signal.SIGINT)
    code, _, err = await asyncio.to_thread(finish, process)
    assert (code, err) == (0, "")


def test_an_argument_that_is_not_utf_8_is_bad_input(cli_offline: CliRunner) -> None:
    result = subprocess.run([SCRIPT, "show", os.fsdecode(b"\xff")], capture_output=True, timeout=120)  # noqa: S603
    assert (result.returncode, result.stderr.startswith(b"REF: ")) == (2, True)


def test_cli_modules_import_no_client_of_a_server() -> None:
    program = """
import sys
from admin.__main__ import run
assert run(["--help"]) == 0
print([name for name in ("temporalio", "sqlalchemy", "asyncpg", "alembic") if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)  # noqa: S603
    assert result.stdout.splitlines()[-1] == "[]", result.stderr
