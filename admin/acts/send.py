"""Send an act: as an update, which is answered, or as a signal.

On a terminal the act is shown first, and sent only after a yes.
"""

import shlex
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from admin.acts.build import ActDraft, BuiltAct
from admin.acts.confirm import confirm, print_preview
from admin.acts.foresee import (
    RECORD_TIMEOUT_SECONDS,
    foresee,
    read_caught_up,
    read_recorded,
)
from admin.acts.render import print_answer, print_sent
from admin.shared.ask import nothing_done, stdin_is_terminal
from admin.shared.complaints import not_running_error
from admin.shared.connections import Connections, call_workflow, command_errors, run
from admin.shared.context import CommandContext
from admin.shared.errors import CommandError, Exit, refused
from admin.shared.local_dates import LocalDates
from admin.shared.staff_names import suggest_staff
from complaints.formatting.option_names import option_of, option_of_path
from complaints.procedure.acts import Act, LetterSent, Reassign, ReassignUndertaking
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.enums import Code
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import Answer, ComplaintState
from complaints.procedure.steps.authorization import staff_ids_to_check
from complaints.records import directory
from complaints.records.database import RecordError
from complaints.runtime.clock import monotonic
from complaints.temporal import calls
from complaints.temporal.virtual_time import UnknownComplaintError, read_clock
from starter.client.send_act import ActRefusedError, send_signal, send_update
from starter.service.prospect import Prospect

MIN_TIMEOUT_SECONDS = 1.0
"""For the answer to an act, however long the checks before it took."""


@dataclass(frozen=True)
class Prepared:
    """An act whose dates are read by the complaint's clock and policy."""

    built: BuiltAct
    dates: LocalDates | None
    """None: the act has no dates, and is not shown."""
    prospect: Prospect | None
    """None: the record does not have the complaint, or nobody asked."""
    checked_for_seconds: float = 0


def send(context: CommandContext, draft: ActDraft) -> None:
    """Send the act and print the answer. Raises CommandError, also for a refusal or a no.

    With --preview, only show what it would do.
    """
    connections, options = Connections(context), draft.command_input
    asks = stdin_is_terminal() and not options.yes
    if not options.preview and not asks:
        run(_prepare_and_send(connections, draft))
        return
    prepared = run(_prepare(connections, draft, with_prospect=True))
    prospect = prepared.prospect
    refusal = prospect.preview.refusal if prospect else None
    if options.preview:
        if prospect is None:
            raise CommandError(Exit.FAILED, f"{options.reference}: not on the record yet; repeat the command")
        print_preview(prepared.built, prospect, as_json=options.json)
    elif refusal and not refusal.is_recorded:
        # Nothing would change. A repeat of an earlier act gets that act's answer, which only the workflow knows.
        if options.id is None:
            raise run(_refused(connections, options.reference, prepared.built.act, refusal))
    elif not confirm(prepared.built, prospect, prepared.dates or LocalDates.of(context.policy())):
        raise nothing_done()
    if not options.preview:
        run(_send(connections, draft, prepared))
    elif refusal:
        raise run(_refused(connections, options.reference, prepared.built.act, refusal))


async def _prepare_and_send(connections: Connections, draft: ActDraft) -> None:
    await _send(connections, draft, await _prepare(connections, draft, with_prospect=False))


async def _prepare(connections: Connections, draft: ActDraft, *, with_prospect: bool) -> Prepared:
    """Read the dates by the complaint's clock and policy, and check the staff ids.

    Raises CommandError.
    """
    began = monotonic()
    client = await connections.temporal()
    reference, context = draft.command_input.reference, connections.context
    try:
        now = await call_workflow(read_clock(client, reference), "nothing has been sent; repeat the command")
    except (RPCError, UnknownComplaintError) as error:
        raise await not_running_error(connections, client, reference) from error
    built = draft.build(lambda: LocalDates.of(context.policy(), now))
    if refusal := await _unknown_staff(connections, built.act, now.date()):
        raise await _refused(connections, reference, built.act, refusal)
    if not with_prospect and not built.has_dates:
        return Prepared(built, None, None, monotonic() - began)
    read = read_caught_up(connections, client, reference) if with_prospect else read_recorded(connections, reference)
    state = await read
    earliest = _tier_started_at(state, built.act) if state else None
    dates = LocalDates.of(state.policy if state else context.policy(), now, earliest)
    built = draft.build(lambda: dates)
    if not with_prospect:
        return Prepared(built, dates, None, monotonic() - began)
    return Prepared(built, dates, await foresee(connections, state, built.act, now) if state else None)


def _tier_started_at(state: ComplaintState, act: Act) -> datetime | None:
    """Return when a letter's tier began; the letter cannot have gone before (R4)."""
    if "sent_at" not in type(act).model_fields or isinstance(act, LetterSent):
        return None
    tier = getattr(act, "tier", None)
    return next((period.started_at for period in reversed(state.tier_periods) if tier in (None, period.tier)), None)


async def _unknown_staff(connections: Connections, act: Act, today: date) -> Refusal | None:
    """Ask the directory for the ids of the act. None: it has them all, or is unavailable."""
    ids = staff_ids_to_check(act)
    with suppress(RecordError):
        async with connections.open_record(RECORD_TIMEOUT_SECONDS) as engine:
            result = await directory.answer_query(engine, DirectoryQuery(on=today, actors=ids))
        known = {authority.id for authority in result.authorities}
        if unknown := next((staff for staff in ids if staff not in known), None):
            return Refusal(code=Code.UNKNOWN_STAFF, sentence=f"{unknown} is not in the staff directory.")
    return None


async def _send(connections: Connections, draft: ActDraft, prepared: Prepared) -> None:
    client = await connections.temporal()
    options, built = draft.command_input, prepared.built
    try:
        if options.signal:
            await _signal(client, options.reference, built.act)
            print_sent(options.reference, built.act, built.notes, options.json)
        else:
            timeout = max(MIN_TIMEOUT_SECONDS, calls.ANSWER_TIMEOUT_SECONDS - prepared.checked_for_seconds)
            answer = await _update(client, options.reference, built.act, timeout)
            print_answer(answer, built.notes, options.json)
    except ActRefusedError as error:
        raise await _refused(connections, options.reference, built.act, error.refusal) from error
    except (RPCError, UnknownComplaintError) as error:
        raise await not_running_error(connections, client, options.reference) from error


async def _signal(client: Client, reference: str, act: Act) -> None:
    hint = f"repeat it with --id {act.id}"
    # The complaint's own clock: on the local stack it may have been moved.
    made_at: datetime = await call_workflow(read_clock(client, reference), hint)
    sent = act.model_copy(update={"made_at": made_at})
    with command_errors(hint):
        await send_signal(client, reference, sent)


async def _update(client: Client, reference: str, act: Act, timeout_seconds: float) -> Answer:
    ask = f"complaints answer {reference} {shlex.quote(act.id)}"
    with command_errors(f"the act may still take effect. To ask: {ask}"):
        return await send_update(client, reference, act, timeout_seconds)


async def _refused(connections: Connections, reference: str, act: Act, refusal: Refusal) -> CommandError:
    sentence, hint = _by_option(act, refusal.sentence), None
    if refusal.code is Code.UNKNOWN_STAFF:
        option, staff = "--as", act.by
        if isinstance(act, (Reassign, ReassignUndertaking)) and refusal.sentence.startswith(f"{act.to} "):
            option, staff = "--to", act.to
        hint = await suggest_staff(connections, option, staff)
    return refused(refusal.code, sentence, hint, id=act.id, reference=reference)


def _by_option(act: Act, sentence: str) -> str:
    """Name the option in place of the field where a refusal is about one."""
    field, colon, rest = sentence.partition(": ")
    if colon and " " not in field and (option := option_of_path(field)):
        return f"{option}: {rest}"
    return f"{option_of(field)}: {rest}" if colon and field in type(act).model_fields else sentence
