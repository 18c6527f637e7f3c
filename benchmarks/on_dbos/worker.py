"""Run complaints on DBOS instead of Temporal: `python -m benchmarks.on_dbos.worker`.

The procedure, the staff directory and the rows on the record are the product's own. Letters are owed in the
outbox, and nobody sends them. Complaints are not queried, listed or revived.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from dbos import DBOS, DBOSConfig
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.procedure.acts import ACTS, Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.procedure.state import Start
from complaints.procedure.views.views import Transition, transition_since
from complaints.records.database import make_engine
from complaints.records.transitions import UnknownBasisError, write_transition
from complaints.runtime.clock import now
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.staff_directory import CachedDirectory

QUEUE, WORKFLOW, VERSION, ACTS_TOPIC = "complaints", "complaint", "benchmark", "acts"
QUEUE_POLLING_SECONDS = 0.1
"""DBOS's default is 1 s, for which a new complaint would wait."""
CONNECTIONS = 20
SYSTEM_URL, DATABASE_URL, READY_FILE = "DBOS_SYSTEM_DATABASE_URL", "COMPLAINTS_DATABASE_URL", "DBOS_READY_FILE"
ACTS_BY_NAME = {act.name: act for act in ACTS}
NOTHING_PENDING = 365 * 86_400.0
"""Seconds."""


@DBOS.workflow(name=WORKFLOW)
async def complaint(start: str, opened_at: str) -> None:
    """Run one complaint until it closes.

    Acts come as messages, deadlines as timeouts of the wait for the next message.
    """
    running = Complaint.open(Start.model_validate_json(start), datetime.fromisoformat(opened_at))
    recorded = 0
    now_at = datetime.fromisoformat(opened_at)
    while True:
        if query := running.directory_query((), now_at):
            now_at, result = await _ask(query)
            running.apply_directory_result(query, result, now_at)
        running.elapse(now_at)
        while running.state.sequence > recorded:
            transition = transition_since(running, recorded)
            recorded = await DBOS.run_step_async({"name": "record"}, partial(_record, transition))
            running.discard_recorded(recorded)
        if running.retires_at():
            return
        due = running.next_due()
        wait = max(0.001, (due.at - now_at).total_seconds()) if due else NOTHING_PENDING
        message: dict[str, str] | None = await DBOS.recv_async(ACTS_TOPIC, timeout_seconds=wait)
        if message is None:
            assert due is not None, "nothing else wakes it"
            now_at = due.at
        else:
            now_at = await _act(running, message)


async def _act(running: Complaint, message: dict[str, str]) -> datetime:
    """Apply an act, and publish its answer; return the instant at which it came."""
    act: Act = ACTS_BY_NAME[message["name"]].model_validate_json(message["act"])
    query = running.directory_query((act,), datetime.fromisoformat(message["sent_at"]))
    assert query is not None, "every act has an actor"
    now_at, result = await _ask(query)
    running.apply_directory_result(query, result, now_at)
    answer = running.apply(act, now_at, result)
    await DBOS.set_event_async(act.id, answer.code)
    return now_at


async def _ask(query: DirectoryQuery) -> tuple[datetime, DirectoryResult]:
    """Ask the staff directory, and the clock, in one step."""
    at, result = await DBOS.run_step_async({"name": "directory"}, partial(_answer, query.model_dump_json()))
    return datetime.fromisoformat(at), DirectoryResult.model_validate_json(result)


async def _answer(query: str) -> tuple[str, str]:
    async with _slots():
        result = await _directory().answer_query(DirectoryQuery.model_validate_json(query))
    return now().isoformat(), result.model_dump_json()


async def _record(transition: Transition) -> int:
    """Write it without its policy and calendar, and with them only where the record lacks one."""
    async with _slots():
        try:
            await write_transition(_engine(), transition.lean())
        except UnknownBasisError:
            await write_transition(_engine(), transition)
    return transition.sequence


@cache
def _slots() -> asyncio.Semaphore:
    """Limit the steps that run at a time to the number of connections, as activity slots do."""
    return asyncio.Semaphore(MAX_CONCURRENT_RECORDINGS)


@cache
def _engine() -> AsyncEngine:
    return make_engine(
        os.environ[DATABASE_URL],
        keys=InMemoryKeys(),
        pool_size=MAX_CONCURRENT_RECORDINGS,
        command_timeout_seconds=60,
    )


@cache
def _directory() -> CachedDirectory:
    return CachedDirectory(_engine())


async def work(ready: Callable[[], None]) -> None:
    """Run the worker until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    config: DBOSConfig = {
        "name": "complaints",
        "system_database_url": os.environ[SYSTEM_URL],
        "sys_db_pool_size": CONNECTIONS,
        "application_version": VERSION,
        "executor_id": "worker",
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    await DBOS.register_queue_async(QUEUE, polling_interval_sec=QUEUE_POLLING_SECONDS)
    ready()
    await stopping.wait()
    await asyncio.to_thread(DBOS.destroy)
    await _engine().dispose()


if __name__ == "__main__":
    asyncio.run(work(Path(os.environ[READY_FILE]).touch))
