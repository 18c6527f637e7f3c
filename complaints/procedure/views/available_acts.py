"""What may be done with a complaint now: each act is tried on it in its plainest form."""

from collections.abc import Iterator
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

DAY = timedelta(days=1)
_WORDS = "…"
_SOMEBODY = "somebody"
_WHO = {"id": "possible", "by": _SOMEBODY}

_MINIMAL_ACTS: tuple[Act, ...] = (
    acts.Acknowledge(**_WHO),
    acts.Reply(**_WHO, outcome=Outcome.NOT_UPHELD, findings=_WORDS),
    acts.Escalate(**_WHO),
    acts.AcceptLate(**_WHO, reason=_WORDS),
    acts.Resolve(**_WHO),
    acts.Withdraw(**_WHO),
    acts.Reassign(**_WHO, to=_SOMEBODY, reason=_WORDS),
    acts.CaseClosed(**_WHO),
    acts.CaseReopened(**_WHO),
    acts.AskManager(**_WHO),
    acts.Settle(**_WHO, explanation=_WORDS),
    acts.AcceptReview(**_WHO, exceptionally=_WORDS),
    acts.DeclineReview(**_WHO, ground=Ground.ENQUIRY_ONLY, explanation=_WORDS),
    acts.GiveOpinion(**_WHO, satisfactory=True, explanation=_WORDS),
    acts.CloseInError(**_WHO, reason=_WORDS),
)


_PLACES = {act: place for place, act in enumerate(acts.ACTS)}


class AvailableAct(NamedTuple):
    """An act that would be taken, and the number of what it is about, where only some numbers would do."""

    act: type[Act]
    number: int | None = None


def available_acts(complaint: Complaint, now: datetime, by: StaffAuthority | None = None) -> list[AvailableAct]:
    """In the order of the table of acts. A letter of a tier already left, and what was received earlier, may do too.

    `by`: for whom it is asked (R11); None: for somebody new to the complaint, who has whatever role an act takes.
    """
    c = complaint.state
    tried: list[Act] = [*_MINIMAL_ACTS, *_fitted(c, now)]
    directory: DirectoryResult | NotChecked = NOT_CHECKED
    if by:
        tried = [act.model_copy(update={"by": by.id}) for act in tried]
        directory = DirectoryResult(authorities=(by, _somebody_at(c)))
    taken = [
        AvailableAct(type(act), _number(act))
        for act in complaint.allowed_acts(tried, now, directory)
        if _is_news(c, act)
    ]
    return sorted(taken, key=lambda each: (_PLACES[each.act], each.number or 0))


def _somebody_at(c: ComplaintState) -> StaffAuthority:
    """To whom a complaint may be given."""
    return StaffAuthority(id=_SOMEBODY, roles=(c.tier_period.tier,) if c.tier_periods else ())


def _fitted(c: ComplaintState, now: datetime) -> Iterator[Act]:
    """The acts whose plainest form depends on the complaint."""
    other = Aspect.NOT_KEPT_UPDATED if c.aspects[0] is Aspect.DELAY else Aspect.DELAY
    yield acts.Classify(**_WHO, concern=1, aspect=other, reason=_WORDS)
    deadline = c.running_deadline(DeadlineKind.REPLY)
    if deadline:
        latest = max(deadline.due_on, c.calendar.day_of(now) - DAY)
        with suppress(BeyondCalendarError):
            yield acts.Extend(**_WHO, to=c.calendar.working_day_after(latest, 1), explanation=_WORDS)
    for recommendation in c.recommendations:
        yield acts.AnswerRecommendation(**_WHO, recommendation=recommendation.number, accepted=True)
    for undertaking in c.undertakings:
        yield acts.CarryOut(**_WHO, undertaking=undertaking.number)
    for letter in c.held:
        yield acts.LetterSent(**_WHO, letter=letter)


def _number(act: Act) -> int | None:
    if isinstance(act, acts.AnswerRecommendation):
        return act.recommendation
    if isinstance(act, acts.LetterSent):
        return act.letter
    return act.undertaking if isinstance(act, acts.CarryOut) else None


def _is_news(c: ComplaintState, act: Act) -> bool:
    """The case system may say again what is known; that is taken, and changes nothing."""
    if isinstance(act, acts.CaseClosed):
        return c.case.open
    return not (isinstance(act, acts.CaseReopened) and c.case.open)
