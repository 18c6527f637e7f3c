"""A complaint's state as plain data, and the methods with which the steps change it."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python

from complaints.procedure.answers import Answer as Answer
from complaints.procedure.answers import Answers
from complaints.procedure.chain import digest_words, first_link, link_event
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import (
    Alert,
    Channel,
    Code,
    DeadlineKind,
    EventKind,
    Letter,
    humanize_code,
)
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.form import Form
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.procedure.policy import Tier
from complaints.procedure.recorded_state import RecordedState
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state_parts import TierPeriod

MAX_EVENTS_IN_STATE = 300
"""The most events in the state; PostgreSQL keeps every event."""


class Event(BaseModel):
    """Something that happened. `what` and `detail` hold codes, ids and dates, but no free text."""

    model_config = HIDE_INPUT

    sequence: int
    """From 1, without gaps."""
    at: datetime
    kind: str
    by: str | None
    """The actor; None: the product itself."""
    what: str
    detail: dict[str, Any] = {}
    free_text: dict[str, str] = {}
    words_digest: str | None = None
    """The salted digest of `free_text`, which stays when the words are erased; None: it has no words."""
    link: str = ""
    """The digest of this event and of all events before it."""

    def linked_to(self, previous: str) -> str:
        """Return the link that the event has after the link before it."""
        return link_event(
            previous,
            sequence=self.sequence,
            at=self.at,
            kind=self.kind,
            by=self.by,
            what=self.what,
            detail=self.detail,
            words_digest=self.words_digest,
        )


class Start(BaseModel):
    """The data with which a complaint starts; part of its workflow's input."""

    model_config = HIDE_INPUT

    form: Form
    policy: SharedPolicy
    calendar: SharedCalendar
    opened_by: str
    form_digest: str
    words_salt: str = ""
    """A random text for the digests of words, as in the state."""


class ComplaintState(RecordedState):
    """Everything that the procedure knows about one complaint."""

    policy: SharedPolicy
    calendar: SharedCalendar
    events: list[Event] = Field(default_factory=list)
    answers: Answers = Answers()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the state, but share the form, the policy and the calendar: they are frozen."""
        frozen = (self.form, self.policy, self.calendar)
        return super().__deepcopy__({id(each): each for each in frozen} | (memo or {}))

    @property
    def tier(self) -> Tier | None:
        """The current tier; None before the first one, so also at the case handler's step."""
        return (
            self.policy.tier(self.tier_period.tier)
            if self.tier_periods and not self.is_with_case_handler_step
            else None
        )

    @property
    def is_with_case_handler_step(self) -> bool:
        step = self.policy.case_handler
        return bool(self.tier_periods and step and self.tier_period.tier == step.id)

    @property
    def next_tier(self) -> Tier | None:
        return self.policy.tier_after(self.tier_period.tier) if self.tier_periods else self.policy.tiers[0]

    @property
    def tier_title(self) -> str:
        return self.policy.title_of(self.tier_period.tier) if self.tier_periods else self.policy.title

    @property
    def awaits_assignment(self) -> bool:
        """Whether the directory has yet to answer who holds the complaint (R10, R11)."""
        if self.is_closed or not self.tier_periods or self.holder or self.tier_period.is_holder_sought:
            return False
        return self.tier.allocate if self.tier else True

    def running_deadline(self, kind: DeadlineKind, recommendation: int | None = None) -> Deadline | None:
        return next(
            (d for d in self.deadlines if d.is_running and d.kind is kind and d.recommendation == recommendation),
            None,
        )

    def latest_deadline(self, tier: str, kind: DeadlineKind) -> Deadline | None:
        return next((d for d in reversed(self.deadlines) if d.tier == tier and d.kind is kind), None)

    def note(
        self,
        kind: str,
        at: datetime,
        by: str | None,
        what: str,
        detail: dict[str, Any] | None = None,
        free_text: dict[str, str | None] | None = None,
    ) -> None:
        """Append an event. Empty texts are left out of `free_text`."""
        self.sequence += 1
        words = {field: text for field, text in (free_text or {}).items() if text}
        self.events.append(
            Event(
                sequence=self.sequence,
                at=at,
                kind=str(kind),
                by=by,
                what=what,
                detail=to_jsonable_python(detail or {}),
                free_text=words,
                words_digest=digest_words(self.words_salt, self.sequence, words),
            )
        )
        self.relink(self.sequence - 1)

    def relink(self, sequence: int) -> None:
        """Compute the links of the events after `sequence`, from the link of the event before them."""
        first = len(self.events)
        while first and self.events[first - 1].sequence > sequence:
            first -= 1
        link = self.events[first - 1].link if first else first_link(self.reference)
        for event in self.events[first:]:
            event.link = link = event.linked_to(link)

    def adopt_link(self, sequence: int, link: str) -> None:
        """Go on from the link that an event has on the record.

        It differs where another version of the product recorded the event, or one before it, in other words.
        """
        event = next((event for event in self.events if event.sequence == sequence), None)
        if event and event.link != link:
            event.link = link
            self.relink(sequence)

    def leads(self, *tiers: str) -> list[str]:
        return [f"lead:{tier}" for tier in tiers]

    def holder_and_lead(self, tier_period: TierPeriod) -> list[str]:
        """Return the recipients of a tier's alerts: the holder and the tier's lead (R6, R11)."""
        return [*([f"staff:{tier_period.holder}"] if tier_period.holder else []), *self.leads(tier_period.tier)]

    def lead_and_role(self, tier: str) -> list[str]:
        """Return the recipients of an alert about a complaint that nobody holds (R6)."""
        return [*self.leads(tier), f"role:{tier}"]

    def alert(self, occasion: Alert, at: datetime, to: list[str], what: str, **detail: Any) -> None:
        self.note(EventKind.ALERTED, at, None, what, {"occasion": occasion, "to": to, **detail})

    def letter(self, occasion: Letter, at: datetime, what: str, channel: Channel | None = None, **detail: Any) -> int:
        """Record that a letter to the complainant is due; return the sequence of its event.

        `detail` holds every fact that may have changed by the time the letter is written.
        """
        channel = channel or self.form.complainant.prefers
        self.note(EventKind.LETTER, at, None, what, {"occasion": occasion, "channel": channel, **detail})
        return self.sequence

    def assign_holder(
        self, tier_period: TierPeriod, staff: str, at: datetime, reason: str | None = None, by: str | None = None
    ) -> None:
        """Make somebody the holder: they were chosen, or given the complaint, or acted first (R11).

        They get an alert, unless they took it themselves (R6). `by`: who gave it to them; None: the product.
        """
        if staff not in tier_period.involved:
            tier_period.involved.append(staff)
        if tier_period.holder != staff:
            tier_period.holder = staff
            tier_period.alert_owed = None if staff == by else Alert.GIVEN
            what = f"{self.policy.title_of(tier_period.tier)}: held by {staff}"
            detail = {"to": staff, "reason": reason} if reason else {"to": staff}
            self.note(EventKind.GIVEN_TO, at, None, f"{what}, {reason}" if reason else what, detail)

    def record_act_at_tier(self, staff: str, at: datetime) -> None:
        """Note that somebody acted at the current tier; the first to act becomes the holder (R11)."""
        if not self.tier_period.holder:
            self.assign_holder(self.tier_period, staff, at, by=staff)
        self.record_involvement(staff)

    def record_involvement(self, staff: str) -> None:
        """Note that somebody acted at the current tier, such as a lead who does not hold it (R11)."""
        if staff not in self.tier_period.involved:
            self.tier_period.involved.append(staff)

    def refuse_if_closed(self, advice: str = "") -> None:
        """Refuse what a closed complaint does not accept, with how to go on. Raises RefusedError."""
        if self.closing:
            on = self.calendar.day_of(self.closing.at)
            reason = humanize_code(self.closing.reason)
            raise RefusedError(Code.CLOSED, f"The complaint closed on {on:%-d %B %Y}: {reason}.{advice}")
