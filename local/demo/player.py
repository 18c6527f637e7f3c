"""Takes a story through the real procedure: its complaint is opened, lives in virtual time, and is acted upon."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from complaints.calendars.amendments import nothing_amended
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.procedure.views.views import ComplaintHistory
from complaints.temporal.calls import query_workflow
from complaints.temporal.virtual_time import advance_to, clock_of
from local.demo.story import OPENED_BY, START, Step, Story
from starter.client.open_complaint import Find, open_complaint
from workflows import names

Listener = Callable[[ComplaintHistory], None]
"""Told where the complaint stands, and how it came there, after everything that happens."""


class StoryError(Exception):
    """The procedure did otherwise than the story says."""


async def tell(
    story: Story, client: Client, *, policy: Policy, find: Find, task_queue: str, listener: Listener
) -> ComplaintHistory:
    """From the opening to the end. `client` starts complaints at the virtual start (`VirtualStart`).

    Raises StoryError, and whatever opening a complaint and moving its clock raise.
    """
    form = story.read_form()
    await open_complaint(
        client,
        form,
        policy=policy,
        now=START,
        opened_by=OPENED_BY,
        find=find,
        amended=nothing_amended,
        task_queue=task_queue,
    )
    life = _Life(client, form.reference, listener)
    await life.begin()
    for number, step in enumerate(story.steps, start=1):
        await life.live_until(step.at)
        if step.act:
            await life.take(step, id=f"{form.reference}-{number}")
    return life.now


class _Life:
    """One complaint's, as it goes on."""

    now: ComplaintHistory

    def __init__(self, client: Client, reference: str, listener: Listener) -> None:
        self._client = client
        self._reference = reference
        self._handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(reference)
        self._listener = listener

    async def begin(self) -> None:
        await advance_to(self._client, self._reference, START)
        await self._look()

    async def live_until(self, at: datetime) -> None:
        """From one thing that is due to the next, so that each can be told as it happens."""
        while (due := self.now.next_due_at) and due <= at:
            await advance_to(self._client, self._reference, due)
            await self._look()
            if self.now.next_due_at == due:
                raise StoryError(f"what was due at {due} did not happen: {self.now.next_due}")
        await advance_to(self._client, self._reference, at)

    async def take(self, step: Step, id: str) -> None:  # noqa: A002
        """Raises StoryError if the answer is not the one of the story."""
        if step.as_signal:
            act = step.build(id, made_at=await clock_of(self._client, self._reference))
            await self._handle.signal(act.name, act)
        else:
            act = step.build(id)
            await self._update(step, act.name, act, id)
        await self._look()

    async def _update(self, step: Step, name: str, act: object, id: str) -> None:  # noqa: A002
        code, sentence = None, "taken"
        try:
            await self._handle.execute_update(name, act, id=id, result_type=Answer)
        except WorkflowUpdateFailedError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            code, sentence = error.cause.type, error.cause.message
        if code != step.refused:
            raise StoryError(
                f"{name} ({id}) was to be {step.refused or 'taken'}, and was {code or 'taken'}: {sentence}"
            )

    async def _look(self) -> None:
        self.now = await query_workflow(self._handle, names.STATE_QUERY, ComplaintHistory)
        self._listener(self.now)
