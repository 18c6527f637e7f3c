"""The refusals that can happen, by act: each has a counter from the worker's start."""

from collections.abc import Iterator

from complaints.procedure import acts
from complaints.procedure.acts import ACTS, Act, LetterAct
from complaints.procedure.complaint import UNKNOWN_ACT
from complaints.procedure.enums import Code

OF_ANY_ACT = (
    *(Code.UNREADABLE, Code.ID_TAKEN, Code.CLOSED, Code.NOT_NOW, Code.ALREADY_DONE, Code.BEYOND_CALENDAR),
    *(Code.UNKNOWN_STAFF, Code.INACTIVE_STAFF, Code.UNCONFIRMED),
    *(Code.WRONG_ROLE, Code.ASSESSOR_HOLDS_OTHER_ROLE),
    *(Code.WAS_CASE_HANDLER, Code.ACTED_EARLIER),
)
OF_LETTERS = (
    *(Code.IN_FUTURE, Code.BEFORE_CLOCK, Code.IN_PAST),
    *(Code.NO_ADDRESS, Code.TIER_PASSED, Code.NO_SUCH_TIER),
)
OF_ONE: dict[type[Act], tuple[Code, ...]] = {
    acts.Acknowledge: (Code.NO_SUCH_DEADLINE,),
    acts.Extend: (
        *(Code.NO_SUCH_DEADLINE, Code.NOT_A_WORKING_DAY, Code.NOT_LATER),
        *(Code.TOO_LONG, Code.TOO_MANY_EXTENSIONS),
    ),
    acts.Escalate: (
        *(Code.ALREADY_ESCALATED, Code.NO_FURTHER_TIER, Code.NO_SUCH_TIER),
        *(Code.TOO_EARLY, Code.WINDOW_ENDED, Code.IN_FUTURE, Code.BEFORE_CLOCK),
    ),
    acts.AcceptLate: (Code.NOTHING_LATE,),
    acts.Classify: (Code.NO_SUCH_NUMBER,),
    acts.Resolve: (Code.OPINION_STANDS,),
    acts.Withdraw: (Code.OPINION_STANDS,),
    acts.CaseClosed: (Code.NO_CASE, Code.IN_FUTURE),
    acts.CaseReopened: (Code.NO_CASE, Code.IN_FUTURE),
    acts.AskManager: (Code.WINDOW_ENDED, Code.IN_FUTURE, Code.BEFORE_CLOCK),
    acts.AddInformation: (Code.FORM_FULL, Code.IN_FUTURE),
    acts.ChangeContact: (Code.FORM_FULL, Code.NO_ADDRESS),
    acts.AcceptReview: (Code.CASE_OPEN,),
    acts.AnswerRecommendation: (Code.ALREADY_ANSWERED, Code.NO_SUCH_NUMBER, Code.IN_PAST),
    acts.CarryOut: (Code.NO_SUCH_NUMBER,),
    acts.NotCarriedOut: (Code.NO_SUCH_NUMBER, Code.IN_PAST),
    acts.ReassignUndertaking: (Code.NO_SUCH_NUMBER,),
    acts.Reopen: (Code.OPINION_STANDS, Code.WINDOW_ENDED),
    acts.ChangePolicy: (Code.NO_SUCH_TIER,),
    acts.LetterHeld: (Code.NO_SUCH_NUMBER,),
    acts.LetterSent: (Code.NO_SUCH_NUMBER, Code.NO_ADDRESS, Code.IN_FUTURE, Code.BEFORE_CLOCK),
}


def possible_refusals() -> Iterator[tuple[str, Code]]:
    """Yield each act's name with each code by which it may be refused."""
    yield UNKNOWN_ACT, Code.UNKNOWN_ACT
    for act in ACTS:
        letters = OF_LETTERS if issubclass(act, LetterAct) else ()
        for code in dict.fromkeys((*OF_ANY_ACT, *letters, *OF_ONE.get(act, ()))):
            yield act.name, code
