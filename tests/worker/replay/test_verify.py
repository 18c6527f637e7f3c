"""Verify replays every recorded history and every open complaint, before a deploy."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecution

from activities.task_queues import operations_queue
from complaints.procedure import acts
from complaints.procedure.acts import ACTS
from tests.worker.reordered_workflow import Reordered
from tests.workflows.complaint_driver import ComplaintOpener
from worker.__main__ import main
from worker.composition import WORKFLOWS, make_operations_worker, make_worker
from worker.replay.history_files import HistoryFileError, read_history, write_history
from worker.replay.verify import HISTORIES, verify_open, verify_recorded
from workflows.digest import DigestWorkflow

VERIFIED_WITHIN = 60.0
"""Seconds."""
FILES = sorted(HISTORIES.glob("*.jsonl"))


async def test_every_recorded_history_replays_without_a_difference() -> None:
    lines: list[str] = []
    replayed, broken, _ = await verify_recorded(FILES, lines.append)
    assert (replayed.total(), broken) == (len(FILES), 0), lines
    assert set(replayed) == {each.__name__.removesuffix("Workflow") for each in WORKFLOWS}


def test_the_recorded_histories_hold_every_act_through_both_doors() -> None:
    events = [event for file in FILES for event in read_history(file).events]
    updates = {
        event.workflow_execution_update_accepted_event_attributes.accepted_request.input.name for event in events
    }
    signals = {event.workflow_execution_signaled_event_attributes.signal_name for event in events}
    assert {act.name for act in ACTS} <= updates
    assert {act.name for act in ACTS} <= signals


async def test_another_order_of_commands_is_caught_and_named() -> None:
    lines: list[str] = []
    replayed, broken, _ = await verify_recorded(FILES, lines.append, Reordered)
    assert (replayed.total(), broken) == (len(FILES), len(lines))
    assert broken > replayed["Complaint"] / 2
    assert all(" would break: [TMPRL1100] Nondeterminism error" in line for line in lines)
    assert {line.split()[0] for line in lines} <= {file.stem for file in FILES}


async def test_every_open_complaint_is_replayed_and_the_one_that_would_break_is_named(
    client: Client, engine: AsyncEngine
) -> None:
    opener = ComplaintOpener(client, engine, "to-be-verified")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.do(acts.Acknowledge)
        await complaint.wait_until_recorded()
    lines: list[str] = []
    replayed, *_ = await verify_open(client, engine, opener.task_queue, lines.append)
    assert replayed["Complaint"] > 0
    assert not [line for line in lines if line.startswith(f"{complaint.reference} ")]
    await verify_open(client, engine, opener.task_queue, lines.append, Reordered)
    [line] = [line for line in lines if line.startswith(f"{complaint.reference} ")]
    assert line.startswith(f"{complaint.reference} would break: ")


async def test_an_open_complaint_is_replayed_that_temporal_does_not_list_yet(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = ComplaintOpener(client, engine, "to-be-verified")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.do(acts.Acknowledge)
        await complaint.wait_until_recorded()
    monkeypatch.setattr(client, "list_workflows", _nothing)
    lines: list[str] = []
    await verify_open(client, engine, opener.task_queue, lines.append, Reordered)
    assert [line for line in lines if line.startswith(f"{complaint.reference} would break: ")]


async def test_an_open_complaint_that_the_record_lacks_is_replayed(
    client: Client, engine: AsyncEngine, restored: AsyncEngine
) -> None:
    opener = ComplaintOpener(client, engine, "to-be-verified")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.do(acts.Acknowledge)
        await complaint.wait_until_recorded()
    await _listed(complaint.reference, client)
    lines: list[str] = []
    await verify_open(client, restored, opener.task_queue, lines.append, Reordered)
    assert [line for line in lines if line.startswith(f"{complaint.reference} would break: ")]


async def test_a_complaint_that_is_over_is_not_replayed_though_the_record_has_it_open(
    client: Client, engine: AsyncEngine
) -> None:
    opener = ComplaintOpener(client, engine, "to-be-verified")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.do(acts.Acknowledge)
        await complaint.wait_until_recorded()
    await complaint.handle.terminate()
    lines: list[str] = []
    await verify_open(client, engine, opener.task_queue, lines.append, Reordered)
    assert not [line for line in lines if line.startswith(f"{complaint.reference} ")]


async def test_a_complaint_that_no_worker_has_begun_holds_up_nothing(client: Client, engine: AsyncEngine) -> None:
    """A replay would wait for its first workflow task without end."""
    complaint = await ComplaintOpener(client, engine, "nobody").open(advance=False)
    await _listed(complaint.reference, client)
    async with asyncio.timeout(VERIFIED_WITHIN):
        await verify_open(client, engine, "nobody", lambda _: None)


async def _listed(reference: str, client: Client) -> None:
    """Wait until Temporal lists it."""
    while True:
        if [run async for run in client.list_workflows(f'WorkflowId = "{reference}"')]:
            return
        await asyncio.sleep(0.1)


async def _nothing(_: str) -> AsyncIterator[WorkflowExecution]:
    """Yield nothing, as if Temporal listed no complaint yet."""
    return
    yield


async def test_an_open_workflow_of_another_type_is_replayed(client: Client, engine: AsyncEngine) -> None:
    queue = "verified-digest"
    async with make_operations_worker(client, engine, queue):
        digest = await client.start_workflow(DigestWorkflow.run, id=queue, task_queue=operations_queue(queue))
        async with asyncio.timeout(VERIFIED_WITHIN):
            while True:
                if (await verify_open(client, engine, queue, lambda _: None)).replayed["Digest"] == 1:
                    break
                await asyncio.sleep(0.1)
    await digest.terminate()


def test_a_history_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    [file] = [file for file in FILES if file.stem == "malformed-signals"]
    history = read_history(file)
    write_history(history, tmp_path / file.name)
    assert (tmp_path / file.name).read_text() == file.read_text()
    assert read_history(tmp_path / file.name) == history


@pytest.mark.parametrize("content", ["", "no JSON\n", '{"eventId": "x"}\n', "[]\n"])
def test_a_file_that_holds_no_history_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(content)
    with pytest.raises(HistoryFileError, match=r"odd\.jsonl holds no history"):
        read_history(file)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Verify = Callable[..., Ran]


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the command in this process; without an environment, on the recorded histories alone."""
    # Logs of later tests would go to this test's standard error.
    monkeypatch.setattr("worker.commands.set_up_logs", lambda *_arguments, **_options: None)

    def run(folder: Path | None, environment: Mapping[str, str] | None = None) -> Ran:
        for name, value in (environment or {}).items():
            monkeypatch.setenv(name, value)
        folder_option = ["--histories", str(folder)] if folder else []
        code = main(["verify", *folder_option, *([] if environment else ["--recorded-only"])])
        return Ran(code, *capsys.readouterr())

    return run


def test_a_folder_without_histories_is_named(tmp_path: Path, verify: Verify) -> None:
    message = f"--histories: {tmp_path} holds no recorded histories (*.jsonl)\n"
    assert verify(tmp_path) == Ran(2, "", message)


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        (["malformed-signals"], 0, "Replayed 1 recorded histories (Complaint 1): none would break.\n"),
        (["malformed-signals", "changed"], 1, "Replayed 2 recorded histories (Complaint 2): 1 would break.\n"),
    ],
)
def test_the_exit_code_says_whether_to_deploy(tmp_path: Path, files: list[str], code: int, said: str) -> None:
    [history_file] = [file for file in FILES if file.stem == "malformed-signals"]
    for name in files:
        text = history_file.read_text()
        (tmp_path / f"{name}.jsonl").write_text(
            text if name == "malformed-signals" else text.replace("record", "recall")
        )
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "worker", "verify", "--recorded-only", "--histories", str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=VERIFIED_WITHIN,
    )
    assert (ran.returncode, ran.stdout.splitlines(keepends=True)[-1]) == (code, said)
    assert len(ran.stdout.splitlines()) == len(files)
    assert "Traceback" not in ran.stderr


async def test_the_command_replays_the_open_complaints_too(
    client: Client, engine: AsyncEngine, environment: dict[str, str], tmp_path: Path, verify: Verify
) -> None:
    opener = ComplaintOpener(client, engine, environment["COMPLAINTS_TASK_QUEUE"])
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
    [history_file] = [file for file in FILES if file.stem == "malformed-signals"]
    (tmp_path / history_file.name).write_bytes(history_file.read_bytes())
    ran = await asyncio.to_thread(verify, tmp_path, environment)
    recorded, open_ones = r"1 recorded histories \(Complaint 1\)", r"\d+ open workflows \(Complaint (\d+)\)"
    said = re.fullmatch(rf"Replayed {recorded} and {open_ones}: none would break.\n", ran.out)
    assert ran.code == 0, ran.err
    assert said, ran.out
    assert int(said[1]) > 0


async def test_the_command_says_that_it_found_none_of_the_open_complaints(
    client: Client, engine: AsyncEngine, environment: dict[str, str], tmp_path: Path, verify: Verify
) -> None:
    (tmp_path / "digest.jsonl").write_bytes((HISTORIES / "digest.jsonl").read_bytes())
    opener = ComplaintOpener(client, engine, environment["COMPLAINTS_TASK_QUEUE"])
    async with make_worker(client, engine, opener.task_queue):
        await (await opener.open()).wait_until_recorded()
    elsewhere = environment | {"COMPLAINTS_TASK_QUEUE": "elsewhere"}
    ran = await asyncio.to_thread(verify, tmp_path, elsewhere)
    assert ran.code == 1
    assert re.fullmatch(
        r"Nothing is verified: no history of \d+ open complaints? was found on the task queue elsewhere; check "
        r"TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and COMPLAINTS_TASK_QUEUE\.\n",
        ran.err,
    )


def test_the_command_says_that_it_has_replayed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verify: Verify
) -> None:
    monkeypatch.setattr("worker.commands.HISTORIES", tmp_path)
    said = f"Nothing is verified: {tmp_path} holds no histories; give a folder with --histories.\n"
    assert verify(None) == Ran(1, "Replayed 0 recorded histories: none would break.\n", said)


@pytest.mark.parametrize("missing", ["COMPLAINTS_DATABASE_URL", "TEMPORAL_ADDRESS"])
def test_the_command_says_which_server_is_out_of_reach(
    environment: dict[str, str], tmp_path: Path, unused_tcp_port: int, missing: str, verify: Verify
) -> None:
    [history_file] = [file for file in FILES if file.stem == "malformed-signals"]
    (tmp_path / history_file.name).write_bytes(history_file.read_bytes())
    nobody = f"127.0.0.1:{unused_tcp_port}"
    away = nobody if missing == "TEMPORAL_ADDRESS" else f"postgresql+asyncpg://u:p@{nobody}/d"
    ran = verify(tmp_path, {**environment, missing: away})
    server = "Temporal" if missing == "TEMPORAL_ADDRESS" else "PostgreSQL"
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (4, "", 1), ran.err
    assert ran.err.startswith(server)
