"""What a story is made of: a form, steps with their dates, and how it must end. Times are London's."""

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
"""Every story starts on this Tuesday, so that Christmas falls in the time for the reply, whenever the demo is run."""

OPENED_BY = "intake"

EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Step:
    """At `at`, somebody does `act`; without one, only time passes until then."""

    at: datetime
    act: type[Act] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    as_signal: bool = False
    refused: Code | None = None
    """The code of the refusal that must come; None: the act is taken."""

    def build(self, id: str, **fields: Any) -> Act:  # noqa: A002 - the act's own name for it
        assert self.act, "a step that only waits has no act"
        return self.act.model_validate({"id": id, **self.fields, **fields})


@dataclass(frozen=True)
class Ending:
    """How a story must end: closed, why and on which day, and how often each of these happened on the way."""

    reason: ClosingReason
    on: date
    lapsed: int = 0
    chased: int = 0
    escalated_on_lapse: int = 0
    signposted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Story:
    """One complaint's."""

    title: str
    form: str
    """The name of a file of `examples`."""
    steps: tuple[Step, ...]
    ending: Ending

    def read_form(self) -> Form:
        """The form as if it had been received at the virtual start: all its dates move by the same number of days."""
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

    def differences(self, told: ComplaintHistory) -> list[str]:
        """What ended otherwise than the story says, one line for each; empty if all is as told."""
        happened = Counter(event.kind for event in told.events)
        closed_on = told.closed_at and told.closed_at.astimezone(LONDON).date()
        wanted: dict[str, object] = {"closing reason": self.ending.reason, "closed on": self.ending.on}
        found: dict[str, object] = {"closing reason": told.closing_reason, "closed on": closed_on}
        for kind in COUNTED:
            wanted[kind] = getattr(self.ending, kind)
            found[kind] = happened[kind]
        return [f"{what}: {found[what]}, not {wanted[what]}" for what in wanted if found[what] != wanted[what]]


@dataclass(frozen=True)
class StoryOutcome:
    """What became of a story's complaint, as the record has it; None: it is not there."""

    story: Story
    reference: str
    record: ComplaintHistory | None
    differences: tuple[str, ...]
    """From what the story says; empty if all is as told."""


COUNTED = (
    EventKind.LAPSED,
    EventKind.CHASED,
    EventKind.ESCALATED_ON_LAPSE,
    EventKind.SIGNPOSTED,
    EventKind.REFUSED,
)


def on(when: str, act: type[Act], *, as_signal: bool = False, refused: Code | None = None, **fields: Any) -> Step:
    """An act: `on("2030-12-18 10:15", Acknowledge, by="m.okafor")`."""
    return Step(_london(when), act, fields, as_signal, refused)


def until(when: str) -> Step:
    """Nobody does anything until then."""
    return Step(_london(when))


def _london(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=LONDON)
