"""Preview an act from the record, with its letters. Nothing is sent or recorded."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jinja2 import TemplateError
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.letters.facts_builder import FactsError
from complaints.letters.sender import Sender
from complaints.letters.stationery import Stationery, holder_to_name, load_stationery
from complaints.letters.templates import Templates
from complaints.letters.text import render_text
from complaints.procedure.acts import Act
from complaints.procedure.anonymisation import anonymise_state
from complaints.procedure.dates.calendar import zone
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.procedure.enums import Channel, Code, EventKind, Letter, Need, Status
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.steps.authorization import staff_ids_to_check
from complaints.procedure.views.date_preview import ActPreview, DateChange, preview_act
from complaints.procedure.views.readers import readers_of
from complaints.procedure.views.views import ComplaintView
from complaints.records import directory
from complaints.records.deliveries import MessageContents
from complaints.records.queries import read_free_text, read_state
from complaints.runtime.service import StartupError
from complaints.staff.members import Member
from complaints.temporal.calls import (
    CannotAnswerError,
    NoAnswerError,
    call_with_timeout,
    query_workflow,
)
from complaints.temporal.virtual_time import UnknownComplaintError, read_clock
from starter.api.auth.staff import StaffCaller
from starter.api.problems import translate_errors, unavailable
from starter.client.send_act import complaint_handle
from starter.service.access import Access, may_read_words
from starter.service.describe_act import (
    contact_changes,
    describe_act,
    describe_complaint,
    describe_effects,
    other_holder,
)
from starter.service.prospect import LetterPreview, Prospect
from starter.service.references import explain_not_running, require_valid_reference
from workflows import names

QUERY_TIMEOUT_SECONDS = 2.0
CATCH_UP_POLLS, POLL_INTERVAL_SECONDS = 20, 0.1
NO_PART = "you have no part in this complaint"
UNKNOWN = "(not set)"
"""The sender's addresses, where COMPLAINTS_LETTERS is not set."""


class PreviewedLetter(BaseModel):
    """A letter that the act would send."""

    occasion: Letter
    channel: Channel
    to: str
    """The name, and the address of the channel."""
    subject: str | None
    text: str | None
    """The letter as the complainant will read it; None: see `problem`."""
    sent_on: date | None
    """The letter's date."""
    problem: str | None
    """Why the letter cannot be shown."""


class FieldChange(BaseModel):
    """A field of the complainant that the act would change."""

    field: str
    was: str = Field(serialization_alias="from")
    now: str = Field(serialization_alias="to")


class Row(BaseModel):
    """A line that people read: what it is about, and what it says."""

    label: str
    value: str


class PreviewedAct(BaseModel):
    """What an act would do now. Nothing is sent or recorded."""

    reference: str
    act: str
    refused: str | None
    """Why the act would be refused; None: it would be accepted."""
    code: Code | None
    """The code of that refusal."""
    is_recorded: bool
    """Whether that refusal would go on the record, as one about who may act does."""
    letters: list[PreviewedLetter]
    contact: list[FieldChange]
    changes: list[DateChange]
    status: Status
    """The complaint's status after the act."""
    tier: str | None
    needs: list[Need]
    """What the complainant needs."""
    warning: str | None
    """That somebody else holds the complaint."""
    complaint: list[str]
    """The complainant, and where the complaint is, in lines."""
    fields: list[Row]
    """What the act says, with numbers and codes in words."""
    effects: list[Row]
    """What the act would send and change."""


@dataclass(frozen=True)
class Previews:
    """Previews acts. `letters` is the folder of COMPLAINTS_LETTERS."""

    client: Client
    engine: AsyncEngine
    letters: Path | None
    access: Access

    async def preview(self, reference: str, act: Act, caller: StaffCaller) -> PreviewedAct:
        """Preview an act, without people's words for a caller who has no part. Raises ProblemError."""
        require_valid_reference(reference)
        with translate_errors():
            try:
                now = await call_with_timeout(read_clock(self.client, reference))
                state = await self._read_caught_up(reference)
            except (RPCError, UnknownComplaintError) as error:
                raise await explain_not_running(self.engine, reference) from error
            if state is None:
                raise unavailable(f"{reference} is not on the record yet")
            query = DirectoryQuery(on=state.calendar.day_of(now), actors=staff_ids_to_check(act))
            found = await directory.answer_query(self.engine, query)
            if may_read_words(caller, readers_of(state)):
                self.access.count_reading([reference], caller)
                return _describe(act, await self._foresee(state, act, now, found))
            return _describe(act, _without_words(preview_act(_anonymised(state), act, now, found)))

    async def _read_caught_up(self, reference: str) -> ComplaintState | None:
        """Read the complaint's state, once the record has what the workflow knows.

        Without an answer from the workflow, or in time, the state as last recorded. None: the record lacks it.
        """
        sequence = 0
        with suppress(NoAnswerError, CannotAnswerError):
            query = query_workflow(complaint_handle(self.client, reference), names.STATE_QUERY, ComplaintView)
            sequence = (await call_with_timeout(query, QUERY_TIMEOUT_SECONDS)).sequence
        state = await read_state(self.engine, reference)
        for _ in range(CATCH_UP_POLLS):
            if state and state.sequence >= sequence:
                break
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
            state = await read_state(self.engine, reference)
        return state

    async def _foresee(self, state: ComplaintState, act: Act, now: datetime, found: DirectoryResult) -> Prospect:
        """Try the act on a copy of the state, and compose the letters that it would send."""
        preview = preview_act(state, act, now, found)
        events = [event for event in preview.events if event.kind == EventKind.LETTER]
        if not events:
            return Prospect(preview, [])
        free_text = await read_free_text(self.engine, state.reference)
        free_text |= {event.sequence: event.free_text for event in preview.events if event.free_text}
        named = holder_to_name(preview.after)
        holder = (await directory.read_members(self.engine)).get(named) if named else None
        return Prospect(preview, [self._letter(preview.after, event, free_text, now, holder) for event in events])

    def _letter(
        self,
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
            letter = self._stationery(state.policy).compose(contents, channel, max(now, event.at), holder)
        except (StartupError, FactsError, TemplateError) as error:
            return LetterPreview(occasion, channel, to, None, str(error))
        return LetterPreview(occasion, channel, to, letter, None)

    def _stationery(self, policy: Policy) -> Stationery:
        """Load the stationery.

        Without COMPLAINTS_LETTERS: the shipped templates, with the policy's title as the sender.
        """
        if self.letters is None:
            return Stationery(Templates(), Sender(name=policy.title, address=(UNKNOWN,), email=UNKNOWN))
        return load_stationery(self.letters, check=False)


def _anonymised(state: ComplaintState) -> ComplaintState:
    """Return the state without personal data and texts."""
    return ComplaintState.model_validate(anonymise_state(state.model_dump(mode="json")))


def _without_words(preview: ActPreview) -> Prospect:
    """Name the letters that the act would send, without name, address and words."""
    details = [event.detail for event in preview.events if event.kind == EventKind.LETTER]
    letters = [
        LetterPreview(Letter(each["occasion"]), Channel(each["channel"]), "the complainant", None, NO_PART)
        for each in details
    ]
    return Prospect(preview, letters)


def _describe(act: Act, prospect: Prospect) -> PreviewedAct:
    preview = prospect.preview
    before, after, refusal = preview.before, preview.after, preview.refusal
    return PreviewedAct(
        reference=before.reference,
        act=act.name,
        refused=refusal.sentence if refusal else None,
        code=refusal.code if refusal else None,
        is_recorded=refusal is not None and refusal.is_recorded,
        letters=[_previewed(letter) for letter in prospect.letters],
        contact=[FieldChange(field=field, was=was, now=now) for field, was, now in contact_changes(prospect)],
        changes=preview.changes,
        status=after.status,
        tier=after.tier_id,
        needs=list(after.form.complainant.needs.kinds),
        warning=other_holder(before, act),
        complaint=list(describe_complaint(before)),
        fields=_rows(describe_act(act, zone(before.policy.time_zone), before)),
        effects=_rows(describe_effects(prospect)),
    )


def _previewed(letter: LetterPreview) -> PreviewedLetter:
    composed = letter.letter
    return PreviewedLetter(
        occasion=letter.occasion,
        channel=letter.channel,
        to=letter.to,
        subject=composed.subject if composed else None,
        text=render_text(composed) if composed else None,
        sent_on=composed.sent_on if composed else None,
        problem=letter.problem,
    )


def _rows(pairs: Iterable[tuple[str, str]]) -> list[Row]:
    return [Row(label=label, value=value) for label, value in pairs]
