"""Preview what an act would do, by trying it on a copy of the complaint (R14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.directory_lookup import NOT_CHECKED, DirectoryResult, NotChecked
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.views.affected_dates import dates_of


class DateChange(BaseModel):
    """A date before and after the act."""

    of: str
    """`manager: reply`, `undertaking 1` or `window`."""
    from_on: date | None
    to_on: date | None
    first_from: date | None = None
    first_to: date | None = None
    was_late: bool = False
    is_late: bool = False


class DatePreview(BaseModel):
    """The changes that the act would make to one complaint."""

    reference: str
    refused: str | None
    """Why the act would be refused; None: it would be accepted."""
    changes: list[DateChange]
    affected: bool = False
    """Whether a date changes, also one that `changes` does not list, such as a reminder's."""


@dataclass(frozen=True)
class ActPreview:
    """What an act would do to one complaint."""

    refusal: Refusal | None
    """Why the act would be refused; None: it would be accepted."""
    before: ComplaintState
    """The complaint just before the act."""
    after: ComplaintState
    changes: list[DateChange]

    @property
    def events(self) -> list[Event]:
        """The events that the act would add, also those of a refusal that is recorded."""
        return [event for event in self.after.events if event.sequence > self.before.sequence]


def preview_act(
    state: ComplaintState, act: Act, now: datetime, directory: DirectoryResult | NotChecked = NOT_CHECKED
) -> ActPreview:
    """Try the act on a copy of the complaint. Changes nothing.

    `directory`: the directory's answer about the actor. NOT_CHECKED: assume that they have the permission.
    `now` may be before the last event if the complaint's clock was moved (local stack, tests).
    """
    now = max([now, *(event.at for event in state.events[-1:])])
    complaint = Complaint(state.model_copy(deep=True))
    complaint.elapse(now)
    before = complaint.state.model_copy(deep=True)
    refusal = complaint.may(act, now, directory)
    if refusal and not refusal.is_recorded:
        return ActPreview(refusal, before, before, [])
    complaint.apply(act, now, directory)
    after = complaint.state
    changes = [*_deadlines(before, after), *_undertakings(before, after), *_window(before, after)]
    return ActPreview(refusal, before, after, changes)


def preview_dates(state: ComplaintState, act: Act, now: datetime) -> DatePreview:
    """Return the date changes of the act, as `preview_act` finds them."""
    preview = preview_act(state, act, now)
    if preview.refusal:
        return DatePreview(reference=state.reference, refused=preview.refusal.sentence, changes=[])
    affected = dates_of(preview.before) != dates_of(preview.after)
    return DatePreview(reference=state.reference, refused=None, changes=preview.changes, affected=affected)


def _deadlines(before: ComplaintState, after: ComplaintState) -> Iterator[DateChange]:
    for was, now in zip(before.deadlines, after.deadlines, strict=False):
        if (was.first, was.due, was.is_overdue) != (now.first, now.due, now.is_overdue):
            number = f" {was.recommendation}" if was.recommendation else ""
            yield DateChange(
                of=f"{was.tier}: {was.kind.label}{number}",
                from_on=was.due_on,
                to_on=now.due_on,
                first_from=was.first_on,
                first_to=now.first_on,
                was_late=was.is_overdue,
                is_late=now.has_passed,
            )


def _undertakings(before: ComplaintState, after: ComplaintState) -> Iterator[DateChange]:
    for was, now in zip(before.undertakings, after.undertakings, strict=False):
        if (was.by, was.lapsed_at is None) != (now.by, now.lapsed_at is None):
            yield DateChange(
                of=f"undertaking {was.number}",
                from_on=was.by,
                to_on=now.by,
                was_late=was.lapsed_at is not None,
                is_late=now.lapsed_at is not None,
            )


def _window(before: ComplaintState, after: ComplaintState) -> Iterator[DateChange]:
    ends = [state.window.ends_at if state.window else None for state in (before, after)]
    if ends[0] != ends[1]:
        days = [last_day(after.calendar, at) if at else None for at in ends]
        yield DateChange(of="window", from_on=days[0], to_on=days[1])
