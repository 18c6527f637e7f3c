"""Find out what an act would do, from the record: the complaint, its letters, its dates."""

import asyncio
from contextlib import suppress
from datetime import datetime
from functools import partial

from jinja2 import TemplateError
from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.context import CommandContext
from complaints.letters.facts_builder import FactsError
from complaints.letters.sender import Sender
from complaints.letters.stationery import Stationery, holder_to_name, load_stationery
from complaints.letters.templates import Templates
from complaints.procedure.acts import Act
from complaints.procedure.enums import Channel, EventKind, Letter
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.views.date_preview import preview_act
from complaints.procedure.views.views import ComplaintView
from complaints.records.database import RecordError
from complaints.records.deliveries import MessageContents
from complaints.records.directory import read_members
from complaints.records.queries import read_free_text, read_state
from complaints.runtime.service import StartupError
from complaints.staff.members import Member
from complaints.temporal.calls import CannotAnswerError, NoAnswerError, call_with_timeout, query_workflow
from starter.client.send_act import complaint_handle
from starter.service.prospect import LetterPreview, Prospect
from workflows import names

RECORD_TIMEOUT_SECONDS = 1.5
"""A command goes on without the record after this time."""
QUERY_TIMEOUT_SECONDS = 2.0
CATCH_UP_POLLS, POLL_INTERVAL_SECONDS = 20, 0.1
UNKNOWN = "(not set)"
"""The sender's addresses, where COMPLAINTS_LETTERS is not set."""


async def read_recorded(connections: Connections, reference: str) -> ComplaintState | None:
    """Read the complaint's state; None: the record does not have it, or is unavailable."""
    with suppress(RecordError):
        async with connections.open_record(RECORD_TIMEOUT_SECONDS) as engine:
            return await read_state(engine, reference)
    return None


async def read_caught_up(connections: Connections, client: Client, reference: str) -> ComplaintState | None:
    """Read the complaint's state, once the record has what the workflow knows.

    Without an answer from the workflow, or in time, the state as last recorded. None as in `read_recorded`.
    """
    sequence = 0
    with suppress(NoAnswerError, CannotAnswerError, RPCError):
        query = query_workflow(complaint_handle(client, reference), names.STATE_QUERY, ComplaintView)
        sequence = (await call_with_timeout(query, QUERY_TIMEOUT_SECONDS)).sequence
    read = partial(read_recorded, connections, reference)
    state = await read()
    for _ in range(CATCH_UP_POLLS):
        if state is None or state.sequence >= sequence:
            break
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
        state = await read()
    return state


async def foresee(connections: Connections, state: ComplaintState, act: Act, now: datetime) -> Prospect:
    """Try the act on a copy of the state, and compose the letters that it would send."""
    preview = preview_act(state, act, now)
    events = [event for event in preview.events if event.kind == EventKind.LETTER]
    free_text: dict[int, dict[str, str]] = {}
    holder: Member | None = None
    if events:
        with suppress(RecordError):
            async with connections.open_record(RECORD_TIMEOUT_SECONDS) as engine:
                free_text = await read_free_text(engine, state.reference)
                if named := holder_to_name(preview.after):
                    holder = (await read_members(engine)).get(named)
    free_text |= {event.sequence: event.free_text for event in preview.events if event.free_text}
    letters = [_letter(connections.context, preview.after, event, free_text, now, holder) for event in events]
    return Prospect(preview, letters)


def _letter(
    context: CommandContext,
    state: ComplaintState,
    event: Event,
    free_text: dict[int, dict[str, str]],
    now: datetime,
    holder: Member | None,
) -> LetterPreview:
    occasion, channel = Letter(event.detail["occasion"]), Channel(event.detail["channel"])
    complainant = state.form.complainant
    address = complainant.email if channel is Channel.EMAIL else complainant.address
    to = f"{complainant.name}, {' '.join((address or 'address unknown').split())}"
    contents = MessageContents(state=state, event=event, free_text=free_text)
    try:
        letter = _stationery(context, state.policy).compose(contents, channel, max(now, event.at), holder)
    except (StartupError, FactsError, TemplateError) as error:
        return LetterPreview(occasion, channel, to, None, str(error))
    return LetterPreview(occasion, channel, to, letter, None)


def _stationery(context: CommandContext, policy: Policy) -> Stationery:
    """Load the stationery.

    Without COMPLAINTS_LETTERS: the shipped templates, with the policy's title as the sender.
    """
    folder = context.settings.letters
    if folder is None:
        return Stationery(Templates(), Sender(name=policy.title, address=(UNKNOWN,), email=UNKNOWN))
    return load_stationery(folder, check=False)
