"""List the acts that would be accepted now, by trying a minimal form of each."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import BeyondCalendarError
from complaints.procedure.directory_lookup import NOT_CHECKED, DirectoryResult, NotChecked, StaffAuthority
from complaints.procedure.enums import Aspect, DeadlineKind, Ground, Outcome
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.undertaking_authorization import UNDERTAKING_ACTS

DAY = timedelta(days=1)
_TEXT = "…"
_SOMEBODY = "somebody"
_NEW_OWNER = "somebody.else"
_COMMON = {"id": "possible", "by": _SOMEBODY}

_MINIMAL_ACTS: tuple[Act, ...] = (
    acts.Acknowledge(**_COMMON),
    acts.Reply(**_COMMON, outcome=Outcome.NOT_UPHELD, findings=_TEXT),
    acts.Correct(**_COMMON, outcome=Outcome.NOT_UPHELD, findings=_TEXT, reason=_TEXT),
    acts.Escalate(**_COMMON),
    acts.AcceptLate(**_COMMON, reason=_TEXT),
    acts.Resolve(**_COMMON),
    acts.Withdraw(**_COMMON),
    acts.Reassign(**_COMMON, to=_SOMEBODY, reason=_TEXT),
    acts.CaseClosed(**_COMMON),
    acts.CaseReopened(**_COMMON),
    acts.AskManager(**_COMMON),
    acts.Settle(**_COMMON, explanation=_TEXT),
    acts.AddInformation(**_COMMON, note=_TEXT),
    acts.ChangeContact(**_COMMON, email="somebody@example.org"),
    acts.AcceptReview(**_COMMON, exceptionally=_TEXT),
    acts.DeclineReview(**_COMMON, ground=Ground.ENQUIRY_ONLY, explanation=_TEXT),
    acts.GiveOpinion(**_COMMON, satisfactory=True, explanation=_TEXT),
    acts.CloseInError(**_COMMON, reason=_TEXT),
    acts.Reopen(**_COMMON, reason=_TEXT),
)


_ORDER = {act: position for position, act in enumerate(acts.ACTS)}


class AvailableAct(NamedTuple):
    """An act that would be accepted; with `number`, only for that undertaking or the like."""

    act: type[Act]
    number: int | None = None


def available_acts(
    complaint: Complaint,
    now: datetime,
    by: StaffAuthority | None = None,
    kinds: Collection[type[Act]] = acts.ACTS,
) -> list[AvailableAct]:
    """Return the available acts of these kinds, in the order of `ACTS`.

    A letter of a tier that the complaint has left, or an act with an earlier `received_at`, may be accepted too.
    `by`: the actor (R11); None: somebody new to the complaint, with every role that an act requires.
    """
    c = complaint.state
    candidates = [act for act in (*_MINIMAL_ACTS, *_acts_for(c, now)) if type(act) in kinds]
    directory: DirectoryResult | NotChecked = NOT_CHECKED
    if by:
        candidates = [act.model_copy(update={"by": by.id}) for act in candidates]
        directory = DirectoryResult(authorities=(by, _assignable_somebody(c), _possible_owner(c)))
    available = [
        AvailableAct(type(act), _number(act))
        for act in complaint.allowed_acts(candidates, now, directory)
        if _changes_something(c, act)
    ]
    return sorted(available, key=lambda each: (_ORDER[each.act], each.number or 0))


def _assignable_somebody(c: ComplaintState) -> StaffAuthority:
    """Return an invented member of staff who may receive the complaint."""
    return StaffAuthority(id=_SOMEBODY, roles=(c.tier_period.tier,) if c.tier_periods else ())


def _possible_owner(c: ComplaintState) -> StaffAuthority:
    """Return an invented member of staff who may receive any of the undertakings."""
    return StaffAuthority(id=_NEW_OWNER, roles=tuple(tier for each in c.undertakings for tier in each.tiers))


def _acts_for(c: ComplaintState, now: datetime) -> Iterator[Act]:
    """Yield the acts whose minimal form depends on the complaint."""
    other = Aspect.NOT_KEPT_UPDATED if c.aspects[0] is Aspect.DELAY else Aspect.DELAY
    yield acts.Classify(**_COMMON, concern=1, aspect=other, reason=_TEXT)
    deadline = c.running_deadline(DeadlineKind.REPLY)
    if deadline:
        latest = max(deadline.due_on, c.calendar.day_of(now) - DAY)
        with suppress(BeyondCalendarError):
            yield acts.Extend(**_COMMON, to=c.calendar.working_day_after(latest, 1), explanation=_TEXT)
    for recommendation in c.recommendations:
        yield acts.AnswerRecommendation(**_COMMON, recommendation=recommendation.number, accepted=True)
    for undertaking in c.undertakings:
        yield acts.CarryOut(**_COMMON, undertaking=undertaking.number)
        yield acts.NotCarriedOut(**_COMMON, undertaking=undertaking.number, reason=_TEXT)
        yield acts.ReassignUndertaking(**_COMMON, undertaking=undertaking.number, to=_NEW_OWNER, reason=_TEXT)
    for letter in c.held:
        yield acts.LetterSent(**_COMMON, letter=letter)


def _number(act: Act) -> int | None:
    if isinstance(act, acts.AnswerRecommendation):
        return act.recommendation
    if isinstance(act, acts.LetterSent):
        return act.letter
    return act.undertaking if isinstance(act, UNDERTAKING_ACTS) else None


def _changes_something(c: ComplaintState, act: Act) -> bool:
    """Leave out statements about the case that are accepted but change nothing."""
    if isinstance(act, acts.CaseClosed):
        return c.case.open
    return not (isinstance(act, acts.CaseReopened) and c.case.open)
