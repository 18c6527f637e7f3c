"""Views of a complaint for people and programs, and the transitions written to PostgreSQL."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, PrivateAttr

from complaints.procedure.answers import GivenAnswer
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Aspect, ClosingReason, DeadlineKind, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.interning import SharedCalendar, SharedPolicy, content_digest
from complaints.procedure.recorded_state import RecordedState
from complaints.procedure.state import Event
from complaints.procedure.views.readers import readers_of

MAX_EVENTS_IN_TRANSITION = 200
"""The most events in a transition, so that it stays within Temporal's payload limit."""
MAX_FREE_TEXT_IN_TRANSITION = 100_000
"""The most characters of free text in a transition, for the same reason."""
_RECORDED = set(RecordedState.model_fields)


class DeadlineView(BaseModel):
    """A deadline with its current and first date. An act at the instant `at` is late."""

    number: int
    tier: str
    kind: DeadlineKind
    recommendation: int | None
    due_on: date
    at: datetime
    first_on: date
    first_at: datetime
    met_at: datetime | None
    lapsed_at: datetime | None
    ended_at: datetime | None


class UndertakingView(BaseModel):
    number: int
    what: str
    by: date
    lapsed_at: datetime | None
    carried_out_at: datetime | None
    replaced_at: datetime | None
    """When a correction of the reply replaced it."""


class RecommendationView(BaseModel):
    number: int
    what: str
    accepted: bool | None
    undertaking: int | None


class EventView(BaseModel):
    sequence: int
    at: datetime
    kind: str
    by: str | None
    what: str


class ComplaintView(BaseModel):
    """The state of a complaint, for display. `sequence` is that of its last event."""

    model_config = HIDE_INPUT

    reference: str
    policy: str
    time_zone: str
    """The policy's time zone, for showing instants."""
    status: Status
    tier: str | None
    holder: str | None
    opened_at: datetime
    received_at: datetime
    closed_at: datetime | None
    closing_reason: ClosingReason | None
    aspects: list[Aspect]
    case_open: bool
    deadlines: list[DeadlineView]
    window_ends_at: datetime | None
    next_due_at: datetime | None
    next_due: str | None
    """The summary of the event at `next_due_at`."""
    due: str | None = None
    """What is due first: `reply`, or `undertaking 2`; None: nothing is."""
    due_on: date | None = None
    """Its last day."""
    due_at: datetime | None = None
    """Its deadline, the exclusive end of `due_on`."""
    overdue: bool
    held_letters: list[int] = []
    """The sequences of the events of letters that are held."""
    recommendations: list[RecommendationView]
    undertakings: list[UndertakingView]
    sequence: int


class RecordedView(ComplaintView):
    """A view with those who may read people's words."""

    readers: list[str] = []
    """As `readers_of` lists them."""


class ComplaintHistory(RecordedView):
    """A view with the events that led to it."""

    events: list[EventView]


class Transition(BaseModel):
    """Data for one write to PostgreSQL: new events, and the complaint after them.

    It names the complaint's policy and calendar by their digests. It carries them where the record may lack them.
    """

    model_config = HIDE_INPUT

    policy: str
    """The policy's name."""
    time_zone: str
    """The policy's."""
    policy_digest: str
    calendar_digest: str
    new_policy: SharedPolicy | None
    """The policy itself; None: the record has it by its digest."""
    new_calendar: SharedCalendar | None
    next_due_at: datetime | None
    next_due: str | None
    readers: list[str] = []
    """As in `RecordedView`: these three depend on the policy and the calendar."""
    state: dict[str, Any]
    """The RecordedState as JSON, without what is as by default."""
    events: list[Event]
    answers: list[GivenAnswer] = []
    """Those given since the transition before, so that the record knows every act's id (R11)."""

    @property
    def reference(self) -> str:
        reference: str = self.state["form"]["reference"]
        return reference

    @property
    def sequence(self) -> int:
        """The number of its last event. The state may be later: a burst is written in parts."""
        return self.events[-1].sequence

    _whole: "Transition | None" = PrivateAttr(None)

    def lean(self) -> "Transition":
        """Leave out the policy and the calendar, which the record has as a rule."""
        lean = self.model_copy(update={"new_policy": None, "new_calendar": None})
        lean._whole = self  # noqa: SLF001 (a copy of its own)
        return lean

    def whole(self) -> "Transition":
        """Undo `lean`, in the process that called it."""
        return self._whole or self

    def recorded_state(self) -> RecordedState:
        return RecordedState.model_validate(self.state)

    def view(self, state: RecordedState) -> RecordedView:
        """Build the view after the transition from its `recorded_state`."""
        view = _view(state, self.policy, self.time_zone, self.next_due_at, self.next_due, self.readers)
        return view.model_copy(update={"sequence": self.sequence})


def view_of(complaint: Complaint) -> RecordedView:
    state, event = complaint.state, complaint.next_due()
    next_due_at, next_due = (event.at, event.summary) if event else (None, None)
    return _view(state, state.policy.name, state.policy.time_zone, next_due_at, next_due, readers_of(state))


def _view(
    state: RecordedState,
    policy: str,
    time_zone: str,
    next_due_at: datetime | None,
    next_due: str | None,
    readers: list[str],
) -> RecordedView:
    due = state.first_due
    return RecordedView(
        reference=state.reference,
        policy=policy,
        time_zone=time_zone,
        status=state.status,
        tier=state.tier_id,
        holder=state.holder,
        opened_at=state.opened_at,
        received_at=state.received_at,
        closed_at=state.closing.at if state.closing else None,
        closing_reason=state.closing.reason if state.closing else None,
        aspects=state.aspects,
        case_open=state.case.open,
        deadlines=[deadline_view(deadline) for deadline in state.deadlines],
        window_ends_at=state.window.ends_at if state.window else None,
        next_due_at=next_due_at,
        next_due=next_due,
        due=due.what if due else None,
        due_on=due.on if due else None,
        due_at=due.at if due else None,
        overdue=state.is_overdue,
        held_letters=[*state.held],
        recommendations=[RecommendationView.model_validate(r.model_dump()) for r in state.recommendations],
        undertakings=[UndertakingView.model_validate(u.model_dump()) for u in state.undertakings],
        readers=readers,
        sequence=state.sequence,
    )


def complaint_history_of(complaint: Complaint) -> ComplaintHistory:
    """Return the view with the events that are still in the state; PostgreSQL has every event."""
    events = [EventView.model_validate(event.model_dump()) for event in complaint.state.events]
    return ComplaintHistory(**dict(view_of(complaint)), events=events)


def transition_since(complaint: Complaint, sequence: int) -> Transition:
    """Return the transition after event `sequence`, or its first part if it is too large.

    It carries the policy and the calendar.
    """
    state, due = complaint.state, complaint.next_due()
    events = _first_part(complaint.events_after(sequence))
    return Transition(
        policy=state.policy.name,
        time_zone=state.policy.time_zone,
        policy_digest=content_digest(state.policy),
        calendar_digest=content_digest(state.calendar),
        new_policy=state.policy,
        new_calendar=state.calendar,
        next_due_at=due.at if due else None,
        next_due=due.summary if due else None,
        readers=readers_of(state),
        state=state.model_dump(mode="json", include=_RECORDED, exclude_defaults=True),
        events=[event.model_copy() for event in events],
        answers=state.answers.between(sequence, events[-1].sequence),
    )


def _first_part(events: list[Event]) -> list[Event]:
    """Return at least one event, and as many more as fit into one transition."""
    length = 0
    for number, event in enumerate(events[:MAX_EVENTS_IN_TRANSITION]):
        length += sum(map(len, event.free_text.values()))
        if number and length > MAX_FREE_TEXT_IN_TRANSITION:
            return events[:number]
    return events[:MAX_EVENTS_IN_TRANSITION]


def deadline_view(deadline: Deadline) -> DeadlineView:
    return DeadlineView(**{field: getattr(deadline, field) for field in DeadlineView.model_fields})
