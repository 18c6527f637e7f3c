"""Faults that lose a complaint's workflow, or what a server held last.

The product's commands repair them. During a restore the workers and the intake service are stopped, as operators are
asked to do. Other systems send signals to Temporal as soon as it runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.client import WorkflowExecutionStatus as Status
from temporalio.service import RPCError, RPCStatusCode

from chaos.accepted_acts import Chain, fetch_chain
from chaos.environment import TASK_QUEUE, Environment
from chaos.key_store import put_keys_back, read_keys
from chaos.oracle import Violation
from chaos.senders import ActSender
from complaints.procedure.acts import AddInformation
from complaints.procedure.state import Event
from complaints.records import queries
from complaints.records.database import RecordError
from complaints.records.restores.marks import Kind, confirm, list_unconfirmed
from complaints.runtime.clock import now as real_now
from complaints.temporal.virtual_time import CannotAdvanceError, CompletedError, advance_to
from local.servers import copies
from worker.replay.accepted_acts import accepted_acts
from worker.replay.reconcile import reconcile

OLDER_SECONDS = 1.0
"""The age of a copy when it is put back."""
AWAY_SECONDS = 0.5
"""For so long, the terminated complaints do not run."""
MAX_TERMINATED = 2
RETRY_SECONDS = 0.1

T = TypeVar("T")


async def terminated(environment: Environment) -> bool:
    """Terminate open complaints, as an operator would by mistake; then revive them.

    Only complaints in real time: nobody could give the revived ones their virtual clock back.
    """
    async with environment.restore_lock:
        found = [sender for sender in environment.senders if not sender.is_virtual]
        victims = [sender for sender in found if await _is_open(sender)][:MAX_TERMINATED]
        victims = [sender for sender in victims if await _terminate(sender)]
        if not victims:
            return False
        await asyncio.sleep(AWAY_SECONDS)
        for sender in victims:
            await _end_chain(sender)
        code, output = await environment.worker_command("revive", *(sender.driver.reference for sender in victims))
        if code:
            raise Violation(f"revive ended with {code}: {output}")
        for sender in victims:
            sender.ended[-1].recorded = (await _insist(partial(_fetch_chain, sender))).begins_after
        await asyncio.gather(*(sender.give_again() for sender in victims))
    return True


async def postgres_restored(environment: Environment) -> bool:
    """Put back an older copy of PostgreSQL's data, complete it, and confirm everybody."""
    directory = environment.stack.directory
    async with environment.restore_lock, environment.worker_lock:
        async with environment.postgres_lock:
            port = environment.engine.url.port or 0
            copy = await asyncio.to_thread(copies.copy_postgres, directory, port, "older")
        await asyncio.sleep(OLDER_SECONDS)
        async with environment.gate.closed():
            await environment.stop_worker(environment.worker)
            async with environment.postgres_lock:
                for sender in environment.senders:
                    await _note_recorded(sender)
                keys_url = environment.keys["COMPLAINTS_KEYS_URL"]
                keys = await read_keys(keys_url)
                await environment.kill("postgres")
                await asyncio.to_thread(copies.put_postgres_back, directory, copy)
                await environment.start(environment.postgres)
                await put_keys_back(keys_url, keys)
            await environment.worker_command("reconcile")
            await _confirm_all(environment, "staff")
            await _confirm_all(environment, "system")
            await environment.start_worker()
    return True


async def temporal_restored(environment: Environment) -> bool:
    """Put back an older copy of Temporal's database; the complaints go on from the record."""
    directory = environment.stack.directory
    async with environment.restore_lock, environment.worker_lock:
        async with environment.temporal_lock:
            copy = await asyncio.to_thread(copies.copy_temporal, directory, "older")
        await asyncio.sleep(OLDER_SECONDS)
        async with environment.gate.closed():
            await environment.stop_worker(environment.worker)
            async with environment.temporal_lock:
                for sender in environment.senders:
                    await sender.read_clock()
                    await _end_chain(sender, is_replaced=True)
                await environment.kill("temporal")
                await asyncio.to_thread(copies.put_temporal_back, directory, copy)
                await environment.start(environment.temporal)
            for sender in environment.senders:
                await sender.signal(sender.driver.build_act(AddInformation, "intake", note="They rang."))
            named = await _reconcile(environment)
            for sender in environment.senders:
                await _check_named(sender, named)
                sender.ended[-1].recorded = len(await _insist(partial(_read_events, sender)))
            await environment.start_worker()
            await asyncio.gather(*(_restore_clock(sender) for sender in environment.senders if sender.is_virtual))
        await asyncio.gather(*(sender.give_again() for sender in environment.senders))
    return True


async def _confirm_all(environment: Environment, kind: Kind) -> None:
    names = await _insist(lambda: list_unconfirmed(environment.engine, kind))
    await _insist(lambda: confirm(environment.engine, kind, names, "chaos", real_now()))


async def _reconcile(environment: Environment) -> list[str]:
    """Do what `python -m worker reconcile` does, and give new workflows their virtual clocks.

    Return the lines that it reports.
    """
    config = environment.client.config()
    config["interceptors"] = [_VirtualStarts(environment.senders), *config["interceptors"]]
    client = Client(**config)
    lines: list[str] = []
    await _insist(lambda: reconcile(client, environment.engine, TASK_QUEUE, lines.append))
    environment.stack.log("reconcile").write_text("\n".join(lines))
    return lines


async def _check_named(sender: ActSender, lines: Sequence[str]) -> None:
    """Check that each act that the older Temporal alone knew is among the lines.

    Raises Violation.
    """
    client, reference = sender.driver.client, sender.driver.reference
    if run_id := (await _insist(partial(_fetch_chain, sender))).replaces:
        replaced = await _insist(client.get_workflow_handle(reference, run_id=run_id).fetch_history)
        answers = await sender.recorded_answers()
        for accepted in await accepted_acts(sender.driver.client, [replaced]):
            act_id = accepted.act.id if accepted.act else ""
            if act_id and act_id not in answers and not any(act_id in line for line in lines):
                raise Violation(f"{reference}: only Temporal had {accepted.act}; reconcile did not say so")


class _VirtualStarts(Interceptor):
    """Starts the workflow of each complaint in virtual time at the complaint's own time."""

    def __init__(self, senders: Sequence[ActSender]) -> None:
        self._now = {sender.driver.reference: sender.now for sender in senders if sender.is_virtual}

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - Temporal's name
        return _DelayedStarts(next, self._now)


class _DelayedStarts(OutboundInterceptor):
    def __init__(
        self,
        next: OutboundInterceptor,  # noqa: A002 (Temporal's name)
        now: Mapping[str, Callable[[], datetime]],
    ) -> None:
        super().__init__(next)
        self._now = now

    async def start_workflow(
        self,
        input: StartWorkflowInput,  # noqa: A002 (Temporal's name)
    ) -> WorkflowHandle[Any, Any]:
        if now := self._now.get(input.id):
            input.start_delay = now() - real_now()
        return await super().start_workflow(input)


async def _restore_clock(sender: ActSender) -> None:
    """Move the clock to where it was before the restore."""
    with suppress(CompletedError):
        await _insist(lambda: advance_to(sender.driver.client, sender.driver.reference, sender.now()))


async def _is_open(sender: ActSender) -> bool:
    return (await _insist(sender.driver.handle.describe)).status is Status.RUNNING


async def _terminate(sender: ActSender) -> bool:
    """Return False if the workflow has completed."""
    try:
        await _insist(lambda: sender.driver.handle.terminate(reason="by mistake"))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _end_chain(sender: ActSender, *, is_replaced: bool = False) -> None:
    """Keep the histories of the complaint, and what is on the record, before they are lost."""
    chain = await _insist(partial(_fetch_chain, sender))
    chain.is_replaced = is_replaced
    sender.ended.append(chain)
    await _note_recorded(sender)


async def _note_recorded(sender: ActSender) -> None:
    sender.recorded = await _insist(partial(_read_events, sender))


async def _fetch_chain(sender: ActSender) -> Chain:
    return await fetch_chain(sender.driver.client, sender.driver.reference)


async def _read_events(sender: ActSender) -> list[Event]:
    return list((await queries.read_events(sender.driver.engine, sender.driver.reference)).values())


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call while a server is unavailable."""
    while True:
        try:
            return await call()
        except (RecordError, CannotAdvanceError, TimeoutError) as error:
            if isinstance(error, CompletedError):
                raise
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.sleep(RETRY_SECONDS)
