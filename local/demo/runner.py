"""Play the stories one after another, and read each outcome from the record."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.encryption.data_keys import KeyRing
from complaints.policies.loader import load_policy
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.settings import Settings
from complaints.temporal.client import connect
from complaints.temporal.virtual_time import CannotAdvanceError, VirtualStart
from local.demo.letters import letters_of
from local.demo.narration import Narrator
from local.demo.player import StoryError, play
from local.demo.story import START, Story, StoryOutcome
from starter.client.open_complaint import FormRefusedError, ReferenceTakenError

RECORD_PATIENCE = 10.0
"""Seconds to wait until the record has caught up with a complaint."""


async def perform(
    stories: Sequence[Story],
    *,
    temporal_address: str,
    database_url: str,
    keys: KeyRing,
    narrator: Narrator,
    mail: Path | None = None,
) -> list[StoryOutcome]:
    """Play the stories; needs a worker with the same keys, and a migrated database.

    `mail` is the mail server's folder. Raises RPCError or RecordError when a server does not answer.
    """
    client = await connect({"TEMPORAL_ADDRESS": temporal_address}, keys, [VirtualStart(START)])
    engine = make_engine(database_url, keys=keys)
    try:
        return [await _perform(story, client, engine, narrator, mail) for story in stories]
    finally:
        await engine.dispose()


async def _perform(
    story: Story, client: Client, engine: AsyncEngine, narrator: Narrator, mail: Path | None
) -> StoryOutcome:
    form = story.read_form()
    narrator.begin(story, form)
    try:
        played = await play(
            story,
            client,
            policy=load_policy(),
            find=partial(queries.find_complaint, engine),
            task_queue=Settings().task_queue,
            listener=narrator.listen,
        )
    except (StoryError, CannotAdvanceError, FormRefusedError, ReferenceTakenError) as error:
        return StoryOutcome(story, form.reference, await queries.read_history(engine, form.reference), (str(error),))
    record = await _record_of(engine, played)
    differences = story.differences(record) if record else ["the record did not catch up with the complaint"]
    if mail:
        try:
            narrator.print_letters(form, await letters_of(engine, form.reference, mail))
        except TimeoutError:
            differences.append("not everything that was owed went out")
    return StoryOutcome(story, form.reference, record, tuple(differences))


async def _record_of(engine: AsyncEngine, played: ComplaintHistory) -> ComplaintHistory | None:
    """Return the complaint from the record, once the record has every event."""
    try:
        async with asyncio.timeout(RECORD_PATIENCE):
            while True:
                record = await queries.read_history(engine, played.reference)
                if record and record.sequence >= played.sequence:
                    return record
                await asyncio.sleep(0.05)
    except TimeoutError:
        return None
