"""Foresee from a complaint's recorded state whether an act changes a date of it (R14)."""

from datetime import datetime
from typing import Any

from complaints.procedure.acts import Act
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.window_dates import review_without_reply_at
from complaints.procedure.directory_lookup import NOT_CHECKED
from complaints.procedure.enums import DeadlineKind
from complaints.procedure.state import ComplaintState

_PARTS = {"status", "case", "tier_periods", "deadlines", "window", "undertakings", "closings"}
"""The parts of the state that hold dates."""
_EXPLANATION = {"allowance", "counting", "unrolled_on", "start_at", "calendar_version", "policy_version", "skipped"}
"""How a deadline was counted. This may change where no date does."""


def affects_a_date(state: ComplaintState, act: Act, now: datetime) -> bool:
    """Return whether the act would change a date of the complaint, or would be refused.

    The act is tried on `state` itself, so the caller must not use it again. The actor's permission is not checked.
    `now` may be before the last event if the complaint's clock was moved (local stack, tests).
    """
    now = max([now, *(event.at for event in state.events[-1:])])
    complaint = Complaint(state)
    complaint.elapse(now)
    before = dates_of(state)
    return complaint.apply(act, now, NOT_CHECKED).code != DONE or dates_of(state) != before


def dates_of(state: ComplaintState) -> tuple[Any, ...]:
    """Return the dates that the complaint holds or computes on demand, to compare them."""
    possible_reviews = [
        review_without_reply_at(state.policy, state.calendar, deadline)
        for deadline in state.deadlines
        if deadline.kind is DeadlineKind.REPLY and deadline.is_overdue
    ]
    held = state.model_dump(include=_PARTS, exclude={"deadlines": {"__all__": _EXPLANATION}})
    return held, possible_reviews, Complaint(state).retires_at()
