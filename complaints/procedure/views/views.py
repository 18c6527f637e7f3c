"""Views of a complaint for people and programs, and the transitions written to PostgreSQL."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from complaints.procedure.answers import GivenAnswer
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Aspect, ClosingReason, DeadlineKind, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import Event

MAX_EVENTS_IN_TRANSITION = 200
"""The most events in a transition, so that it stays within Temporal's payload limit."""
MAX_FREE_TEXT_IN_TRANSITION = 100_000
"""The most characters of free text in a transition, for the same reason."""


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


class ComplaintHistory(ComplaintView):
    """A view with the events that led to it."""

    events: list[EventView]


class Transition(BaseModel):
    """Data for one write to PostgreSQL: new events, and the complaint after them."""

    model_config = HIDE_INPUT

    view: ComplaintView
    form_digest: str
    state: dict[str, Any]
    """The ComplaintState as JSON, without events and answers."""
    events: list[Event]
    answers: list[GivenAnswer] = []
    """Those given since the transition before, so that the record knows every act's id (R11)."""


def view_of(complaint: Complaint) -> ComplaintView:
    c = complaint.state
    event, due = complaint.next_due(), c.first_due
    return ComplaintView(
        reference=c.reference,
        policy=c.policy.name,
        time_zone=c.policy.time_zone,
        status=c.status,
        tier=c.tier_id,
        holder=c.holder,
        opened_at=c.opened_at,
        received_at=c.received_at,
        closed_at=c.closing.at if c.closing else None,
        closing_reason=c.closing.reason if c.closing else None,
        aspects=c.aspects,
        case_open=c.case.open,
        deadlines=[deadline_view(deadline) for deadline in c.deadlines],
        window_ends_at=c.window.ends_at if c.window else None,
        next_due_at=event.at if event else None,
        next_due=event.summary if event else None,
        due=due.what if due else None,
        due_on=due.on if due else None,
        due_at=due.at if due else None,
        overdue=c.is_overdue,
        held_letters=[*c.held],
        recommendations=[RecommendationView.model_validate(r.model_dump()) for r in c.recommendations],
        undertakings=[UndertakingView.model_validate(u.model_dump()) for u in c.undertakings],
        sequence=c.sequence,
    )


def complaint_history_of(complaint: Complaint) -> ComplaintHistory:
    """Return the view with the events that are still in the state; PostgreSQL has every event."""
    events = [EventView.model_validate(event.model_dump()) for event in complaint.state.events]
    return ComplaintHistory(**dict(view_of(complaint)), events=events)


def transition_since(complaint: Complaint, sequence: int) -> Transition:
    """Return the transition after event `sequence`, or its first part if it is too large."""
    events = _first_part(complaint.events_after(sequence))
    return Transition(
        view=view_of(complaint).model_copy(update={"sequence": events[-1].sequence}),
        form_digest=complaint.state.form_digest,
        state=complaint.state.model_dump(mode="json", exclude={"events", "answers"}),
        events=[event.model_copy() for event in events],
        answers=complaint.state.answers.between(sequence, events[-1].sequence),
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
