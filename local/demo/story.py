"""A story: a form, steps with their dates, and the expected ending. Times are London's."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaints.procedure.acts import Act
from complaints.procedure.enums import ClosingReason, Code, EventKind
from complaints.procedure.form import Form
from complaints.procedure.views.views import ComplaintHistory
from local.servers.worker import ROOT
from starter.client.open_complaint import read_form

LONDON = ZoneInfo("Europe/London")

START = datetime(2030, 12, 17, 9, tzinfo=LONDON)
"""The start of every story: a Tuesday, so that Christmas falls in the time for the reply."""

OPENED_BY = "intake"

EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class StoryStep:
    """One act at an instant; without an act, only time passes."""

    at: datetime
    act: type[Act] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    as_signal: bool = False
    refused: Code | None = None
    """Code of the expected refusal; None: the act is accepted."""

    def build(self, id: str, **fields: Any) -> Act:  # noqa: A002 - the act's own name for it
        assert self.act, "a step that only waits has no act"
        return self.act.model_validate({"id": id, **self.fields, **fields})


@dataclass(frozen=True)
class StoryEnding:
    """The expected ending: closing reason, closing day, and the count of some events."""

    reason: ClosingReason
    on: date
    lapsed: int = 0
    chased: int = 0
    escalated_on_lapse: int = 0
    signposted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Story:
    """The story of one complaint."""

    title: str
    form: str
    """Name of a file in `examples`."""
    steps: tuple[StoryStep, ...]
    ending: StoryEnding

    def read_form(self) -> Form:
        """Read the form, with all dates moved so that it is received at the virtual start."""
        form = read_form((EXAMPLES / self.form).read_bytes())
        by = START.date() - form.received_at.astimezone(LONDON).date()
        case, communication = form.case, form.communication
        return form.model_copy(
            update={
                "received_at": START,
                "told_case_handler_on": form.told_case_handler_on and form.told_case_handler_on + by,
                "case": case.model_copy(update={"answered_on": case.answered_on and case.answered_on + by}),
                "communication": tuple(each.model_copy(update={"on": each.on + by}) for each in communication),
            }
        )

    def differences(self, complaint: ComplaintHistory) -> list[str]:
        """List every difference between the complaint and the expected ending."""
        happened = Counter(event.kind for event in complaint.events)
        closed_on = complaint.closed_at and complaint.closed_at.astimezone(LONDON).date()
        wanted: dict[str, object] = {"closing reason": self.ending.reason, "closed on": self.ending.on}
        found: dict[str, object] = {"closing reason": complaint.closing_reason, "closed on": closed_on}
        for kind in COUNTED:
            wanted[kind] = getattr(self.ending, kind)
            found[kind] = happened[kind]
        return [f"{what}: {found[what]}, not {wanted[what]}" for what in wanted if found[what] != wanted[what]]


@dataclass(frozen=True)
class StoryOutcome:
    """The complaint of a story as the record has it; None if the record has none."""

    story: Story
    reference: str
    record: ComplaintHistory | None
    differences: tuple[str, ...]
    """List every difference from the expected ending."""


COUNTED = (
    EventKind.LAPSED,
    EventKind.CHASED,
    EventKind.ESCALATED_ON_LAPSE,
    EventKind.SIGNPOSTED,
    EventKind.REFUSED,
)


def on(when: str, act: type[Act], *, as_signal: bool = False, refused: Code | None = None, **fields: Any) -> StoryStep:
    """Return an act's step: `on("2030-12-18 10:15", Acknowledge, by="m.okafor")`."""
    return StoryStep(_london(when), act, fields, as_signal, refused)


def until(when: str) -> StoryStep:
    """Return a step in which only time passes."""
    return StoryStep(_london(when))


def _london(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=LONDON)
