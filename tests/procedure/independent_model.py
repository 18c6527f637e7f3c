"""What must have happened by itself in a life, reckoned from its record alone and without the procedure's code.

The record says when each deadline was set, moved, met and ended. Between those, this says which reminders, lapses,
chasers and automatic escalations there must be, and when: no more, no fewer, no other instants.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.state import ComplaintState, Event

DAY = timedelta(days=1)


class Told(NamedTuple):
    """Something that happened by itself: its kind, what it was about, and when."""

    kind: str
    about: str
    at: datetime


class Span(NamedTuple):
    """A deadline's time with one date."""

    deadline: int
    kind: str
    tier: str
    due_on: date
    due_at: datetime
    set_at: datetime
    set_in: int
    """Which event set it."""
    end_at: datetime | None
    ended_in: int
    ended_as: str


class Slow:
    """Working days, by stepping over plain days."""

    def __init__(self, state: ComplaintState) -> None:
        self.zone = ZoneInfo(state.policy.time_zone)
        self.free = set(state.calendar.holidays)
        self.nine = state.policy.notices_at

    def works(self, day: date) -> bool:
        return day.isoweekday() < 6 and day not in self.free

    def after(self, day: date, number: int) -> date:
        while number:
            day += DAY
            number -= self.works(day)
        return day

    def before(self, day: date, number: int) -> date:
        while number:
            day -= DAY
            number -= self.works(day)
        return day

    def clock(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def ends(self, day: date) -> datetime:
        return self.clock(day + DAY, time(0))

    def local(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def notices(self, every: Allowance, on: date, at: datetime) -> Iterator[datetime]:
        """Nine o'clock on every so many-th working day after `on`, or every so many seconds after `at`."""
        while True:
            if every.seconds:
                at += timedelta(seconds=every.seconds)
                yield at
            else:
                on = self.after(on, every.working_days or 0)
                yield self.clock(on, self.nine)


def instant_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spans_of(events: list[Event]) -> list[Span]:
    spans: list[Span] = []
    running: dict[int, Span] = {}

    def end(event: Event, as_: str) -> None:
        span = running.pop(event.detail["deadline"], None)
        if span:
            spans.append(span._replace(end_at=event.at, ended_in=event.sequence, ended_as=as_))

    for event in events:
        if event.kind == "deadline_moved":
            end(event, "moved")
        if event.kind in ("deadline_set", "deadline_moved"):
            told: dict[str, Any] = event.detail
            running[told["deadline"]] = Span(
                told["deadline"],
                told["kind"],
                told["tier"],
                date.fromisoformat(told["due_on"]),
                instant_of(told["deadline_at"]),
                event.at,
                event.sequence,
                None,
                0,
                "running",
            )
        elif event.kind == "deadline_met":
            end(event, "met")
        elif event.kind == "deadline_ended":
            by_itself = any(e.kind == "escalated_on_lapse" and e.at == event.at for e in events)
            end(event, "escalated" if by_itself else "ended")
    return spans + list(running.values())


def must_have_happened(state: ComplaintState, boundaries: list[int], now: datetime) -> list[Told]:
    """`boundaries`: the number of the last event after each thing that the test did."""
    slow = Slow(state)
    told: list[Told] = []
    for span in spans_of(state.events):
        at_once = span.ended_as in ("met", "moved") and (
            bisect_left(boundaries, span.set_in) == bisect_left(boundaries, span.ended_in)
        )
        if not at_once:
            told += _of_deadline(state, slow, span, now)
    for undertaking in state.undertakings:
        told += _of_undertaking(state, slow, undertaking.number, undertaking.by, undertaking.by_at, now)
    return sorted(told)


def _of_deadline(state: ComplaintState, slow: Slow, span: Span, now: datetime) -> Iterator[Told]:
    end = span.end_at or now
    about = f"deadline {span.deadline}"
    reply = state.policy.tier(span.tier).reply

    def before_end(instant: datetime) -> bool:
        """What falls on the end's instant comes first, but for notices on that of an automatic escalation."""
        return instant < end or (instant == end and span.ended_as != "escalated")

    remind = state.policy.reminder_before
    remind_at = (
        span.due_at - timedelta(seconds=remind.seconds)
        if remind.seconds
        else slow.clock(slow.before(span.due_on, remind.working_days or 0), slow.nine)
    )
    if span.set_at <= remind_at and before_end(remind_at):
        yield Told("reminded", about, remind_at)
    lapsed_at = max(span.due_at, span.set_at)
    if lapsed_at > end:
        return
    yield Told("lapsed", about, lapsed_at)
    if span.kind != "reply" or reply is None:
        return
    for notice in slow.notices(reply.chase_every, span.due_on, span.due_at):
        if not before_end(notice):
            break
        if notice >= lapsed_at:
            yield Told("chased", about, notice)
    if reply.escalate_after_lapse:
        keyed_at = max(
            stay.keyed_at for stay in state.tier_periods if stay.tier == span.tier and stay.keyed_at <= span.set_at
        )
        allowed = reply.escalate_after_lapse
        passes_at = (
            max(span.due_at, keyed_at) + timedelta(seconds=allowed.seconds)
            if allowed.seconds
            else slow.ends(slow.after(max(span.due_on, slow.local(keyed_at)), allowed.working_days or 0))
        )
        passes_at = max(passes_at, lapsed_at)
        if passes_at <= end:
            yield Told("escalated_on_lapse", span.tier, passes_at)


def _of_undertaking(
    state: ComplaintState, slow: Slow, number: int, by: date, by_at: datetime, now: datetime
) -> Iterator[Told]:
    about = f"undertaking {number}"
    mine = [event for event in state.events if event.detail.get("undertaking") == number]
    set_at = next(event.at for event in mine if event.kind == "undertaking_set")
    end = next((event.at for event in mine if event.kind == "carry_out"), now)
    lapsed_at = max(by_at, set_at)
    if lapsed_at > end:
        return
    yield Told("lapsed", about, lapsed_at)
    for notice in slow.notices(state.policy.undertakings.chase_every, by, by_at):
        if notice > end:
            break
        if notice >= lapsed_at:
            yield Told("chased", about, notice)


def windows_ended(state: ComplaintState) -> list[datetime]:
    """When windows must have ended: at their last told end, or when told of it; never while the case was open."""
    ends: list[datetime] = []
    ends_at: datetime | None = None
    for event in state.events:
        if event.kind in ("window_opened", "window_moved"):
            told = event.detail["ends_at"]
            ends_at = max(instant_of(told), event.at) if told else None
        elif event.kind == "window_ended":
            assert ends_at is not None, "the case was open"
            ends.append(ends_at)
    return ends


def happened(state: ComplaintState) -> list[Told]:
    """The same, as the record has it."""
    told = []
    for event in state.events:
        about = next(
            (f"{what} {event.detail[what]}" for what in ("deadline", "undertaking") if what in event.detail), ""
        )
        if event.kind == "escalated_on_lapse":
            told.append(Told(event.kind, event.detail["from"], event.at))
        elif about and event.kind in ("reminded", "lapsed", "chased"):
            told.append(Told(event.kind, about, event.at))
    return sorted(told)
