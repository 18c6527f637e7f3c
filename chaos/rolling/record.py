"""Count what callers were answered, and what was sent to people."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import WorkflowHistory

from chaos.senders import ActSender
from complaints.messages.key import DeliveryStatus
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.enums import EventKind
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.state import Answer
from complaints.records.deliveries import list_deliveries
from complaints.records.tables import events
from tests.channels.smtp_server import SmtpServer

SENT_TIMEOUT_SECONDS = 480.0
"""Longer than between two sweeps of the outbox."""
POLL_SECONDS = 0.2
Fact = tuple[str, str, str | None]
"""A complaint's reference, the kind of an event, and its actor."""


@dataclass(frozen=True)
class Counted:
    """Facts on the record, compared with those that callers were answered."""

    accepted: int
    lost: Counter[Fact]
    doubled: Counter[Fact]


async def count_accepted(engine: AsyncEngine, senders: Sequence[ActSender]) -> Counted:
    """Count the event of each accepted complaint and act. All must be recorded already."""
    accepted: Counter[Fact] = Counter()
    for sender in senders:
        accepted[(sender.driver.reference, EventKind.OPENED, None)] += 1
        for sent in sender.sent:
            if sent.is_signalled or any(isinstance(given.answer, Answer) for given in sent.answers):
                accepted[(sender.driver.reference, sent.act.name, sent.act.by)] += 1
    references = {reference for reference, _, _ in accepted}
    found = (events.c.reference, events.c.kind, events.c.by)
    of_them = (events.c.reference.in_(references), events.c.kind.in_([EventKind.OPENED, *ACT_NAMES]))
    async with engine.connect() as connection:
        rows = (await connection.execute(select(*found, func.count()).where(*of_them).group_by(*found))).all()
    recorded: Counter[Fact] = Counter()
    for reference, kind, by, count in rows:
        if by == POST_ROOM:  # the product itself, of letters
            continue
        recorded[(reference, kind, None if kind == EventKind.OPENED else by)] += count
    return Counted(accepted.total(), accepted - recorded, recorded - accepted)


async def wait_until_all_is_sent(engine: AsyncEngine, mail: SmtpServer) -> Counter[str]:
    """Wait until every letter and alert is sent; return those that were not received."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SENT_TIMEOUT_SECONDS):
            while True:
                if not [each async for each in list_deliveries(engine, status=DeliveryStatus.WAITING)]:
                    break
                await asyncio.sleep(POLL_SECONDS)
    received = {_key(message_id) for message_id in mail.by_message_id()}
    owed = {str(each.key) async for each in list_deliveries(engine)}
    return Counter(owed - received)


def count_doubled(mail: SmtpServer) -> Counter[str]:
    """Count the copies of a message beyond the first, by its Message-ID."""
    return Counter({name: len(copies) - 1 for name, copies in mail.by_message_id().items() if len(copies) > 1})


def count_lost_tasks(runs: Sequence[WorkflowHistory]) -> int:
    """Count the workflow tasks that went to a worker, and to which none answered in time."""
    return sum(
        event.workflow_task_timed_out_event_attributes.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
        for run in runs
        for event in run.events
    )


def _key(message_id: str) -> str:
    return message_id.removeprefix("<").rpartition("@")[0].replace("=3A", ":")
