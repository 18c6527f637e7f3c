"""What may be told to a complaint. To add an act: a model here, and its rule in one of the steps."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from complaints.procedure.enums import Aspect, Channel, Ground, Outcome, RemedyKind
from complaints.procedure.field_types import ActId, Day, InputModel, Instant, LongText, Number, ShortText, StaffId
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import TierId
from complaints.procedure.remedies import Remedy


class Act(InputModel):
    """Something that somebody does to a complaint. The same `id` takes effect once and gets the same answer again."""

    name: ClassVar[str]
    description: ClassVar[str]
    requires: ClassVar[Permission]

    id: ActId
    by: StaffId
    """The actor; for what the complainant or the case system says, whoever keyed it (R11)."""
    made_at: Instant | None = None
    """When a signal was sent: by this, and not by its arrival, timeliness is judged (R4)."""

    def instant(self, now: datetime) -> datetime:
        """When the act was done: on arrival, or when its signal was sent."""
        return min(self.made_at or now, now)


class TierLetterAct(Act):
    """What a tier writes to the complainant. `sent_at` given: the letter has gone; else the product sends it."""

    tier: TierId | None = None
    """Only for a tier already left; otherwise the one that holds the complaint, or held it at `sent_at`."""
    sent_at: Instant | None = None
    channel: Channel | None = None
    """How the letter travels; None: as the complainant prefers."""


class Acknowledge(TierLetterAct):
    name = "acknowledge"
    description = "Tell the complainant that the tier has received the complaint."
    requires = Permission.STAFF_HERE


class Reply(TierLetterAct):
    name = "reply"
    description = "Reply fully: findings, outcome, and what puts things right."
    requires = Permission.STAFF_HERE

    outcome: Outcome
    findings: LongText
    remedies: Annotated[tuple[Remedy, ...], Field(max_length=20)] = ()
    carry_out_by: Day | None = None
    """For the remedies that are undertakings; None: the policy's allowance."""

    @model_validator(mode="after")
    def _no_remedy_without_fault(self) -> Self:
        if self.outcome is Outcome.NOT_UPHELD and self.remedies:
            raise ValueError("remedies: a complaint that is not upheld has none")
        if self.carry_out_by and all(remedy.kind is RemedyKind.APOLOGY for remedy in self.remedies):
            raise ValueError("carry_out_by: there is no action or compensation to carry out")
        return self


class Extend(Act):
    name = "extend"
    description = "Take more time for the reply, and tell the complainant why."
    requires = Permission.STAFF_HERE

    to: Day
    explanation: LongText


class Escalate(Act):
    name = "escalate"
    description = "The complainant is still unhappy and goes to the next tier."
    requires = Permission.ANYBODY

    to: TierId | None = None
    reason: LongText | None = None
    received_at: Instant | None = None


class AcceptLate(Act):
    name = "accept_late"
    description = "A lead takes a complaint or an escalation that came out of time."
    requires = Permission.RECEIVING_LEAD

    reason: LongText


class Classify(Act):
    name = "classify"
    description = "Move a concern to another aspect."
    requires = Permission.HOLDER_OR_LEAD

    concern: Number
    aspect: Aspect
    reason: LongText


class Resolve(Act):
    name = "resolve"
    description = "The complainant says that it is resolved."
    requires = Permission.ANYBODY


class Withdraw(Act):
    name = "withdraw"
    description = "The complainant withdraws the complaint."
    requires = Permission.ANYBODY

    reason: LongText | None = None


class Reassign(Act):
    name = "reassign"
    description = "Give the complaint to somebody else at its tier."
    requires = Permission.HOLDER_OR_LEAD

    to: StaffId
    reason: LongText


class CaseClosed(Act):
    name = "case_closed"
    description = "The case system says that the case closed."
    requires = Permission.ANYBODY

    on: Instant | None = None
    """None: now."""


class CaseReopened(Act):
    name = "case_reopened"
    description = "The case system says that the case was opened again."
    requires = Permission.ANYBODY

    on: Instant | None = None
    """None: now."""


class AskManager(Act):
    name = "ask_manager"
    description = "The complainant asks for a manager: the formal procedure begins."
    requires = Permission.ANYBODY

    received_at: Instant | None = None


class Settle(Act):
    name = "settle"
    description = "The case handler has sorted it out."
    requires = Permission.CASE_HANDLER

    explanation: LongText


class AcceptReview(Act):
    name = "accept_review"
    description = "Take the complaint up for independent review."
    requires = Permission.REVIEWER

    exceptionally: LongText | None = None
    """Why, where the case is still open."""


class DeclineReview(Act):
    name = "decline_review"
    description = "Decline the independent review."
    requires = Permission.REVIEWER

    ground: Ground
    explanation: LongText


class GiveOpinion(Act):
    name = "give_opinion"
    description = "Give the opinion on the service."
    requires = Permission.REVIEWER

    satisfactory: bool
    explanation: LongText
    recommendations: Annotated[tuple[Remedy, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _nothing_to_mend(self) -> Self:
        if self.satisfactory and self.recommendations:
            raise ValueError("recommendations: where the service was satisfactory there are none")
        return self


class AnswerRecommendation(Act):
    name = "answer_recommendation"
    description = "Answer a recommendation for the service: accept or decline it."
    requires = Permission.SERVICE_LEAD

    recommendation: Number
    accepted: bool
    carry_out_by: Day | None = None
    """For an accepted one; None: the policy's allowance."""
    reason: LongText | None = None

    @model_validator(mode="after")
    def _reason_or_date(self) -> Self:
        if not self.accepted and not self.reason:
            raise ValueError("reason: say why the recommendation is declined")
        if not self.accepted and self.carry_out_by:
            raise ValueError("carry_out_by: a declined recommendation is not carried out")
        return self


class CarryOut(Act):
    name = "carry_out"
    description = "Record that an undertaking has been carried out."
    requires = Permission.OWNER_OR_LEAD

    undertaking: Number


class CloseInError(Act):
    name = "close_in_error"
    description = "A lead closes a complaint that should not have been opened."
    requires = Permission.LEAD

    reason: LongText


class LetterHeld(Act):
    name = "letter_held"
    description = "A letter cannot be sent and waits for somebody to put that right."
    requires = Permission.POST_ROOM

    letter: Number
    """The number of the event by which it is owed."""
    reason: ShortText


class LetterSent(Act):
    name = "letter_sent"
    description = "A letter that was held, or late, has gone."
    requires = Permission.POST_ROOM

    letter: Number
    sent_at: Instant | None = None
    """None: now."""
    channel: Channel | None = None
    """None: as it was owed."""


class Recalendar(Act):
    name = "recalendar"
    description = "Count every open date afresh, by a calendar that has changed."
    requires = Permission.STAFF

    calendar: SharedCalendar
    """Of the complaint's policy, from the first day that the complaint knows."""
    reason: LongText


class ChangePolicy(Act):
    name = "change_policy"
    description = "Move the complaint to another policy, or to another version of its own."
    requires = Permission.STAFF

    policy: SharedPolicy
    calendar: SharedCalendar
    """Of that policy."""
    reason: LongText


ACTS: tuple[type[Act], ...] = (
    Acknowledge,
    Reply,
    Extend,
    Escalate,
    AcceptLate,
    Classify,
    Resolve,
    Withdraw,
    Reassign,
    CaseClosed,
    CaseReopened,
    AskManager,
    Settle,
    AcceptReview,
    DeclineReview,
    GiveOpinion,
    AnswerRecommendation,
    CarryOut,
    CloseInError,
    LetterHeld,
    LetterSent,
    Recalendar,
    ChangePolicy,
)
"""Every act: its name is the update's, the signal's and the event's."""
ACT_NAMES = frozenset(act.name for act in ACTS)

Door = Literal["update", "signal"]
