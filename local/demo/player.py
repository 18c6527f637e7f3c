"""Play one story against the real procedure, in virtual time."""

from collections.abc import Callable
from datetime import datetime

from temporalio.client import Client

from complaints.calendars.amendments import no_amendments
from complaints.procedure.acts import Act
from complaints.procedure.policy import Policy
from complaints.procedure.views.views import ComplaintHistory
from complaints.temporal.calls import query_workflow
from complaints.temporal.virtual_time import advance_to, read_clock
from local.demo.story import OPENED_BY, START, Story, StoryStep
from starter.client.open_complaint import Find, open_complaint
from starter.client.send_act import ActRefusedError, complaint_handle, send_signal, send_update
from workflows import names

ACT_TIMEOUT_SECONDS = 60.0

Listener = Callable[[ComplaintHistory], None]
"""Called with the complaint's history after each event."""


class StoryError(Exception):
    """The procedure answered differently from the story."""


async def play(
    story: Story, client: Client, *, policy: Policy, find: Find, task_queue: str, listener: Listener
) -> ComplaintHistory:
    """Play a story from start to end. `client` starts complaints at the virtual start.

    Raises StoryError, and the errors of opening a complaint and of moving its clock.
    """
    form = story.read_form()
    await open_complaint(
        client,
        form,
        policy=policy,
        now=START,
        opened_by=OPENED_BY,
        find=find,
        amended=no_amendments,
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
    """The complaint of one story."""

    now: ComplaintHistory

    def __init__(self, client: Client, reference: str, listener: Listener) -> None:
        self._client = client
        self._reference = reference
        self._handle = complaint_handle(client, reference)
        self._listener = listener

    async def begin(self) -> None:
        await advance_to(self._client, self._reference, START)
        await self._look()

    async def live_until(self, at: datetime) -> None:
        """Advance from one due instant to the next, so that each is shown as it happens."""
        while (due := self.now.next_due_at) and due <= at:
            await advance_to(self._client, self._reference, due)
            await self._look()
            if self.now.next_due_at == due:
                raise StoryError(f"what was due at {due} did not happen: {self.now.next_due}")
        await advance_to(self._client, self._reference, at)

    async def take(self, step: StoryStep, id: str) -> None:  # noqa: A002
        """Send the step's act. Raises StoryError if the answer is not the one of the story."""
        if step.as_signal:
            act = step.build(id, made_at=await read_clock(self._client, self._reference))
            await send_signal(self._client, self._reference, act, ACT_TIMEOUT_SECONDS)
        else:
            act = step.build(id)
            await self._update(step, act)
        await self._look()

    async def _update(self, step: StoryStep, act: Act) -> None:
        code, sentence = None, "taken"
        try:
            await send_update(self._client, self._reference, act, ACT_TIMEOUT_SECONDS)
        except ActRefusedError as error:
            code, sentence = error.refusal.code, error.refusal.sentence
        if code != step.refused:
            raise StoryError(
                f"{act.name} ({act.id}) was to be {step.refused or 'taken'}, and was {code or 'taken'}: {sentence}"
            )

    async def _look(self) -> None:
        self.now = await query_workflow(self._handle, names.STATE_QUERY, ComplaintHistory)
        self._listener(self.now)
