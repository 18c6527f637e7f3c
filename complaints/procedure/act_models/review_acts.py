"""Acts of the independent review, and of undertakings (R8)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from complaints.procedure.act_models.act_types import Act
from complaints.procedure.enums import Ground
from complaints.procedure.field_types import Day, LongText, Number, StaffId, YesNo
from complaints.procedure.permissions import Permission
from complaints.procedure.remedies import Remedy


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

    satisfactory: YesNo
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
    accepted: YesNo
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


class NotCarriedOut(Act):
    name = "not_carried_out"
    description = "Take back that an undertaking was carried out, as a lead who answers for it."
    requires = Permission.ANSWERING_LEAD

    undertaking: Number
    reason: LongText


class ReassignUndertaking(Act):
    name = "reassign_undertaking"
    description = "Give an undertaking to another member of staff, who then owns it."
    requires = Permission.OWNER_OR_LEAD

    undertaking: Number
    to: StaffId
    reason: LongText
