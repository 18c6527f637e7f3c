"""The part of a complaint's state that its row on the record holds, as plain data."""

from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel

from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Aspect, Status
from complaints.procedure.field_types import HIDE_INPUT, Instant
from complaints.procedure.form import Form
from complaints.procedure.refusals import DailyNotices
from complaints.procedure.state_parts import CaseState, Closing, Recommendation, TierPeriod, Undertaking, Window


class DueItem(NamedTuple):
    """A deadline or an undertaking that is not met yet; the first compares least."""

    at: datetime
    """The exclusive end of `on`."""
    on: date
    what: str
    """`reply`, or `undertaking 2`."""


class RecordedState(BaseModel):
    """The state of a complaint but for what the record keeps elsewhere.

    Events and answers have tables of their own. Policies and calendars are on the record once, by their digests.
    """

    model_config = HIDE_INPUT

    form: Form
    opened_at: Instant
    form_digest: str
    status: Status = Status.CLOSED
    aspects: list[Aspect]
    """Of the form's concerns, in their order; `classify` changes them."""
    case: CaseState
    tier_periods: list[TierPeriod] = []
    deadlines: list[Deadline] = []
    window: Window | None = None
    undertakings: list[Undertaking] = []
    recommendations: list[Recommendation] = []
    closings: list[Closing] = []
    held: list[int] = []
    """The sequences of the events of letters that are held."""
    refusal_notices: DailyNotices = DailyNotices()
    sequence: int = 0
    words_salt: str = ""
    """Makes the digests of words hard to guess. Anonymisation and erasure remove it."""

    @property
    def reference(self) -> str:
        return self.form.reference

    @property
    def received_at(self) -> datetime:
        """The form's instant, or the opening where an intake system's clock ran ahead (R4)."""
        return min(self.form.received_at, self.opened_at)

    @property
    def tier_period(self) -> TierPeriod:
        """The time at the current tier; raises IndexError before the first."""
        return self.tier_periods[-1]

    @property
    def tier_id(self) -> str | None:
        return self.tier_periods[-1].tier if self.tier_periods else None

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
        """Whether the tier's deadline or target, or an undertaking's date, is past and unmet (R12)."""
        return any(deadline.is_overdue for deadline in self.deadlines) or any(
            undertaking.is_overdue for undertaking in self.undertakings
        )

    @property
    def first_due(self) -> DueItem | None:
        """The first deadline or undertaking that is not met, overdue ones included."""
        items = [DueItem(d.at, d.due_on, d.label) for d in self.deadlines if d.is_running]
        items += [DueItem(u.by_at, u.by, f"undertaking {u.number}") for u in self.open_undertakings]
        return min(items, default=None)

    @property
    def open_undertakings(self) -> list[Undertaking]:
        """The undertakings that are still to be carried out (R4, R8)."""
        return [undertaking for undertaking in self.undertakings if undertaking.is_open]
