"""Forms, policies and stories in few words. Times are local (London) unless they end in Z.

Monday 2 March 2026, 10:00, is when most stories begin: acknowledge by Wednesday 4, reply by Monday 16 March.
"""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from complaints.calendars.builder import calendar_between
from complaints.policies.loader import load_policy
from complaints.procedure.acts import (
    AcceptLate,
    Act,
    Classify,
    CloseInError,
    Correct,
    DeclineReview,
    Extend,
    GiveOpinion,
    LetterHeld,
    LetterSent,
    Reassign,
    ReassignUndertaking,
    Recalendar,
    Reopen,
    Reply,
    Settle,
)
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.enums import Alert, Code
from complaints.procedure.form import Form
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.policy import Policy
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import Answer, ComplaintState, Event, Start
from tests.fixtures.staff import DIRECTORY_RESULT, directory_result, with_deliveries

FOS = load_policy()
HOUSING = load_policy("housing-complaint-handling-code")
BY_HAND = load_policy("tries-by-hand")

MONDAY = "2026-03-02 10:00"
LONDON = ZoneInfo("Europe/London")

HANDLER, MANAGER, TEAM, ASSESSOR, LEAD, INTAKE = "hanna", "mark", "tess", "ida", "lee", "intake"
WHO = {
    "case_handler": HANDLER,
    "manager": MANAGER,
    "stage_1": MANAGER,
    "customer_complaints_team": TEAM,
    "stage_2": TEAM,
    "independent_assessor": ASSESSOR,
}
"""Who acts at a tier, unless a test says otherwise."""

USUALLY: dict[type[Act], dict[str, Any]] = {
    Reply: {"outcome": "upheld", "findings": "We were slow."},
    Correct: {"outcome": "not_upheld", "findings": "We were in time.", "reason": "It was another file."},
    Extend: {"explanation": "We wait for the file."},
    AcceptLate: {"reason": "She was in hospital."},
    Classify: {"reason": "It is about something else."},
    Reassign: {"reason": "On leave."},
    ReassignUndertaking: {"reason": "She has left."},
    Settle: {"explanation": "Sorted out over the telephone."},
    DeclineReview: {"ground": "enquiry_only", "explanation": "It was only a question."},
    GiveOpinion: {"satisfactory": True, "explanation": "The service was good."},
    LetterHeld: {"reason": "It came back."},
    Reopen: {"reason": "They had withdrawn another complaint."},
    CloseInError: {"reason": "A test that went to the wrong place."},
}
"""Default fields of acts."""

TO_ACT = {
    Alert.GIVEN,
    Alert.NOBODY_TO_HOLD,
    Alert.NO_CASE_HANDLER,
    Alert.REVIEW_REQUESTED,
    Alert.RECOMMENDATIONS_MADE,
    Alert.GOES_ON,
}
"""Occasions of alerts to those who are to act."""

COMPENSATION = {"kind": "compensation", "pence": 15_000}
APOLOGY = {"kind": "apology"}
OPEN = {"open": True, "answered_on": None}
POST = {"prefers": "post"}
ACTION = {"kind": "action", "what": "Send the file."}


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """Parse `2026-03-02 10:00` as local time, or `2026-07-01 23:30Z`; the result is in UTC."""
    if text.endswith("Z"):
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def local(instant: datetime, zone: ZoneInfo = LONDON) -> str:
    """Format as `2026-03-02 10:00`, with seconds where there are any."""
    there = instant.astimezone(zone)
    return there.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000").removesuffix(":00")


def day(text: str) -> date:
    return date.fromisoformat(text)


def form(**given: Any) -> Form:
    """Build a customer's form about a delay that the case handler knows; `given` fields replace."""
    case: dict[str, Any] = {"reference": "CASE-1", "open": False, "answered_on": "2026-02-20", "handler": HANDLER}
    complainant = {"name": "Ada Smith", "capacity": "customer", "email": "ada@example.org", "prefers": "email"}
    complainant |= {"address": "1 High Street, Leeds"}
    aspects = given.pop("aspects", ["delay"])
    return Form.model_validate(
        {
            "reference": "CSC-1",
            "received_at": at(MONDAY),
            "complainant": complainant | given.pop("complainant", {}),
            "case": case | given.pop("case", {}),
            "concerns": [{"aspect": aspect, "what_happened": "Nobody called back."} for aspect in aspects],
            "told_case_handler_on": "2026-02-25",
        }
        | given
    )


@cache
def _calendar(policy_id: str, region: str, zone: str) -> WorkingCalendar:
    named = next((policy for policy in (FOS, HOUSING, BY_HAND) if policy.id == policy_id), FOS)
    policy = named.model_copy(update={"region": region, "time_zone": zone})
    return calendar_between(policy, date(2024, 1, 1), date(2032, 12, 31))


def calendar_of(policy: Policy) -> WorkingCalendar:
    """Return the policy's calendar for 2024 to 2032."""
    return _calendar(policy.id, policy.region, policy.time_zone)


class Story:
    """A complaint and its clock. A step moves the clock and first fires scheduled events."""

    found: DirectoryResult = DIRECTORY_RESULT
    """The directory's answer about every actor."""

    def __init__(self, complaint: Complaint, now: datetime, start: Start | None = None) -> None:
        self.complaint = complaint
        self.now = now
        self.start = start
        self._acts = 0

    @property
    def state(self) -> ComplaintState:
        return self.complaint.state

    def at(self, when: str) -> Self:
        """The clock moves on."""
        self.now = at(when)
        self.complaint.elapse(self.now)
        return self

    def act(self, kind: type[Act], by: str | None = None, **given: Any) -> Act:
        """An act as it would be sent now. Times may be given as local text."""
        self._acts += 1
        for field in ("sent_at", "received_at", "made_at", "on"):
            if isinstance(given.get(field), str):
                given[field] = at(given[field])
        if (kind, by) == (LetterSent, POST_ROOM):  # the product always says when
            given = {"sent_at": self.now} | given
        given = {"id": f"act {self._acts}"} | USUALLY.get(kind, {}) | given
        return kind.model_validate({"by": by or WHO.get(self.state.tier_id or "", INTAKE)} | given)

    def does(self, kind: type[Act], by: str | None = None, **given: Any) -> Answer:
        """The act is taken."""
        answer = self.sends(kind, by, **given)
        assert answer.code == DONE, answer.sentence
        return answer

    def sends(self, kind: type[Act], by: str | None = None, **given: Any) -> Answer:
        """The act is sent as a signal: it is taken, or its refusal is put on the record."""
        act = self.act(kind, by, **given)
        return self.complaint.apply(act, self.now, with_deliveries(self.found, act))

    def refuses(self, code: Code, kind: type[Act], by: str | None = None, **given: Any) -> Refusal:
        """The act may not be done, for this reason; the complaint is as it was."""
        before = self.state.model_dump()
        act = self.act(kind, by, **given)
        refusal = self.complaint.may(act, self.now, with_deliveries(self.found, act))
        assert refusal, "it may be done"
        assert refusal.code is code, refusal.sentence
        assert self.state.model_dump() == before
        return refusal

    def events(self, kind: str, /, **detail: Any) -> list[Event]:
        return [event for event in self.state.events if event.kind == kind and detail.items() <= event.detail.items()]

    def times(self, kind: str, /, **detail: Any) -> list[str]:
        """When it happened, local."""
        return [local(event.at) for event in self.events(kind, **detail)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.state.events]

    def alerts(self) -> list[tuple[str, list[str]]]:
        """Return the occasion and the recipients of every alert but `alerts_to_act`."""
        return [alert for alert in self._alerts() if alert[0] not in TO_ACT]

    def alerts_to_act(self) -> list[tuple[str, list[str]]]:
        """Return the occasion and the recipients of every alert to those who are to act (R6)."""
        return [alert for alert in self._alerts() if alert[0] in TO_ACT]

    def _alerts(self) -> list[tuple[str, list[str]]]:
        return [(event.detail["occasion"], event.detail["to"]) for event in self.events("alerted")]

    def alert_times(self) -> list[str]:
        """Return when each of `alerts()` was owed, in local time."""
        return [local(event.at) for event in self.events("alerted") if event.detail["occasion"] not in TO_ACT]

    def assign(self, staff: str | None) -> Self:
        """The directory answers who holds the complaint; None: nobody."""
        query = self.complaint.directory_query((), self.now)
        assert query
        assert query.assignment
        self.complaint.apply_directory_result(query, directory_result(staff), self.now)
        return self

    def letters(self) -> list[str]:
        return [event.detail["occasion"] for event in self.events("letter")]

    def deadline(self, kind: str, tier: str | None = None, recommendation: int | None = None) -> Deadline:
        """Return the latest deadline of its kind."""
        return next(
            deadline
            for deadline in reversed(self.state.deadlines)
            if deadline.kind == kind and tier in (None, deadline.tier) and deadline.recommendation == recommendation
        )

    @property
    def next_due(self) -> str | None:
        following = self.complaint.next_due()
        return local(following.at) if following else None

    @property
    def window_ends(self) -> str | None:
        assert self.state.window, "no window is open"
        return local(self.state.window.ends_at) if self.state.window.ends_at else None

    @property
    def closed(self) -> str | None:
        return self.state.closing.reason if self.state.closing else None


def opened(when: str = MONDAY, *, policy: Policy = FOS, received_at: str | None = None, **given: Any) -> Story:
    """A complaint comes in, received now by default. The directory knows the case handler."""
    now = at(when)
    received = at(received_at) if received_at else now
    start = Start(
        form=form(received_at=received, **given),
        policy=policy,
        calendar=calendar_of(policy),
        opened_by=INTAKE,
        form_digest="digest",
    )
    story = Story(Complaint.open(start, now), now, start)
    if story.state.awaits_assignment and story.state.is_with_case_handler_step:
        story.assign(start.form.case.handler)
    return story


def replied(when: str = "2026-03-05 10:00", **given: Any) -> Story:
    """A manager has replied; the complainant may go on."""
    story = opened(**given).at(when)
    story.does(Reply)
    return story


def closed_untaken() -> Story:
    """A manager replied, the window ended on Saturday 4 April, and the complaint closed."""
    story = replied("2026-03-04 10:00").at("2026-04-10 10:00")
    assert story.closed == "not_taken_further"
    return story


def with_holidays(story: Story, *add: str, strike: tuple[str, ...] = ()) -> WorkingCalendar:
    """The complaint's calendar with some days more, or less."""
    known = story.state.calendar
    holidays = known.holidays | {day(on): "State funeral" for on in add}
    kept = {on: name for on, name in holidays.items() if str(on) not in strike}
    return known.model_copy(update={"holidays": kept, "version": f"{known.version}, amended {add} {strike}"})


def announce(story: Story, *add: str, strike: tuple[str, ...] = ()) -> Story:
    story.does(Recalendar, by="op", calendar=with_holidays(story, *add, strike=strike), reason="It was announced.")
    return story
