"""The scheduled events that a complaint must have had, without the procedure's code.

They follow from the record alone: it says when each deadline was set, moved, met and ended. Between those, this
module computes every reminder, lapse, chaser and automatic escalation: no more, no fewer, no other instants.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.state import ComplaintState, Event
from tests.procedure.slow_calendar import Slow


class ExpectedEvent(NamedTuple):
    """A scheduled event: its kind, its subject and its instant."""

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
    """The sequence of the event that set it."""
    end_at: datetime | None
    ended_in: int
    ended_as: str
    has_lapsed: bool = False
    """Whether its date had lapsed before it was unmet again."""
    resumed_after: "Span | None" = None
    """The deadline's time before the complaint closed, if it was resumed with the same date."""


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
            if event.detail["deadline"] not in running:
                spans += _missed_when_moved(spans, event)
                continue
            end(event, "moved")
        if event.kind in ("deadline_set", "deadline_moved", "deadline_unmet"):
            detail: dict[str, Any] = event.detail
            running[detail["deadline"]] = Span(
                detail["deadline"],
                detail["kind"],
                detail["tier"],
                date.fromisoformat(detail["due_on"]),
                instant_of(detail["deadline_at"]),
                event.at,
                event.sequence,
                None,
                0,
                "running",
                event.detail.get("lapsed", False),
            )
        elif event.kind == "deadline_resumed":
            before = next(span for span in reversed(spans) if span.deadline == event.detail["deadline"])
            running[before.deadline] = before._replace(
                set_at=event.at,
                set_in=event.sequence,
                end_at=None,
                ended_in=0,
                ended_as="running",
                resumed_after=before,
            )
        elif event.kind == "deadline_met":
            end(event, "met")
        elif event.kind == "deadline_ended":
            is_automatic = any(e.kind == "escalated_on_lapse" and e.at == event.at for e in events)
            end(event, "escalated" if is_automatic else "ended")
    return spans + list(running.values())


def _missed_when_moved(spans: list[Span], event: Event) -> Iterator[Span]:
    """Yield the moment at which an ended deadline gets a date that passed before its end."""
    ended = next(span for span in reversed(spans) if span.deadline == event.detail["deadline"])
    due_on, due_at = date.fromisoformat(event.detail["due_on"]), instant_of(event.detail["deadline_at"])
    if ended.ended_as == "ended" and ended.end_at and due_at <= ended.end_at:
        yield ended._replace(
            due_on=due_on,
            due_at=due_at,
            set_at=event.at,
            set_in=event.sequence,
            end_at=event.at,
            ended_in=event.sequence,
        )


def must_have_happened(state: ComplaintState, boundaries: list[int], now: datetime) -> list[ExpectedEvent]:
    """Return the expected events. `boundaries`: the last sequence after each step of the test."""
    slow = Slow(state)
    expected: list[ExpectedEvent] = []
    for span in spans_of(state.events):
        # A reopened review waits again at once if the case is open: its resumed deadline ends before it lapses.
        may_end_at_once = span.ended_as in ("met", "moved") or (span.ended_as == "ended" and span.resumed_after)
        is_same_step = bisect_left(boundaries, span.set_in) == bisect_left(boundaries, span.ended_in)
        if not (may_end_at_once and is_same_step):
            expected += _of_deadline(state, slow, span, now)
    for undertaking in state.undertakings:
        expected += _of_undertaking(state, slow, undertaking.number, undertaking.by, undertaking.by_at, now)
    return sorted(expected)


def _of_deadline(state: ComplaintState, slow: Slow, span: Span, now: datetime) -> Iterator[ExpectedEvent]:
    end = span.end_at or now
    about = f"deadline {span.deadline}"
    reply = state.policy.tier(span.tier).reply

    def before_end(instant: datetime) -> bool:
        """Include the end's instant, unless an automatic escalation ended it."""
        return instant < end or (instant == end and span.ended_as != "escalated")

    remind_at = slow.reminder(state.policy.reminder_before, span.due_on, span.due_at)
    is_resumed = span.resumed_after is not None
    if (span.set_at < remind_at if is_resumed else span.set_at <= remind_at) and before_end(remind_at):
        yield ExpectedEvent("reminded", about, remind_at)
    lapsed_at = max(span.due_at, span.set_at)
    if lapsed_at > end:
        return
    had_lapsed = _had_lapsed(state, span)
    if not had_lapsed and not span.has_lapsed:
        yield ExpectedEvent("lapsed", about, lapsed_at)
    if span.kind != "reply" or reply is None:
        return
    for notice in slow.notices(reply.chase_every, span.due_on, span.due_at):
        if not before_end(notice):
            break
        if notice > lapsed_at if had_lapsed else notice >= lapsed_at:
            yield ExpectedEvent("chased", about, notice)
    if reply.escalate_after_lapse:
        keyed_at = max(
            stay.keyed_at for stay in state.tier_periods if stay.tier == span.tier and stay.keyed_at <= span.set_at
        )
        seen_at = max([keyed_at, *(e.at for e in state.events if e.sequence <= span.set_in and _is_seen(e, span))])
        passes_at = _passes_at(slow, reply.escalate_after_lapse, span, seen_at)
        if is_resumed and passes_at <= span.set_at:
            passes_at = _passes_at(slow, reply.escalate_after_lapse, span, span.set_at)
        passes_at = max(passes_at, lapsed_at)
        if passes_at <= end:
            yield ExpectedEvent("escalated_on_lapse", span.tier, passes_at)


def _is_seen(event: Event, span: Span) -> bool:
    """Return whether a manager sees the complaint for this: a reopening, or an unsent letter."""
    detail = event.detail
    if detail.get("deadline") != span.deadline:
        return event.kind == "reopen"
    is_moved_back = (
        event.kind == "deadline_moved" and detail["moved_by"] == "R5" and detail["due_on"] < detail["from_on"]
    )
    return event.kind == "deadline_unmet" or is_moved_back


def _passes_at(slow: Slow, allowed: Allowance, span: Span, seen_at: datetime) -> datetime:
    return slow.end_of(allowed, max(span.due_on, slow.local(seen_at)), max(span.due_at, seen_at))


def _had_lapsed(state: ComplaintState, span: Span) -> bool:
    """Return whether the date had lapsed before the closing, and the lapse was not withdrawn."""
    before = span.resumed_after
    if before is None or before.end_at is None:
        return False
    withdrawn = any(
        event.kind == "lapse_withdrawn"
        and event.detail.get("deadline") == span.deadline
        and instant_of(event.detail["due_at"]) == span.due_at
        and before.set_in < event.sequence < span.set_in
        for event in state.events
    )
    return not withdrawn and (_had_lapsed(state, before) or max(before.due_at, before.set_at) <= before.end_at)


def _of_undertaking(
    state: ComplaintState, slow: Slow, number: int, by: date, by_at: datetime, now: datetime
) -> Iterator[ExpectedEvent]:
    about = f"undertaking {number}"
    mine = [event for event in state.events if event.detail.get("undertaking") == number]
    replaced = {event.sequence for event in mine if event.kind == "undertaking_replaced"}
    begun = [
        event.at
        for event in mine
        if event.kind in ("undertaking_set", "not_carried_out") and event.sequence + 1 not in replaced
    ]
    ended = [(event.at, event.detail["in_time"]) for event in mine if event.kind == "carry_out"]
    has_lapsed = False
    replaced_at = next((event.at for event in mine if event.kind == "undertaking_replaced"), now)
    for start, (end, in_time) in zip(begun, [*ended, (replaced_at, False)], strict=False):
        lapsed_at = max(by_at, start)
        if lapsed_at > end:
            continue
        if not has_lapsed:
            yield ExpectedEvent("lapsed", about, lapsed_at)
        for notice in slow.notices(state.policy.undertakings.chase_every, by, by_at):
            if notice > end:
                break
            if notice > lapsed_at or (notice == lapsed_at and not has_lapsed):
                yield ExpectedEvent("chased", about, notice)
        has_lapsed = not in_time


def windows_ended(state: ComplaintState) -> list[datetime]:
    """Return when windows must have ended; never while the case was open.

    A window ends at its last recorded end, or when that end was recorded, if that is later.
    """
    ends: list[datetime] = []
    ends_at: datetime | None = None
    for event in state.events:
        if event.kind in ("window_opened", "window_moved"):
            text = event.detail["ends_at"]
            ends_at = max(instant_of(text), event.at) if text else None
        elif event.kind == "window_ended":
            assert ends_at is not None, "the case was open"
            ends.append(ends_at)
    return ends


def happened(state: ComplaintState) -> list[ExpectedEvent]:
    """Return the scheduled events that the record has."""
    recorded = []
    for event in state.events:
        about = next(
            (f"{what} {event.detail[what]}" for what in ("deadline", "undertaking") if what in event.detail), ""
        )
        if event.kind == "escalated_on_lapse":
            recorded.append(ExpectedEvent(event.kind, event.detail["from"], event.at))
        elif about and event.kind in ("reminded", "lapsed", "chased"):
            recorded.append(ExpectedEvent(event.kind, about, event.at))
    return sorted(recorded)
