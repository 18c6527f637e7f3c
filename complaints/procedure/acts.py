"""Every act as a model, and the table of acts.

To add an act, see CONTRIBUTING.md.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from complaints.procedure.act_models.act_types import Act as Act
from complaints.procedure.act_models.act_types import KeyedAct as KeyedAct
from complaints.procedure.act_models.act_types import LetterAct as LetterAct
from complaints.procedure.act_models.act_types import TierLetterAct as TierLetterAct
from complaints.procedure.act_models.information_acts import AddInformation as AddInformation
from complaints.procedure.act_models.information_acts import ChangeContact as ChangeContact
from complaints.procedure.act_models.operation_acts import ChangePolicy as ChangePolicy
from complaints.procedure.act_models.operation_acts import LetterHeld as LetterHeld
from complaints.procedure.act_models.operation_acts import LetterSent as LetterSent
from complaints.procedure.act_models.operation_acts import Recalendar as Recalendar
from complaints.procedure.act_models.review_acts import AcceptReview as AcceptReview
from complaints.procedure.act_models.review_acts import AnswerRecommendation as AnswerRecommendation
from complaints.procedure.act_models.review_acts import CarryOut as CarryOut
from complaints.procedure.act_models.review_acts import DeclineReview as DeclineReview
from complaints.procedure.act_models.review_acts import GiveOpinion as GiveOpinion
from complaints.procedure.act_models.review_acts import NotCarriedOut as NotCarriedOut
from complaints.procedure.act_models.review_acts import ReassignUndertaking as ReassignUndertaking
from complaints.procedure.enums import Aspect, Outcome, RemedyKind
from complaints.procedure.field_types import Day, Instant, LongText, Number, StaffId, YesNo
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import TierId
from complaints.procedure.remedies import Remedy


class Acknowledge(TierLetterAct):
    name = "acknowledge"
    description = "Tell the complainant that the tier has received the complaint."
    requires = Permission.STAFF_HERE


class ReplyContent(LetterAct):
    """Base of a reply and of its correction."""

    outcome: Outcome
    findings: LongText
    remedies: Annotated[tuple[Remedy, ...], Field(max_length=20)] = ()
    carry_out_by: Day | None = None
    """For remedies that are undertakings; None: by the policy's allowance."""

    @model_validator(mode="after")
    def _remedies_match_outcome(self) -> Self:
        if self.outcome is Outcome.NOT_UPHELD and self.remedies:
            raise ValueError("remedies: a complaint that is not upheld has none; leave them out")
        if self.carry_out_by and all(remedy.kind is RemedyKind.APOLOGY for remedy in self.remedies):
            raise ValueError("carry_out_by: there is no action or compensation to carry out; leave it out")
        return self


class Reply(ReplyContent, TierLetterAct):
    name = "reply"
    description = "Reply fully, with findings, an outcome and remedies."
    requires = Permission.STAFF_HERE


class Correct(ReplyContent):
    name = "correct"
    description = "Correct the reply, and write to the complainant about it."
    requires = Permission.HOLDER_OR_LEAD

    reason: LongText


class Extend(TierLetterAct):
    name = "extend"
    description = "Take more time for the reply, and tell the complainant why."
    requires = Permission.STAFF_HERE

    to: Day
    explanation: LongText


class Escalate(KeyedAct):
    name = "escalate"
    description = "Take the complaint to the next tier, because the complainant is still unhappy."

    to: TierId | None = None
    reason: LongText | None = None
    received_at: Instant | None = None
    from_complainant: YesNo = False
    """Whether the complainant asked for this tier; if it is too early, they get a letter that says so (R7)."""


class AcceptLate(Act):
    name = "accept_late"
    description = "Take a complaint or an escalation that came out of time, as a lead."
    requires = Permission.RECEIVING_LEAD

    reason: LongText


class Classify(Act):
    name = "classify"
    description = "Move a concern to another aspect."
    requires = Permission.HOLDER_OR_LEAD

    concern: Number
    aspect: Aspect
    reason: LongText


class Resolve(KeyedAct):
    name = "resolve"
    description = "Close the complaint as resolved, because the complainant says so."


class Withdraw(KeyedAct):
    name = "withdraw"
    description = "Withdraw the complaint for the complainant."

    reason: LongText | None = None


class Reassign(Act):
    name = "reassign"
    description = "Give the complaint to another member of staff at its tier."
    requires = Permission.HOLDER_OR_LEAD

    to: StaffId
    reason: LongText


class CaseClosed(KeyedAct):
    name = "case_closed"
    description = "Record that the case has closed."

    on: Instant | None = None
    """None: now."""


class CaseReopened(KeyedAct):
    name = "case_reopened"
    description = "Record that the case was opened again."

    on: Instant | None = None
    """None: now."""


class AskManager(KeyedAct):
    name = "ask_manager"
    description = "Pass the complaint to a manager, as the complainant asks: the formal procedure begins."

    received_at: Instant | None = None


class Settle(Act):
    name = "settle"
    description = "Record that the case handler has sorted it out."
    requires = Permission.CASE_HANDLER

    explanation: LongText


class CloseInError(Act):
    name = "close_in_error"
    description = "Close a complaint that should not have been opened, as a lead."
    requires = Permission.LEAD

    reason: LongText


class Reopen(Act):
    name = "reopen"
    description = "Reopen a complaint that was closed by mistake, as the lead of its tier."
    requires = Permission.TIER_LEAD

    reason: LongText


ACTS: tuple[type[Act], ...] = (
    *(Acknowledge, Reply, Correct, Extend, Escalate, AcceptLate, Classify, Resolve, Withdraw, Reassign),
    *(CaseClosed, CaseReopened, AskManager, Settle, AddInformation, ChangeContact),
    *(AcceptReview, DeclineReview, GiveOpinion, AnswerRecommendation),
    *(
        CarryOut,
        NotCarriedOut,
        ReassignUndertaking,
        CloseInError,
        Reopen,
        LetterHeld,
        LetterSent,
        Recalendar,
        ChangePolicy,
    ),
)
"""Every act. An act's name is also the name of its update, its signal and its event."""
ACT_NAMES = frozenset(act.name for act in ACTS)
