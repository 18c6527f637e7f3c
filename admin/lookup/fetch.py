"""Asking a complaint where it stands: its workflow, and the record once Temporal no longer has it."""

from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Reach, answered
from admin.shared.errors import CommandError, Exit, bad_input, refused
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.ledgers import LedgerView, ledgers_of
from complaints.procedure.views.views import ComplaintStory
from complaints.records import queries
from complaints.records.erasure import tombstone
from complaints.records.tombstone import Tombstone
from complaints.temporal.client import ask
from starter.client.send_act import ActRefusedError, handle_of, refuse_not_running
from workflows import names

HINT = "see that a worker runs"


async def story_now(reach: Reach, reference: str) -> ComplaintStory:
    client = await reach.temporal()
    query = ask(handle_of(client, reference), names.STATE_QUERY, ComplaintStory)
    try:
        return await answered(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            story = await queries.story(engine, reference)
        if story is None:
            raise await not_running(reach, client, reference) from error
        return story


async def story_and_words(reach: Reach, reference: str) -> tuple[ComplaintStory, dict[int, dict[str, str]]]:
    """People's words, by the number of their event and by field, are on the record alone."""
    story = await story_now(reach, reference)
    async with reach.record() as engine:
        return story, await queries.words(engine, reference)


async def tombstone_of(reach: Reach, story: ComplaintStory) -> Tombstone | None:
    """Only of a closed one; where the record is out of reach, none."""
    if story.closed_at is None:
        return None
    with suppress(CommandError):
        async with reach.record() as engine:
            return await tombstone(engine, story.reference)
    return None


async def ledgers_now(reach: Reach, reference: str) -> list[LedgerView]:
    """With what was said of each move; where the record is out of reach, without."""
    client = await reach.temporal()
    query = ask(handle_of(client, reference), names.EXPLAIN_QUERY, list[LedgerView])
    try:
        ledgers = await answered(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            state = await queries.state(engine, reference)
        if state is None:
            raise await not_running(reach, client, reference) from error
        ledgers = ledgers_of(Complaint(state))
    if any(ledger.moves for ledger in ledgers):
        with suppress(CommandError):
            async with reach.record() as engine:
                _say_why(ledgers, await queries.words(engine, reference))
    return ledgers


def _say_why(ledgers: list[LedgerView], words: dict[int, dict[str, str]]) -> None:
    for move in (move for ledger in ledgers for move in ledger.moves):
        said = words.get(move.event or 0, {})
        move.why = said.get("explanation") or said.get("reason")


async def not_running(reach: Reach, client: Client, reference: str) -> CommandError:
    """Temporal has no such open workflow: the record tells a complaint that closed long ago from an unknown one."""
    async with reach.record() as engine:
        why = await refuse_not_running(engine, reference)
    if isinstance(why, ActRefusedError):
        return refused(why.refusal.code, why.refusal.sentence, reference=reference)
    if why.is_lost:
        what = f"{reference} is open on the record, but Temporal ({client.namespace}) has no workflow for it"
        return CommandError(Exit.FAILED, what)
    return bad_input(f"REF: there is no complaint {reference}")
