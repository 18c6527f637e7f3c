"""What a template may say: one model of facts for each occasion, whose fields are the template's variables."""

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.fields import DISCREET
from complaints.procedure.terms import Aspect, Channel, ClosingReason, Ground, Letter, Outcome, RemedyKind

Words = Annotated[str, Field(min_length=1)]
"""People's words; once they have been erased, no letter can quote them any more."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", **DISCREET)


class Step(Part):
    """A tier, or the case handler's step."""

    title: str
    """`Customer Complaints team`, as a letter is signed."""
    name: str
    """`our Customer Complaints team`, within a sentence."""


class Remedy(Part):
    """What puts things right, or what is recommended for that."""

    kind: RemedyKind
    pence: int | None = None
    """Of compensation."""
    what: Words | None = None
    """Of an action."""
    by: date | None = None
    """The last day on which it is carried out; None for an apology made in the letter itself, or not yet known."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind is RemedyKind.COMPENSATION and self.pence is None) or (
            self.kind is RemedyKind.ACTION and self.what is None
        ):
            raise ValueError("compensation has an amount, and an action its words")
        return self


class GoingOn(Part):
    """How to take the complaint further, and until when (R7, R8)."""

    to: Step
    by: date
    """The last day, counted from the day on which this letter counts as received."""
    case_open: bool
    """Then one may go on at any time while it is; and until `by`, whichever is later."""
    after_closing: str | None
    """`1 month`: how long after the closing of the case one may still ask for a review; None: not a review."""


class Facts(Part):
    """What every letter may say."""

    reference: str
    """The complaint's."""
    case_reference: str | None
    """None where complaints are not about a case."""
    name: str
    """Of whoever is written to."""
    address: tuple[str, ...]
    """Line by line; empty if none was given."""
    channel: Channel
    """How this letter travels."""
    sent_on: date
    """The day of sending, which is the letter's date."""
    happened_on: date
    """The day of what the letter is about."""
    merits: str
    """Where the outcome of a case is looked at instead: a sentence of the policy's."""


class Promise(Facts):
    """By when the tier that now has the complaint answers."""

    tier: Step
    acknowledge_by: date | None
    reply_by: date | None
    """None: the tier promises no date."""
    waits: bool
    """Whether it waits until the case has closed."""


class PassedToCaseHandler(Facts):
    occasion: Literal[Letter.PASSED_TO_CASE_HANDLER] = Letter.PASSED_TO_CASE_HANDLER
    tier: Step
    following: Step
    """Whom the complainant may ask for instead."""


class Acknowledgement(Facts):
    occasion: Literal[Letter.ACKNOWLEDGEMENT] = Letter.ACKNOWLEDGEMENT
    tier: Step
    received_on: date
    """When the tier received the complaint."""
    aspects: tuple[Aspect, ...]
    """What it looks at, each once."""
    reply_by: date | None
    """None: no reply of this tier is awaited any more."""
    following: Step | None
    """Whom the complainant may go on to if there is no reply in time."""
    passed_to: Step | None
    """Who has the complaint by now, if not this tier."""


class Reply(Facts):
    occasion: Literal[Letter.REPLY] = Letter.REPLY
    tier: Step
    outcome: Outcome
    findings: Words
    remedies: tuple[Remedy, ...]
    going_on: GoingOn | None
    passed_to: Step | None
    """Who has the complaint by now, if not this tier."""
    outside_body: str | None
    """Where to turn after the last tier: a sentence of the policy's."""


class MoreTime(Facts):
    occasion: Literal[Letter.MORE_TIME] = Letter.MORE_TIME
    tier: Step
    explanation: Words
    was_due: date
    reply_by: date


class PassedOn(Promise):
    occasion: Literal[Letter.PASSED_ON] = Letter.PASSED_ON
    left: Step
    """Who did not reply."""
    was_due: date


class EscalationReceived(Promise):
    occasion: Literal[Letter.ESCALATION_RECEIVED] = Letter.ESCALATION_RECEIVED
    received_on: date
    late: bool
    """Whether it was taken although out of time."""
    reviews: bool
    """Whether the tier first decides whether to take the complaint up."""


class ReviewWaits(Facts):
    occasion: Literal[Letter.REVIEW_WAITS] = Letter.REVIEW_WAITS
    tier: Step
    received_on: date
    late: bool


class EscalationOutOfTime(Facts):
    occasion: Literal[Letter.ESCALATION_OUT_OF_TIME] = Letter.ESCALATION_OUT_OF_TIME
    tier: Step
    """Who was asked for."""
    received_on: date
    last_day: date
    outside_body: str | None


class Settlement(Facts):
    occasion: Literal[Letter.SETTLEMENT] = Letter.SETTLEMENT
    tier: Step
    explanation: Words
    going_on: GoingOn


class Signpost(Facts):
    occasion: Literal[Letter.SIGNPOST] = Letter.SIGNPOST
    aspect: Aspect
    concerns: tuple[Words, ...]
    """What the complainant told of it."""
    goes_on: bool
    """Whether other concerns are about service and are looked at."""
    where: str
    """Where it is taken instead: a sentence of the policy's."""


class OutOfTime(Facts):
    occasion: Literal[Letter.OUT_OF_TIME] = Letter.OUT_OF_TIME
    within: str
    """`3 months`."""
    answered_on: date
    told_on: date
    last_day: date


class ReviewAccepted(Facts):
    occasion: Literal[Letter.REVIEW_ACCEPTED] = Letter.REVIEW_ACCEPTED
    tier: Step
    case_open: bool
    """Taken up exceptionally, before the case has closed."""


class ReviewDeclined(Facts):
    occasion: Literal[Letter.REVIEW_DECLINED] = Letter.REVIEW_DECLINED
    tier: Step
    ground: Ground
    explanation: Words
    outside_body: str | None


class Opinion(Facts):
    occasion: Literal[Letter.OPINION] = Letter.OPINION
    tier: Step
    satisfactory: bool
    explanation: Words
    recommendations: tuple[Remedy, ...]
    answer_by: date | None
    """When the service answers the recommendations; None: there are none."""
    outside_body: str | None


class RecommendationAnswered(Facts):
    occasion: Literal[Letter.RECOMMENDATION_ANSWERED] = Letter.RECOMMENDATION_ANSWERED
    tier: Step
    """Who recommended."""
    recommendation: int
    """Its number."""
    recommended: Remedy
    accepted: bool
    reason: Words | None
    unanswered: int
    """How many recommendations are still to be answered."""


class Closed(Facts):
    occasion: Literal[Letter.CLOSED] = Letter.CLOSED
    reason: ClosingReason
    to_carry_out: int
    """How many of the things that were promised are still to be done."""


AnyFacts = (
    PassedToCaseHandler
    | Acknowledgement
    | Reply
    | MoreTime
    | PassedOn
    | EscalationReceived
    | ReviewWaits
    | EscalationOutOfTime
    | Settlement
    | Signpost
    | OutOfTime
    | ReviewAccepted
    | ReviewDeclined
    | Opinion
    | RecommendationAnswered
    | Closed
)

MODELS: dict[Letter, type[AnyFacts]] = {model.model_fields["occasion"].default: model for model in get_args(AnyFacts)}
"""What is known on each occasion."""
