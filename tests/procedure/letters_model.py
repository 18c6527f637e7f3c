"""When letters that no act causes must have gone, computed from the record alone.

A letter about a late reply, about a complaint passed on automatically or about a window that ended goes at the first
hour of notices at or after its cause, unless it is no longer true then. An allowance in seconds makes it go at once.
"""

from datetime import date, datetime
from typing import Any

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.state import ComplaintState, Event
from tests.procedure.independent_model import instant_of
from tests.procedure.slow_calendar import DAY, Slow

WINDOW_REASONS = ("settled", "not_taken_further")


class AutomaticLetters:
    """Reads the events in order, and keeps what is still to be written, with its hour."""

    def __init__(self, state: ComplaintState) -> None:
        self.state = state
        self.slow = Slow(state)
        self.hours: dict[str, datetime] = {}
        """By subject: `late 2` for deadline 2, `passed on`, `closed`."""
        self.unwritten: set[tuple[int, datetime]] = set()
        """Each lapse about which no letter has gone: the deadline's number and the lapsed date."""
        self.dates: dict[int, datetime] = {}
        """The latest date of each deadline."""
        self.running: dict[int, datetime] = {}
        """The current date of each running deadline."""
        self.tier = self.left = ""
        self.passes_on: Event | None = None
        self.passed_on_to_write = False
        self.closes_by_window = False

    def check(self, now: datetime) -> None:
        """Raise AssertionError if a letter was missed, repeated, or went at another hour."""
        for event in self.state.events:
            assert not [about for about, hour in self.hours.items() if hour < event.at], "a letter was missed"
            read = getattr(self, f"on_{event.kind}", None)
            if read:
                read(event, event.detail)
        assert not [about for about, hour in self.hours.items() if hour <= now], "a letter was missed"

    def hour_after(self, at: datetime, allowance: Allowance | None) -> datetime:
        if allowance and allowance.seconds:
            return at
        day: date = self.slow.local(at)
        while not self.slow.works(day) or self.slow.clock(day, self.slow.nine) < at:
            day += DAY
        return self.slow.clock(day, self.slow.nine)

    def owe_late(self, number: int, at: datetime) -> None:
        reply = self.state.policy.tier(self.state.deadlines[number - 1].tier).reply
        due = self.running.get(number)
        if reply and due and (number, due) in self.unwritten:
            self.hours[f"late {number}"] = self.hour_after(at, reply.within)

    def on_deadline_set(self, _: Event, detail: dict[str, Any]) -> None:
        self.dates[detail["deadline"]] = self.running[detail["deadline"]] = instant_of(detail["deadline_at"])

    def on_deadline_moved(self, event: Event, detail: dict[str, Any]) -> None:
        number = detail["deadline"]
        self.hours.pop(f"late {number}", None)
        self.dates[number] = instant_of(detail["deadline_at"])
        if number in self.running:
            self.running[number] = self.dates[number]
            self.owe_late(number, event.at)

    def on_deadline_unmet(self, event: Event, detail: dict[str, Any]) -> None:
        self.dates[detail["deadline"]] = self.running[detail["deadline"]] = instant_of(detail["deadline_at"])
        self.owe_late(detail["deadline"], event.at)

    def on_deadline_resumed(self, event: Event, detail: dict[str, Any]) -> None:
        self.running[detail["deadline"]] = self.dates[detail["deadline"]]
        self.owe_late(detail["deadline"], event.at)

    def on_deadline_met(self, _: Event, detail: dict[str, Any]) -> None:
        self.running.pop(detail["deadline"], None)
        self.hours.pop(f"late {detail['deadline']}", None)

    on_deadline_ended = on_deadline_met

    def on_lapsed(self, event: Event, detail: dict[str, Any]) -> None:
        if "deadline" in detail and self.state.deadlines[detail["deadline"] - 1].kind == "reply":
            self.unwritten.add((detail["deadline"], instant_of(detail["due_at"])))
            self.owe_late(detail["deadline"], event.at)

    def on_lapse_withdrawn(self, _: Event, detail: dict[str, Any]) -> None:
        if "deadline" in detail:
            number, due = detail["deadline"], instant_of(detail["due_at"])
            self.unwritten.discard((number, due))
            if self.running.get(number) == due:
                self.hours.pop(f"late {number}", None)

    def on_escalated_on_lapse(self, event: Event, _: dict[str, Any]) -> None:
        self.passes_on = event

    def on_tier_reached(self, event: Event, detail: dict[str, Any]) -> None:
        self.tier = detail["tier"]
        self.forget_passed_on()
        if self.passes_on:
            self.passed_on_to_write = True
            self.left = self.passes_on.detail["from"]
            reply = self.state.policy.tier(self.left).reply
            self.hours["passed on"] = self.hour_after(event.at, reply.escalate_after_lapse if reply else None)
            self.passes_on = None

    def forget_passed_on(self) -> None:
        self.passed_on_to_write = False
        self.hours.pop("passed on", None)

    def on_reply(self, _: Event, detail: dict[str, Any]) -> None:
        if detail["tier"] == self.tier:
            self.forget_passed_on()

    def on_give_opinion(self, *_: object) -> None:
        self.forget_passed_on()

    def on_window_ended(self, *_: object) -> None:
        self.closes_by_window = True

    def on_closed(self, event: Event, _: dict[str, Any]) -> None:
        self.hours.pop("passed on", None)
        if self.closes_by_window:
            self.hours["closed"] = self.hour_after(event.at, self.state.policy.step(self.tier).window)
        self.closes_by_window = False

    def on_reopened(self, event: Event, _: dict[str, Any]) -> None:
        self.hours.pop("closed", None)
        if self.passed_on_to_write:
            reply = self.state.policy.tier(self.left).reply
            self.hours["passed on"] = self.hour_after(event.at, reply.escalate_after_lapse if reply else None)

    def on_letter(self, event: Event, detail: dict[str, Any]) -> None:
        about = {"reply_late": self._late_of(detail), "passed_on": "passed on"}.get(detail["occasion"])
        if detail["occasion"] == "closed" and detail["reason"] in WINDOW_REASONS:
            about = "closed"
        if about is None:
            return
        assert self.hours.pop(about, None) == event.at, f"{about}: it went at another hour, or was not true"
        if about == "passed on":
            self.passed_on_to_write = False
        if about.startswith("late"):
            number = int(about.split()[1])
            self.unwritten.discard((number, self.running[number]))

    def _late_of(self, detail: dict[str, Any]) -> str:
        numbers = [n for n in self.running if self.state.deadlines[n - 1].tier == detail.get("tier")]
        return next((f"late {n}" for n in numbers if self.state.deadlines[n - 1].kind == "reply"), "late reply")
