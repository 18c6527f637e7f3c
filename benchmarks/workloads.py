"""The two sides that are measured: the same lifecycle for the baseline and the product."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from benchmarks import baseline
from complaints.calendars.amendments import no_amendments
from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Acknowledge, Act, Extend, Reply, Resolve
from complaints.procedure.enums import EventKind
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.records import queries, tables
from complaints.runtime.clock import now
from starter.client.open_complaint import open_complaint

LIFECYCLE_ACTS = 4
"""The acts of a lifecycle: acknowledge, extend, reply, resolve (which closes it)."""
SETTLED_WITHIN = 120.0
LETTERS_LEAVE_WITHIN = 300.0
LOOK_EVERY = 0.05
"""Seconds."""

LifecycleAct = tuple[type[Act], dict[str, Any]]
"""An act and its fields, without its id."""


class Side(Protocol):
    @property
    def name(self) -> str: ...

    async def start(self, reference: str) -> None:
        """Start a lifecycle; return once the start is durable."""

    async def act(self, reference: str, number: int) -> None:
        """Give the act of that number (from 0); return once it is answered."""

    async def settle(self, prefix: str, lives: int, acts: int) -> None:
        """Wait until the named lifecycles have nothing left to do after so many acts."""


@dataclass(frozen=True)
class BaselineSide:
    client: Client
    name: str = "baseline"

    async def start(self, reference: str) -> None:
        await self.client.start_workflow(baseline.BaselineWorkflow.run, id=reference, task_queue=baseline.TASK_QUEUE)

    async def act(self, reference: str, number: int) -> None:
        handle = self.client.get_workflow_handle(reference)
        act = baseline.BaselineAct(id=f"{number}", by="m.okafor")
        await handle.execute_update(baseline.ACT, act, id=act.id, result_type=baseline.BaselineAnswer)

    async def settle(self, prefix: str, lives: int, acts: int) -> None:
        """Return at once: the baseline does nothing after an answer."""
        if acts == 0:
            await asyncio.gather(*(self._begun(f"{prefix}{number}") for number in range(lives)))

    async def _begun(self, reference: str) -> None:
        await self.client.get_workflow_handle(reference).query(baseline.HOW_MANY)


@dataclass(frozen=True)
class ProductSide:
    client: Client
    engine: AsyncEngine
    task_queue: str = "complaints"
    name: str = "product"
    life: list[LifecycleAct] = field(default_factory=lambda: life())

    async def start(self, reference: str) -> None:
        await self.open(form(reference), load_policy())

    async def open(self, given: Form, policy: Policy) -> None:
        await open_complaint(
            self.client,
            given,
            policy=policy,
            now=now(),
            opened_by="intake",
            find=partial(queries.find_complaint, self.engine),
            amended=no_amendments,
            task_queue=self.task_queue,
        )

    async def act(self, reference: str, number: int) -> None:
        act_type, fields = self.life[number]
        act = act_type.model_validate({"id": f"{number}", **fields})
        handle = self.client.get_workflow_handle(reference)
        await handle.execute_update(act.name, act, id=act.id, result_type=Answer)

    async def settle(self, prefix: str, lives: int, acts: int) -> None:
        await settle_on_record(self.engine, prefix, lives, acts)


async def settle_on_record(engine: AsyncEngine, prefix: str, lives: int, acts: int) -> None:
    """Wait until the record has the last act of each."""
    table = tables.events
    kind = life()[acts - 1][0].name if acts else EventKind.OPENED
    recorded = select(func.count()).where(table.c.reference.startswith(prefix), table.c.kind == str(kind))
    async with asyncio.timeout(SETTLED_WITHIN), engine.connect() as connection:
        while True:
            if await connection.scalar(recorded) == lives:
                break
            await asyncio.sleep(0.02)


async def until_letters_left(engine: AsyncEngine, prefix: str) -> None:
    """Wait until every letter and alert has left, or they would delay what is measured next."""
    table = tables.deliveries
    waiting = select(func.count()).where(
        table.c.reference.startswith(prefix), table.c.sent_at.is_(None), table.c.held_at.is_(None)
    )
    async with asyncio.timeout(LETTERS_LEAVE_WITHIN), engine.connect() as connection:
        while True:
            if not await connection.scalar(waiting):
                return
            await asyncio.sleep(LOOK_EVERY)


def form(reference: str, received_at: datetime | None = None) -> Form:
    """Return a customer's form that starts with a manager (R10). `received_at` None: now."""
    received_at = received_at or now()
    return Form.model_validate(
        {
            "reference": reference,
            "received_at": received_at,
            "complainant": {
                "name": "Ada Example",
                "capacity": "customer",
                "email": "ada@example.org",
                "prefers": "email",
            },
            "case": {"reference": "K-1", "open": True, "handler": "h.lee"},
            "concerns": [{"aspect": "delay", "what_happened": "Nobody rang me back, for eleven weeks."}],
            "told_case_handler_on": received_at.date(),
        }
    )


def life() -> list[LifecycleAct]:
    """Return the acts of a lifecycle, in order."""
    policy, today = load_policy(), now()
    later = calendar_for(policy, today, today).working_day_after(today.date(), 20)
    return [
        (Acknowledge, {"by": "m.okafor"}),
        (Extend, {"by": "m.okafor", "to": later, "explanation": "We wait for the recordings of three calls."}),
        (
            Reply,
            {"by": "m.okafor", "outcome": "upheld", "findings": "You were kept waiting. I am sorry."},
        ),
        (Resolve, {"by": "intake"}),
    ]
