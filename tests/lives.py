"""Random lives of complaints: a form, and what is told to it after which waiting.

A move says what happens in terms that make sense in any life; `act_of` makes an act of it, where the complaint then
stands. So most acts fit, some do not, and the same life can be lived by the pure procedure and by the server.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from complaints.calendars.builder import load_policy
from complaints.procedure.acts import (
    ACTS,
    AcceptLate,
    AcceptReview,
    Acknowledge,
    Act,
    AnswerRecommendation,
    AskManager,
    CarryOut,
    CaseClosed,
    CaseReopened,
    ChangePolicy,
    Classify,
    CloseInError,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    LetterHeld,
    LetterSent,
    Reassign,
    Recalendar,
    Reply,
    Settle,
    Withdraw,
)
from complaints.procedure.enums import Aspect, Ground, Outcome, Status
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy

HANDLER, LEAD = "hanna", "lee"
LONGEST_WAIT = timedelta(days=120)

FOS = load_policy()
FOUR_TIERS = Policy.model_validate(
    FOS.model_dump()
    | {
        "id": "four-tiers",
        "case_handler": None,
        "tiers": [
            {
                "id": f"stage_{number}",
                "title": f"Stage {number}",
                "acknowledge_within": {"working_days": 1},
                "reply": {
                    "within": {"working_days": 5},
                    "counts_from": "acknowledgement" if number == 2 else "receipt",
                    "chase_every": {"working_days": 2},
                    "escalate_after_lapse": {"working_days": 3},
                },
                "window": {"working_days": 10},
            }
            for number in (1, 2, 3)
        ]
        + [FOS.tiers[-1].model_dump()],
    }
)
"""Passes a neglected complaint on three times; the second stage's reply counts from its acknowledgement."""

POLICIES = (FOS, load_policy("housing-complaint-handling-code"), load_policy("tries-by-hand"), FOUR_TIERS)

LIKELY: dict[Status, tuple[type[Act], ...]] = {
    Status.WITH_CASE_HANDLER: (AskManager, AskManager, AskManager, Settle, Settle, Settle, Classify, Reassign),
    Status.AWAITING_ACKNOWLEDGEMENT: (Acknowledge, Acknowledge, Reply, Extend, Escalate, Classify, Reassign),
    Status.AWAITING_REPLY: (Reply, Reply, Reply, Extend, Extend, Escalate, Acknowledge, Classify),
    Status.AWAITING_COMPLAINANT: (Escalate, Escalate, Escalate, AskManager, CaseClosed, CaseReopened, CarryOut),
    Status.AWAITING_CASE_CLOSING: (CaseClosed, CaseClosed, AcceptReview, CarryOut),
    Status.AWAITING_ADMISSION: (AcceptReview, AcceptReview, AcceptReview, DeclineReview, DeclineReview, CaseReopened),
    Status.AWAITING_OPINION: (GiveOpinion, GiveOpinion, GiveOpinion, CaseReopened),
    Status.AWAITING_RECOMMENDATIONS: (AnswerRecommendation, AnswerRecommendation, AnswerRecommendation, CarryOut),
    Status.CLOSED: (Escalate, AskManager, AcceptLate, Classify, CarryOut, CaseReopened),
}
"""What may well be done next; what fits more often stands there more often."""

REMEDIES: tuple[tuple[dict[str, Any], ...], ...] = (
    (),
    ({"kind": "apology"},),
    ({"kind": "compensation", "pence": 5_000},),
    ({"kind": "apology"}, {"kind": "compensation", "pence": 25_001}, {"kind": "action", "what": "Send the file."}),
)


TOLD = tuple(act for act in ACTS if act not in (Recalendar, ChangePolicy))
"""What happens in a life; that the dates of a whole life are counted afresh is for tests of its own."""


class Move(NamedTuple):
    """A wait, and then an act."""

    wait: timedelta
    until_due: int | None
    """Wait instead until so many microseconds after the next instant at which anything is due."""
    kind: type[Act] | None
    """None: one that is likely where the complaint then stands."""
    pick: int
    again: bool
    """The act before comes once more, in place of a new one."""
    by: int
    back: timedelta | None
    """How long ago the letter was sent or received, or the case changed; None: now."""
    signalled: timedelta | None
    """It comes as a signal that was sent so long ago; None: it comes as an update."""
    ahead: int | None
    """In how many days a date lies; None: no date, where one may be left out."""
    number: int
    yes: bool

    def instant(self, now: datetime, next_due_at: datetime | None, longest: timedelta) -> datetime:
        """When it comes, after no longer than that."""
        if self.until_due is None or next_due_at is None:
            return now + self.wait
        return max(now, min(next_due_at + timedelta(microseconds=self.until_due), now + longest))

    def at_pace(self, pace: int) -> "Move":
        """All its spans so many times as short."""
        return self._replace(
            wait=self.wait / pace,
            back=None if self.back is None else self.back / pace,
            signalled=None if self.signalled is None else self.signalled / pace,
        )


class Life(NamedTuple):
    """All that is told to a complaint."""

    policy_id: str
    form: Form
    opened_at: datetime
    moves: list[Move]

    @property
    def policy(self) -> Policy:
        return next(policy for policy in POLICIES if policy.id == self.policy_id)

    @property
    def longest_wait(self) -> timedelta:
        return LONGEST_WAIT / pace_of(self.policy)


def pace_of(policy: Policy) -> int:
    """Where days are seconds, whoever waits for a month is chased ten thousand times."""
    return 10_000 if policy.undertakings.within.seconds else 1


def act_of(move: Move, act_id: str, status: Status, tier: str | None, now: datetime) -> Act:
    """The act that the move is, where the complaint stands so."""
    likely = LIKELY[status]
    kind = move.kind or likely[move.pick % len(likely)]
    given: dict[str, Any] = {"id": act_id, "by": _by(move, kind, tier)}
    if move.signalled is not None:
        given["made_at"] = now - move.signalled
    return kind.model_validate(given | _said(move, kind, now))


def _by(move: Move, kind: type[Act], tier: str | None) -> str:
    if kind in (AcceptLate, CloseInError, AnswerRecommendation, CarryOut, Reassign) and move.by < 6:
        return LEAD
    here = f"staff.{tier}"
    if kind in (AcceptReview, GiveOpinion) and move.by < 7:
        return here
    return (here, here, here, here, here, f"also.{tier}", HANDLER, "staff.manager")[move.by]


def _said(move: Move, kind: type[Act], now: datetime) -> dict[str, Any]:
    instant = None if move.back is None else now - move.back
    day = None if move.ahead is None else (now + timedelta(days=move.ahead)).date()
    number, remedies = 1 + move.number % 3, REMEDIES[move.number % len(REMEDIES)]
    if kind is Acknowledge:
        return {"sent_at": instant}
    if kind is Reply:
        outcome = tuple(Outcome)[move.number % 3]
        remedies = () if outcome is Outcome.NOT_UPHELD else remedies
        by = day if any(remedy["kind"] != "apology" for remedy in remedies) else None
        channel = ("email", "post", None)[move.pick % 3]
        letter = {"sent_at": instant, "channel": channel}
        return letter | {"outcome": outcome, "findings": "So it was.", "remedies": remedies, "carry_out_by": by}
    if kind is Extend:
        return {"to": day or (now + timedelta(days=7)).date(), "explanation": "We wait for the file."}
    if kind is Escalate:
        to = (
            ("independent_assessor", "customer_complaints_team", "stage_2")[move.number % 3] if move.pick == 7 else None
        )
        return {"received_at": instant, "to": to}
    if kind is AskManager:
        return {"received_at": instant}
    if kind in (CaseClosed, CaseReopened):
        return {"on": instant}
    if kind is Classify:
        return {"concern": number, "aspect": tuple(Aspect)[move.number % 6], "reason": "It is about that."}
    if kind is Reassign:
        return {"to": ("ann", "bob", HANDLER)[move.number % 3], "reason": "On leave."}
    if kind is Withdraw:
        return {"reason": None}
    if kind is AcceptReview:
        return {"exceptionally": "It will last for years." if move.yes else None}
    if kind is DeclineReview:
        return {"ground": tuple(Ground)[move.number % 4], "explanation": "It was a question."}
    if kind is GiveOpinion:
        recommended = () if move.yes else REMEDIES[1 + move.number % 3]
        return {"satisfactory": move.yes, "explanation": "So it was.", "recommendations": recommended}
    if kind is AnswerRecommendation:
        answer = {"recommendation": number, "accepted": move.yes, "reason": "It is not ours to do."}
        return answer | {"carry_out_by": day if move.yes else None}
    if kind is CarryOut:
        return {"undertaking": number}
    if kind is LetterHeld:
        return {"letter": 1 + move.number, "reason": "It came back."}
    if kind is LetterSent:
        return {"letter": 1 + move.number, "sent_at": instant, "channel": ("email", "post", None)[move.pick % 3]}
    if kind in (AcceptLate, CloseInError):
        return {"reason": "It is better so."}
    if kind is Settle:
        return {"explanation": "Sorted out."}
    return {}


short = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(seconds=7), timedelta(minutes=3)])
waits = st.one_of(
    short,
    st.integers(1, 60).map(lambda seconds: timedelta(seconds=seconds)),
    st.integers(1, 200).map(lambda hours: timedelta(hours=hours)),
    st.integers(1, LONGEST_WAIT.days).map(lambda days: timedelta(days=days)),
)
ago = st.one_of(short, st.integers(1, 400).map(lambda hours: timedelta(hours=hours)))
rarely = st.sampled_from([False] * 9 + [True])

moves = st.builds(
    Move,
    wait=waits,
    until_due=st.one_of(st.none(), st.none(), st.sampled_from([-1, 0, 1])),
    kind=st.sampled_from([None] * 110 + list(TOLD)),
    pick=st.integers(0, 7),
    again=rarely,
    by=st.integers(0, 7),
    back=st.one_of(st.none(), ago),
    signalled=st.one_of(st.none(), st.none(), ago),
    ahead=st.one_of(st.none(), st.integers(-3, 40)),
    number=st.integers(0, 11),
    yes=st.booleans(),
)

openings = st.datetimes(datetime(2025, 1, 1), datetime(2027, 6, 30)).map(  # noqa: DTZ001 (hypothesis wants them so)
    lambda instant: instant.replace(tzinfo=UTC, microsecond=0)
)


@st.composite
def forms(draw: st.DrawFn, policy: Policy, opened_at: datetime, reference: str = "LIFE-1") -> Form:
    """A form that intake would take: received up to some months ago."""
    ago = draw(st.one_of(short, short, st.integers(1, 200).map(lambda days: timedelta(days=days))))
    received_at = opened_at - ago / pace_of(policy)
    received_on = received_at.date()
    told = draw(st.one_of(st.none(), st.integers(1, 30)))
    answered = draw(st.one_of(st.none(), st.integers(0, 150)))
    service = [aspect for aspect in Aspect if aspect.is_service]
    aspects = draw(
        st.one_of(
            st.lists(st.sampled_from(service), min_size=1, max_size=2),
            st.lists(st.sampled_from(tuple(Aspect)), min_size=1, max_size=3),
        )
    )
    return Form.model_validate(
        {
            "reference": reference,
            "received_at": received_at,
            "complainant": {
                "name": "Ada Smith",
                "capacity": "customer",
                "email": "ada@example.org",
                "address": "1 High Street, Leeds",
                "prefers": draw(st.sampled_from(["email", "post"])),
            },
            "case": {
                "reference": "CASE-1",
                "open": policy.case_may_be_open and draw(st.booleans()),
                "answered_on": None if answered is None else _before(received_on, answered),
                "handler": draw(st.sampled_from([HANDLER, None])),
            },
            "concerns": [{"aspect": aspect, "what_happened": "Nobody called back."} for aspect in aspects],
            "told_case_handler_on": None if told is None else _before(received_on, told),
        }
    )


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


@st.composite
def lives(draw: st.DrawFn, policies: tuple[Policy, ...] = POLICIES, shortest: int = 6, longest: int = 24) -> Life:
    policy = draw(st.sampled_from(policies))
    opened_at = draw(openings)
    told = [move.at_pace(pace_of(policy)) for move in draw(st.lists(moves, min_size=shortest, max_size=longest))]
    return Life(policy.id, draw(forms(policy, opened_at)), opened_at, told)
