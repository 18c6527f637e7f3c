"""A complaint's state as plain data, and the few verbs with which the steps of the procedure change it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Alert, Aspect, Channel, Code, DeadlineKind, EventKind, Letter, Status
from complaints.procedure.field_types import HIDE_INPUT, Instant
from complaints.procedure.form import Form
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state_parts import CaseState, Closing, Recommendation, TierPeriod, Undertaking, Window

MAX_EVENTS_IN_STATE = 300
"""How many events, and how many answers, travel with a complaint; the record keeps all events."""


class Event(BaseModel):
    """One thing that happened. `what` and `detail` hold codes, ids and dates; people's words stand in `words`."""

    model_config = HIDE_INPUT

    sequence: int
    """From 1, without gaps."""
    at: datetime
    kind: str
    by: str | None
    """The actor; None for what the product does by itself."""
    what: str
    detail: dict[str, Any] = {}
    free_text: dict[str, str] = {}


class Answer(BaseModel):
    """What is told to whoever sent an act: where the complaint now stands. The same act again gets the same answer."""

    id: str
    act: str
    """The act's name: an id that was used for another act before gets that one's answer."""
    reference: str
    code: str
    """`done`, or the code of a refusal."""
    sentence: str
    status: Status
    tier: str | None
    holder: str | None
    next_due_at: datetime | None


class Start(BaseModel):
    """What a complaint starts with; its workflow's input."""

    model_config = HIDE_INPUT

    form: Form
    policy: SharedPolicy
    calendar: SharedCalendar
    opened_by: str
    form_digest: str


class ComplaintState(BaseModel):
    """Everything there is to know of one complaint."""

    model_config = HIDE_INPUT

    form: Form
    policy: SharedPolicy
    calendar: SharedCalendar
    opened_at: Instant
    form_digest: str
    status: Status = Status.CLOSED
    aspects: list[Aspect]
    """Of the form's concerns, in their order; `classify` moves them."""
    case: CaseState
    tier_periods: list[TierPeriod] = []
    deadlines: list[Deadline] = []
    window: Window | None = None
    undertakings: list[Undertaking] = []
    recommendations: list[Recommendation] = []
    closings: list[Closing] = []
    held: list[int] = []
    """Letters that could not be sent, by the numbers of their events."""
    sequence: int = 0
    events: list[Event] = []
    answers: dict[str, Answer] = {}

    @property
    def reference(self) -> str:
        return self.form.reference

    @property
    def received_at(self) -> datetime:
        """An intake system's clock may run a little ahead: what it has just received was received now (R4)."""
        return min(self.form.received_at, self.opened_at)

    @property
    def tier_period(self) -> TierPeriod:
        """The time at the current tier; only once the complaint has reached one."""
        return self.tier_periods[-1]

    @property
    def tier_id(self) -> str | None:
        return self.tier_periods[-1].tier if self.tier_periods else None

    @property
    def tier(self) -> Tier | None:
        """The current tier of the policy; None before the first one, so also with the case handler."""
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
    def holder(self) -> str | None:
        return self.tier_periods[-1].holder if self.tier_periods else None

    @property
    def is_closed(self) -> bool:
        return self.status is Status.CLOSED

    @property
    def closing(self) -> Closing | None:
        return self.closings[-1] if self.closings and self.is_closed else None

    @property
    def is_overdue(self) -> bool:
        """R12: the current tier's deadline or target, or an undertaking's date, is past and unmet."""
        return any(deadline.is_overdue for deadline in self.deadlines) or any(
            undertaking.is_overdue for undertaking in self.undertakings
        )

    @property
    def open_undertakings(self) -> list[Undertaking]:
        """What was promised and is still to be done (R8)."""
        return [undertaking for undertaking in self.undertakings if not undertaking.carried_out_at]

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
        """Put on the record that something happened."""
        self.sequence += 1
        self.events.append(
            Event(
                sequence=self.sequence,
                at=at,
                kind=str(kind),
                by=by,
                what=what,
                detail=to_jsonable_python(detail or {}),
                free_text={field: text for field, text in (free_text or {}).items() if text},
            )
        )

    def leads(self, *tiers: str) -> list[str]:
        return [f"lead:{tier}" for tier in tiers]

    def holder_and_lead(self, tier_period: TierPeriod) -> list[str]:
        """Where a tier's alerts go: to whoever holds the complaint there, and to the tier's lead (R6, R11)."""
        return [*([f"staff:{tier_period.holder}"] if tier_period.holder else []), *self.leads(tier_period.tier)]

    def alert(self, occasion: Alert, at: datetime, to: list[str], what: str, **detail: Any) -> None:
        self.note(EventKind.ALERTED, at, None, what, {"occasion": occasion, "to": to, **detail})

    def letter(self, occasion: Letter, at: datetime, what: str, channel: Channel | None = None, **detail: Any) -> int:
        """The complainant is owed a letter; returns the number of its event.

        Its `detail` says all that may be otherwise by the time it is written.
        """
        channel = channel or self.form.complainant.prefers
        self.note(EventKind.LETTER, at, None, what, {"occasion": occasion, "channel": channel, **detail})
        return self.sequence

    def assign_holder(self, stay: TierPeriod, staff: str, at: datetime, reason: str | None = None) -> None:
        """Whoever is given the complaint, or is chosen, or acts first, holds it (R11)."""
        if staff not in stay.involved:
            stay.involved.append(staff)
        if stay.holder != staff:
            stay.holder = staff
            what = f"{self.policy.title_of(stay.tier)}: held by {staff}"
            detail = {"to": staff, "reason": reason} if reason else {"to": staff}
            self.note(EventKind.GIVEN_TO, at, None, f"{what}, {reason}" if reason else what, detail)

    def record_act_at_tier(self, staff: str, at: datetime) -> None:
        """Somebody acted at the current tier."""
        if not self.tier_period.holder:
            self.assign_holder(self.tier_period, staff, at)
        elif staff not in self.tier_period.involved:
            self.tier_period.involved.append(staff)

    def refuse_if_closed(self) -> None:
        if self.closing:
            on = self.calendar.day_of(self.closing.at)
            reason = self.closing.reason.replace("_", " ")
            raise RefusedError(Code.CLOSED, f"The complaint closed on {on:%-d %B %Y}: {reason}.")
