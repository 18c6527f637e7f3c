"""A deadline, its lapses and its moves (R2, R4, R5, R6)."""

from datetime import date, datetime

from pydantic import BaseModel

from complaints.procedure.dates.allowance import Allowance, Counting, DueInstant
from complaints.procedure.dates.calendar import CalendarDay, WorkingCalendar, days_between
from complaints.procedure.enums import DeadlineKind


def deadline_label(kind: DeadlineKind, recommendation: int | None) -> str:
    """Return `reply`, or `answer to recommendation 2`."""
    return f"{kind.label} {recommendation}" if recommendation else kind.label


class Lapse(BaseModel):
    """A date that passed unmet. A letter sent in time but keyed later withdraws it (R4)."""

    due_at: datetime
    lapsed_at: datetime
    alerted: list[str] = []
    """Recipients of its alert; they are alerted again if the lapse is withdrawn."""
    withdrawn_at: datetime | None = None
    letter_at: datetime | None = None
    """When the complainant gets a letter about it (R6); None: it has gone, or there is none."""


class Sending(BaseModel):
    """A letter by which a deadline is met."""

    letter: int | None = None
    """The sequence of the event of the product's own letter; None: it had gone already."""
    sent_at: datetime
    """When it went. A letter that is held has not gone, and meets nothing (R4)."""


class Move(BaseModel):
    """A change of a deadline's date."""

    moved_at: datetime
    by: str | None
    from_on: date
    to_on: date
    rule: str
    """R3, R5, R7 or R14."""
    first_from: date | None = None
    first_to: date | None = None
    """Set where the first date changed too (R3, R7, R14)."""
    event: int | None = None
    """The sequence of the act's event, whose free text gives the reason."""
    sent_at: datetime | None = None
    """Of an extension: when its letter went."""
    letter: int | None = None
    """Of an extension: the sequence of its letter's event; None: the letter had gone already."""
    is_held: bool = False
    """Whether the letter was held: the extension no longer counts. A new move says when it has gone (R5)."""


class Deadline(BaseModel):
    """A promise with a date. `due_on` and `at` are the current date, `first_*` the first one."""

    number: int
    """From 1, in the order in which the complaint's deadlines were set."""
    tier: str
    kind: DeadlineKind
    recommendation: int | None = None
    rule: str
    """The rule that sets it, such as R4."""
    allowance: str
    counting: Counting = Counting.WORKING_DAYS
    unrolled_on: date | None = None
    """The last day of an allowance that rolls it to a working day, before rolling; None: it does not roll."""
    day_0: date
    start_at: datetime | None = None
    """The instant from which an allowance in hours or seconds counts."""
    set_at: datetime
    first_on: date
    first_at: datetime
    due_on: date
    at: datetime
    calendar_version: str
    policy_version: str | None = None
    """None: that of the complaint, which has never changed its policy."""
    skipped: dict[date, str] | None = None
    """The days that were skipped, if the calendar has changed since the deadline ended; else None."""
    moves: list[Move] = []
    lapses: list[Lapse] = []
    sendings: list[Sending] = []
    """The letters that meet it."""
    met_at: datetime | None = None
    ended_at: datetime | None = None
    """When it ended unmet: the complaint left the tier, or closed."""
    found_unsent_at: datetime | None = None
    """When a letter that met or extended it was last found to be unsent; an automatic escalation counts from here."""
    remind_at: datetime | None = None
    chase_at: datetime | None = None
    escalate_at: datetime | None = None
    holder_check_pending: bool = False
    """Set after a reminder: query the directory whether the holder is available to the due day."""

    @property
    def label(self) -> str:
        return deadline_label(self.kind, self.recommendation)

    @property
    def is_running(self) -> bool:
        return self.met_at is None and self.ended_at is None

    @property
    def due(self) -> DueInstant:
        return DueInstant(self.due_on, self.at)

    @property
    def first(self) -> DueInstant:
        return DueInstant(self.first_on, self.first_at)

    @property
    def has_passed(self) -> bool:
        """Whether the current date has lapsed."""
        return self.current_lapse is not None

    @property
    def current_lapse(self) -> Lapse | None:
        """The lapse of the current date."""
        return next((lapse for lapse in self.lapses if lapse.due_at == self.at and not lapse.withdrawn_at), None)

    @property
    def lapsed_at(self) -> datetime | None:
        """The instant of the first lapse that was not withdrawn."""
        return next((lapse.lapsed_at for lapse in self.lapses if not lapse.withdrawn_at), None)

    @property
    def passed_at(self) -> datetime | None:
        """The first date that passed unmet; earlier than `lapsed_at` after a letter opened late."""
        return next((lapse.due_at for lapse in self.lapses if not lapse.withdrawn_at), None)

    @property
    def is_overdue(self) -> bool:
        return self.is_running and self.has_passed

    @property
    def extensions(self) -> list[Move]:
        """The extensions that count."""
        return [move for move in self.moves if move.sent_at and not move.is_held]

    @property
    def is_extended(self) -> bool:
        return bool(self.extensions)

    def due_day_known_at(self, at: datetime) -> date:
        """Return the due day without the extensions that were sent after `at`."""
        due_on = self.due_on
        for move in reversed(self.moves):
            if move.is_held or move.sent_at is None or move.sent_at <= at:
                break
            due_on = move.from_on
        return due_on

    def cancel_notices(self) -> None:
        """Cancel the reminder, the chaser, the automatic escalation and the holder check."""
        self.remind_at = self.chase_at = self.escalate_at = None
        self.holder_check_pending = False

    def count_by(self, allowance: Allowance, start: DueInstant) -> None:
        """Set what explains the first date: the allowance, and what it counts from `start`."""
        self.allowance, self.counting = str(allowance), allowance.counting
        self.unrolled_on = allowance.unrolled_day(start.on) if allowance.roll else None
        self.day_0, self.start_at = start

    def ledger(self, calendar: WorkingCalendar) -> list[CalendarDay]:
        """Return the days up to the current date, each counted or skipped.

        Calendar days, weeks and months count every day up to the last one, which may roll; elapsed time has no days.
        """
        if self.counting is Counting.TIME:
            return []
        days = self.days(calendar, self.day_0, self.due_on)
        if self.counting is Counting.WORKING_DAYS:
            return days
        return [day if self._is_rolled_over(day.on) else day.counted() for day in days]

    def _is_rolled_over(self, day: date) -> bool:
        return self.unrolled_on is not None and self.unrolled_on <= day < self.first_on

    def days(self, calendar: WorkingCalendar, after: date, last: date) -> list[CalendarDay]:
        """Return the days after `after` up to `last`, each counted or skipped."""
        if self.skipped is None:
            return calendar.ledger(after, last)
        return [CalendarDay(on, self.skipped.get(on)) for on in days_between(after, last)]
