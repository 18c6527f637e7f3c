"""Every act as a model, and the table of acts.

To add an act, see CONTRIBUTING.md.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from complaints.procedure.enums import Aspect, Channel, Ground, Outcome, RemedyKind
from complaints.procedure.field_types import ActId, Day, InputModel, Instant, LongText, Number, ShortText, StaffId
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import TierId
from complaints.procedure.remedies import Remedy


class Act(InputModel):
    """Base of acts. A repeat has the same `id`: no further effect, the same answer (R11)."""

    name: ClassVar[str]
    description: ClassVar[str]
    requires: ClassVar[Permission]

    id: ActId
    by: StaffId
    """The actor: for acts of the complainant or the case system, the person who keyed them (R11)."""
    made_at: Instant | None = None
    """When a signal was sent. Timeliness is judged by it, not by the arrival (R4)."""

    def instant(self, now: datetime) -> datetime:
        """Return when the act was done: on arrival, or when its signal was sent."""
        return min(self.made_at or now, now)


class TierLetterAct(Act):
    """Base of a tier's letters. With `sent_at` it has gone, else the product sends it (R4)."""

    tier: TierId | None = None
    """A tier that the complaint has left; None: the one that holds it, or held it at `sent_at`."""
    sent_at: Instant | None = None
    channel: Channel | None = None
    """None: as the complainant prefers."""


class Acknowledge(TierLetterAct):
    name = "acknowledge"
    description = "Tell the complainant that the tier has received the complaint."
    requires = Permission.STAFF_HERE


class Reply(TierLetterAct):
    name = "reply"
    description = "Reply fully, with findings, an outcome and remedies."
    requires = Permission.STAFF_HERE

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


class Extend(Act):
    name = "extend"
    description = "Take more time for the reply, and tell the complainant why."
    requires = Permission.STAFF_HERE

    to: Day
    explanation: LongText


class Escalate(Act):
    name = "escalate"
    description = "Take the complaint to the next tier, because the complainant is still unhappy."
    requires = Permission.ANYBODY

    to: TierId | None = None
    reason: LongText | None = None
    received_at: Instant | None = None


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


class Resolve(Act):
    name = "resolve"
    description = "Close the complaint as resolved, because the complainant says so."
    requires = Permission.ANYBODY


class Withdraw(Act):
    name = "withdraw"
    description = "Withdraw the complaint for the complainant."
    requires = Permission.ANYBODY

    reason: LongText | None = None


class Reassign(Act):
    name = "reassign"
    description = "Give the complaint to another member of staff at its tier."
    requires = Permission.HOLDER_OR_LEAD

    to: StaffId
    reason: LongText


class CaseClosed(Act):
    name = "case_closed"
    description = "Record that the case has closed."
    requires = Permission.ANYBODY

    on: Instant | None = None
    """None: now."""


class CaseReopened(Act):
    name = "case_reopened"
    description = "Record that the case was opened again."
    requires = Permission.ANYBODY

    on: Instant | None = None
    """None: now."""


class AskManager(Act):
    name = "ask_manager"
    description = "Pass the complaint to a manager, because the complainant asks: the formal procedure begins."
    requires = Permission.ANYBODY

    received_at: Instant | None = None


class Settle(Act):
    name = "settle"
    description = "Record that the case handler has sorted it out."
    requires = Permission.CASE_HANDLER

    explanation: LongText


class AcceptReview(Act):
    name = "accept_review"
    description = "Accept the complaint for independent review."
    requires = Permission.REVIEWER

    exceptionally: LongText | None = None
    """The reason to accept it while the case is still open."""


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
    def _no_recommendation_if_satisfactory(self) -> Self:
        if self.satisfactory and self.recommendations:
            raise ValueError("recommendations: a satisfactory service has none; leave them out")
        return self


class AnswerRecommendation(Act):
    name = "answer_recommendation"
    description = "Accept or decline a recommendation, for the service."
    requires = Permission.SERVICE_LEAD

    recommendation: Number
    accepted: bool
    carry_out_by: Day | None = None
    """For an accepted one; None: by the policy's allowance."""
    reason: LongText | None = None

    @model_validator(mode="after")
    def _reason_or_date(self) -> Self:
        if not self.accepted and not self.reason:
            raise ValueError("reason: is needed to decline a recommendation")
        if not self.accepted and self.carry_out_by:
            raise ValueError("carry_out_by: a declined recommendation is not carried out; leave it out")
        return self


class CarryOut(Act):
    name = "carry_out"
    description = "Record that an undertaking has been carried out."
    requires = Permission.OWNER_OR_LEAD

    undertaking: Number


class CloseInError(Act):
    name = "close_in_error"
    description = "Close a complaint that should not have been opened, as a lead."
    requires = Permission.LEAD

    reason: LongText


class LetterHeld(Act):
    name = "letter_held"
    description = "Hold a letter that cannot be sent until somebody puts that right."
    requires = Permission.POST_ROOM

    letter: Number
    """The sequence of its event."""
    reason: ShortText


class LetterSent(Act):
    name = "letter_sent"
    description = "Record that a held or late letter has gone."
    requires = Permission.POST_ROOM

    letter: Number
    sent_at: Instant | None = None
    """None: now."""
    channel: Channel | None = None
    """None: as it was owed."""


class Recalendar(Act):
    name = "recalendar"
    description = "Count every open date again by a changed calendar."
    requires = Permission.STAFF

    calendar: SharedCalendar
    """For the complaint's policy; begins no later than the complaint's own calendar."""
    reason: LongText


class ChangePolicy(Act):
    name = "change_policy"
    description = "Move the complaint to another policy, or to another version of its own."
    requires = Permission.STAFF

    policy: SharedPolicy
    calendar: SharedCalendar
    """For that policy."""
    reason: LongText


ACTS: tuple[type[Act], ...] = (
    *(Acknowledge, Reply, Extend, Escalate, AcceptLate, Classify, Resolve, Withdraw, Reassign),
    *(CaseClosed, CaseReopened, AskManager, Settle),
    *(AcceptReview, DeclineReview, GiveOpinion, AnswerRecommendation),
    *(CarryOut, CloseInError, LetterHeld, LetterSent, Recalendar, ChangePolicy),
)
"""Every act. An act's name is also the name of its update, its signal and its event."""
ACT_NAMES = frozenset(act.name for act in ACTS)
