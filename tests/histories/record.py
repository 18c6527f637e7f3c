"""Record the histories that the tests and `worker verify` replay: `make histories`.

Run the demo's stories and every scenario on real servers; write each history, decrypted. Record again only
when the commands of a workflow change on purpose, together with `workflow.patched`.
"""

import asyncio
import itertools
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError

from complaints.encryption.data_keys import KeyRing
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Act
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.temporal.client import connect
from local.demo.player import play
from local.demo.stories import STORIES
from local.demo.story import START
from local.ephemeral_stack import EphemeralStack, ephemeral_stack, ephemeral_temporal
from local.servers.owner import upgrade_as_owner
from tests.fixtures.servers import WITHOUT_CACHE
from tests.fixtures.staff import import_staff
from tests.fixtures.tcp_proxy import TcpProxy
from tests.histories import scenarios
from tests.histories.other_workflows import record_other_workflows
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener, at_virtual_start
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.replay.history_files import write_history
from worker.replay.plain_history import plain_history
from worker.replay.verify import HISTORIES

TASK_QUEUE = "complaints"
CONTINUE_AS_NEW_OFTEN = {"limit.historyCount.suggestContinueAsNew": "60"}


async def record_all(stack: EphemeralStack) -> None:
    """Replace the recorded histories."""
    keys = InMemoryKeys()
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
    engine = make_engine(stack.database_url, keys=keys, pool_size=MAX_CONCURRENT_RECORDINGS)
    HISTORIES.mkdir(exist_ok=True)
    for file in HISTORIES.glob("*.jsonl"):
        file.unlink()
    with TemporaryDirectory() as folder:
        await record_other_workflows(client, engine, stack.database_url, Path(folder), partial(_write_run, client))
    async with make_worker(client, engine, TASK_QUEUE):
        await _record_stories(client, engine)
        await _record_in_both_modes(ComplaintOpener(client, engine, TASK_QUEUE))
        for scenario in scenarios.SCENARIOS:
            await _write(await scenario(ComplaintOpener(client, engine, TASK_QUEUE)), scenario.__name__)
    opener = ComplaintOpener(client, engine, "sometimes-without-worker")
    await _write(await scenarios.acts_without_worker(opener), "acts_without_worker")
    for unavailable in (scenarios.postgresql_unavailable, scenarios.directory_unavailable):
        opener = ComplaintOpener(client, engine, unavailable.__name__)
        async with TcpProxy.to(stack.database_url) as proxy, _worker(client, proxy.url, keys, opener.task_queue):
            await _write(await unavailable(opener, proxy), unavailable.__name__)
    opener = ComplaintOpener(client, engine, "without-cache")
    async with make_worker(client, engine, opener.task_queue, settings=WITHOUT_CACHE):
        await _write(await scenarios.no_acts(opener), "worker_without_cache")
    with ephemeral_temporal(CONTINUE_AS_NEW_OFTEN) as address:
        restless = await connect({"TEMPORAL_ADDRESS": address}, keys)
        async with make_worker(restless, engine, TASK_QUEUE):
            opener = ComplaintOpener(restless, engine, TASK_QUEUE)
            await _write(await scenarios.continued_as_new(opener), "continued_as_new")
    await engine.dispose()


async def _record_stories(client: Client, engine: AsyncEngine) -> None:
    at_start = at_virtual_start(client, START)
    find = partial(queries.find_complaint, engine)
    for story in STORIES:
        outcome = await play(
            story, at_start, policy=load_policy(), find=find, task_queue=TASK_QUEUE, listener=lambda _: None
        )
        await _write(ComplaintDriver(outcome.reference, client, engine), "story " + story.title)


async def _record_in_both_modes(opener: ComplaintOpener) -> None:
    for scenario, mode in itertools.product(scenarios.SCENARIOS_IN_BOTH_MODES, ("updates", "signals")):
        informed_on = None if scenario is scenarios.first_tier_acts else "2031-02-24"
        complaint = await opener.open(told_case_handler_on=informed_on)
        await scenario(complaint, partial(_send, complaint, mode))
        await complaint.wait_until_recorded()
        await _write(complaint, f"{scenario.__name__} as {mode}")


async def _send(
    complaint: ComplaintDriver, mode: str, act_type: type[Act], by: str = "m.okafor", **fields: object
) -> None:
    """Send an act, which may be refused: refusals belong in a history too."""
    if mode == "signals":
        await complaint.signal(act_type, by, **fields)
        await complaint.wait_until_recorded()
        return
    act = complaint.build_act(act_type, by, **fields)
    try:
        await complaint.handle.execute_update(act.name, act, id=act.id)
    except WorkflowUpdateFailedError:
        return


async def _write(complaint: ComplaintDriver, title: str) -> None:
    """Write the history of each run, the first run first."""
    last = await complaint.handle.fetch_history()
    runs = [last]
    while before := runs[-1].events[0].workflow_execution_started_event_attributes.continued_execution_run_id:
        runs.append(await complaint.client.get_workflow_handle(complaint.reference, run_id=before).fetch_history())
    for number, run in enumerate(reversed(runs), start=1):
        await _write_run(complaint.client, run, f"{title} {number}" if len(runs) > 1 else title)


async def _write_run(client: Client, run: WorkflowHistory, title: str) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    file = HISTORIES / f"{name}.jsonl"
    write_history(await plain_history(client, run), file)
    print(file.name, flush=True)


@asynccontextmanager
async def _worker(client: Client, url: str, keys: KeyRing, task_queue: str) -> AsyncIterator[None]:
    engine = make_engine(url, keys=keys, pool_size=MAX_CONCURRENT_RECORDINGS)
    async with make_worker(client, engine, task_queue):
        yield
    await engine.dispose()


def main() -> int:
    with ephemeral_stack() as stack:
        upgrade_as_owner(stack.database_url)
        asyncio.run(import_staff(stack.database_url))
        asyncio.run(record_all(stack))
    return 0


if __name__ == "__main__":
    sys.exit(main())
