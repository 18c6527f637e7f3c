"""A random life in which staff act in working hours and each timer fires at its own instant."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from benchmarks.corpus.closed_complaints import SYSTEMS, Life
from benchmarks.simulate.arrivals import HOUR_WEIGHTS, STAFF_HOURS, instant_in_day, share_of_day
from complaints.procedure.acts import Act
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.procedure.state import Event
from complaints.records.tables.messages import ALERTS

WORKING_DAYS_IN_A_DAY = 5 / 7
"""A life's durations are days. Staff need that long in working time, so a holiday gives them no more to do at once."""
STAFF_OF_A_TIER = 40
CASE_SYSTEM = "cases"


class Kind(StrEnum):
    """What makes a complaint's workflow act."""

    OPENING = "opening"
    ACT = "act"
    TIMER = "timer"
    RETIREMENT = "retirement"


class Transition(NamedTuple):
    """Everything that happens to one complaint at one instant."""

    at: datetime
    kind: Kind
    events: int
    messages: int
    """Letters, alerts, reminders and chasers that are owed, one for each recipient."""
    has_lapse: bool


class StaffedLife(Life):
    """A complaint whose directory assigns holders, and which lives until its workflow retires."""

    def __init__(self, reference: str, received_at: datetime, policy: Policy, calendar: WorkingCalendar) -> None:
        super().__init__(reference, received_at, policy, calendar)
        self.opened_at = self.now
        self.acted_at: set[datetime] = set()
        self._answer_directory()

    def _opened_at(self, received_at: datetime) -> datetime:
        """Return the receipt: an intake system opens the complaint at once."""
        return received_at

    def do(self, kind: type[Act], after: float, **said: Any) -> None:
        """Give an act; `after`: days, which for staff are in working time."""
        at = self._next_instant(after, said.get("by"))
        self._advance(at)
        self.acted_at.add(at)
        super().do(kind, 0, **said)
        self._answer_directory()

    def wait(self) -> None:
        """Wait until the next scheduled event."""
        following = self.complaint.next_due()
        assert following, "something is due as long as it is open"
        self._acts += 1
        self._advance(max(self.now, following.at))

    def retire(self) -> datetime:
        """Live on until the workflow completes; return when that is."""
        self.live()
        at = self.complaint.retires_at()
        assert at, "it is closed, and nothing is owed"
        self._advance(at)
        return at

    def transitions(self, retired_at: datetime) -> Iterator[Transition]:
        """Yield every transition of the life, from its opening to its retirement."""
        for at, group in groupby(self.complaint.state.events, key=lambda event: event.at):
            events = list(group)
            has_lapse = any(event.kind == EventKind.LAPSED for event in events)
            yield Transition(at, self._kind(at), len(events), sum(map(_count_messages, events)), has_lapse)
        yield Transition(retired_at, Kind.RETIREMENT, 0, 0, has_lapse=False)

    def _kind(self, at: datetime) -> Kind:
        if at == self.opened_at:
            return Kind.OPENING
        return Kind.ACT if at in self.acted_at else Kind.TIMER

    def _advance(self, to: datetime) -> None:
        """Fire each scheduled event at its instant, as timers do, and answer the directory."""
        while (following := self.complaint.next_due()) and following.at <= to:
            self.now = max(self.now, following.at)
            self.complaint.elapse(self.now)
            self._answer_directory()
        self.now = to

    def _answer_directory(self) -> None:
        while query := self.complaint.directory_query((), self.now):
            result = DirectoryResult(assignee=self._assignee(query))
            self.complaint.apply_directory_result(query, result, self.now)

    def _assignee(self, query: DirectoryQuery) -> str | None:
        """Return a member of the tier's staff; nobody at the case handler's step."""
        if query.assignment is None or self.complaint.state.is_with_case_handler_step:
            return None
        return f"{query.assignment.tier}.{self._chance.randint(1, STAFF_OF_A_TIER)}"

    def _next_instant(self, after: float, by: str | None) -> datetime:
        """Return when an act comes that is given `after` days from now, later than anything before."""
        calendar = self.complaint.state.calendar
        if by in SYSTEMS and by != CASE_SYSTEM:  # the complainant, by an intake system, on any day
            day = calendar.day_of(self.now + timedelta(days=after))
            at = instant_in_day(calendar, day, HOUR_WEIGHTS, self._chance.random())
            return max(at, self.now + timedelta(minutes=1))
        today = calendar.day_of(self.now)
        day, passed = calendar.working_day_from(today), 0.0
        if day == today:
            passed = share_of_day(calendar, self.now, STAFF_HOURS)
        days_later, earliest = divmod(passed + after * WORKING_DAYS_IN_A_DAY, 1)
        if days_later:
            return self._of_staff(calendar.working_day_after(day, int(days_later)), 0)
        return self._of_staff(day, min(earliest, 0.999))

    def _of_staff(self, day: date, earliest: float) -> datetime:
        share = earliest + (1 - earliest) * self._chance.random()
        at = instant_in_day(self.complaint.state.calendar, day, STAFF_HOURS, share)
        return max(at, self.now + timedelta(seconds=1))


def _count_messages(event: Event) -> int:
    """Count the recipients of an event's letter or alert, as the outbox does.

    There is no webhook.
    """
    if event.kind == EventKind.LETTER:
        return 1
    return len(set(event.detail["to"])) if event.kind in ALERTS else 0
