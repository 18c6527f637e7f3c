"""Answers to systems: a complaint's status and deadlines, and its findings."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from complaints.procedure.acts import Correct, GiveOpinion, Reply
from complaints.procedure.enums import Aspect, ClosingReason, DeadlineKind, Outcome, RemedyKind, Status
from complaints.procedure.state import Event
from complaints.procedure.views.views import ComplaintView

PUBLISHED_DEADLINES = (DeadlineKind.ACKNOWLEDGEMENT, DeadlineKind.REPLY, DeadlineKind.OPINION)
"""Deadlines that reveal nothing of the findings."""


class DueView(BaseModel):
    """A deadline of a tier: the end of `due_on`, which is the instant `at`."""

    tier: str
    what: DeadlineKind
    due_on: date
    at: datetime
    first_on: date
    """The date before any extension."""
    met_at: datetime | None
    overdue: bool


class RemedyView(BaseModel):
    """A remedy, or a recommendation."""

    kind: RemedyKind
    what: str | None
    pence: int | None


class FindingView(BaseModel):
    """A reply or correction, with `outcome`; or the Assessor's opinion, with `satisfactory`."""

    tier: str | None
    at: datetime
    outcome: Outcome | None
    satisfactory: bool | None
    words: str | None
    """Empty if erased."""
    remedies: list[RemedyView]


class UndertakingToSee(BaseModel):
    """A remedy, or an accepted recommendation, to be carried out by a date."""

    what: str
    by: date
    carried_out_at: datetime | None
    replaced_at: datetime | None
    """When a correction of the reply replaced it; it is no longer due."""


class FindingsView(BaseModel):
    replies_and_opinions: list[FindingView]
    undertakings: list[UndertakingToSee]


class Done(BaseModel):
    """The answer to an act that took effect. The same act again gets the same answer."""

    id: str
    act: str
    reference: str
    sentence: str
    status: Status
    tier: str | None


class StatusView(BaseModel):
    """A complaint's status."""

    reference: str
    status: Status
    tier: str | None
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    closing_reason: ClosingReason | None
    case_open: bool
    aspects: list[Aspect]
    due: list[DueView]
    may_go_on_until: datetime | None
    """Until when the complainant may go on to the next tier, if that is known."""
    time_zone: str
    """The time zone of the dates."""
    findings: FindingsView | None = None


def status_of(view: ComplaintView, findings: FindingsView | None) -> StatusView:
    own = {"due", "may_go_on_until", "findings"}
    shared = StatusView.model_fields.keys() - own
    due = [
        DueView(
            **deadline.model_dump(include={"tier", "due_on", "at", "first_on", "met_at"}),
            what=deadline.kind,
            overdue=deadline.lapsed_at is not None and deadline.met_at is None and deadline.ended_at is None,
        )
        for deadline in view.deadlines
        if deadline.kind in PUBLISHED_DEADLINES
    ]
    return StatusView(
        **{name: getattr(view, name) for name in shared},
        due=due,
        may_go_on_until=view.window_ends_at,
        findings=findings,
    )


def findings_of(
    view: ComplaintView, events: Mapping[int, Event], free_text: Mapping[int, Mapping[str, str]]
) -> FindingsView:
    return FindingsView(
        replies_and_opinions=[
            _finding(event, free_text.get(event.sequence, {}))
            for event in events.values()
            if event.kind in (Reply.name, Correct.name, GiveOpinion.name)
        ],
        undertakings=[UndertakingToSee.model_validate(u.model_dump()) for u in view.undertakings],
    )


def _finding(event: Event, texts: Mapping[str, str]) -> FindingView:
    is_reply = event.kind != GiveOpinion.name
    remedies, field = ("remedies", "remedy") if is_reply else ("recommendations", "recommendation")
    return FindingView(
        tier=event.detail.get("tier"),
        at=event.detail.get("sent_at", event.at),
        outcome=event.detail.get("outcome"),
        satisfactory=event.detail.get("satisfactory"),
        words=texts.get("findings" if is_reply else "explanation"),
        remedies=[
            _remedy(remedy, texts.get(f"{field} {number}"))
            for number, remedy in enumerate(event.detail.get(remedies, []), start=1)
        ],
    )


def _remedy(detail: Mapping[str, Any], what: str | None) -> RemedyView:
    return RemedyView(kind=detail["kind"], what=what, pence=detail.get("pence"))
