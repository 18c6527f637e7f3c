"""What a template may say: one model of facts for each occasion, whose fields are the template's variables."""

from datetime import date
from typing import Literal, get_args

from complaints.letters.fact_types import FactModel, GoingOn, RemedyFacts, Step, Words
from complaints.procedure.enums import Aspect, Channel, ClosingReason, Ground, Letter, Outcome, Rest


class Facts(FactModel):
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
    again: bool
    """Whether the complainant had been told that the complaint was closed."""


class Acknowledgement(Facts):
    occasion: Literal[Letter.ACKNOWLEDGEMENT] = Letter.ACKNOWLEDGEMENT
    tier: Step
    received_on: date
    """When the complaint first reached the organisation."""
    aspects: tuple[Aspect, ...]
    """What it looks at, each once."""
    reply_by: date | None
    """None: no reply of this tier is awaited any more."""
    following: Step | None
    """Whom the complainant may go on to if there is no reply in time."""
    was_due: date | None
    """Until when this should have been told; None: it is not late."""
    passes_on_after: date | None
    """The last day before the complaint passes on by itself, once the reply is late."""
    passed_to: Step | None
    """Who has the complaint by now, if not this tier."""


class ReplyFacts(Facts):
    occasion: Literal[Letter.REPLY] = Letter.REPLY
    tier: Step
    outcome: Outcome
    findings: Words
    remedies: tuple[RemedyFacts, ...]
    going_on: GoingOn | None
    passed_to: Step | None
    """Who has the complaint by now, if not this tier."""
    outside_body: str | None
    """Where to turn after the last tier: a sentence of the policy's."""
    was_due: date | None
    """Until when the reply should have been sent; None: it is not late."""


class MoreTime(Facts):
    occasion: Literal[Letter.MORE_TIME] = Letter.MORE_TIME
    tier: Step
    explanation: Words
    was_due: date
    reply_by: date
    following: Step | None
    """Whom the complainant may go on to if there is no reply in time."""
    outside_body: str | None
    """Of the last tier only."""


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
    reopened: bool
    """Whether the case was opened again, after it had been said that the review could begin."""


class EscalationOutOfTime(Facts):
    occasion: Literal[Letter.ESCALATION_OUT_OF_TIME] = Letter.ESCALATION_OUT_OF_TIME
    tier: Step
    """Who was asked for."""
    received_on: date
    last_day: date
    outside_body: str | None


class TooEarly(Facts):
    occasion: Literal[Letter.TOO_EARLY] = Letter.TOO_EARLY
    tier: Step
    """Who has the complaint, or had it last."""
    reviewer: Step
    """Who was asked for."""
    before: Step
    """Who has to have replied first."""
    may_ask: Step | None
    """Whom the complainant may ask now, as the tier has replied."""
    closed: bool


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
    rest: Rest
    moved: bool
    """Whether it had been taken for a concern about service, or about something else, before."""
    where: str
    """Where it is taken instead: a sentence of the policy's."""


class OutOfTime(Facts):
    occasion: Literal[Letter.OUT_OF_TIME] = Letter.OUT_OF_TIME
    within: str
    """`three months`."""
    answered_on: date
    told_on: date
    last_day: date


class TakenUpAgain(Promise):
    occasion: Literal[Letter.TAKEN_UP_AGAIN] = Letter.TAKEN_UP_AGAIN


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
    to_carry_out: int
    """How many of the things that were promised are still to be done."""
    outside_body: str | None


class Opinion(Facts):
    occasion: Literal[Letter.OPINION] = Letter.OPINION
    tier: Step
    satisfactory: bool
    explanation: Words
    recommendations: tuple[RemedyFacts, ...]
    answer_by: date | None
    """When the service answers the recommendations; None: there are none."""
    to_carry_out: int
    """How many of the things that were promised before are still to be done."""
    outside_body: str | None


class RecommendationAnswered(Facts):
    occasion: Literal[Letter.RECOMMENDATION_ANSWERED] = Letter.RECOMMENDATION_ANSWERED
    tier: Step
    """Who recommended."""
    recommendation: int
    """Its number."""
    recommended: RemedyFacts
    accepted: bool
    reason: Words | None
    unanswered: int
    """How many recommendations are still to be answered."""
    to_carry_out: int
    """How many of those that were accepted are still to be carried out, this one included."""
    carried_out: int
    """How many have been carried out."""
    outside_body: str | None


class Closed(Facts):
    occasion: Literal[Letter.CLOSED] = Letter.CLOSED
    reason: ClosingReason
    to_carry_out: int
    """How many of the things that were promised are still to be done."""


AnyFacts = (
    PassedToCaseHandler
    | Acknowledgement
    | ReplyFacts
    | MoreTime
    | PassedOn
    | EscalationReceived
    | ReviewWaits
    | EscalationOutOfTime
    | TooEarly
    | Settlement
    | Signpost
    | OutOfTime
    | TakenUpAgain
    | ReviewAccepted
    | ReviewDeclined
    | Opinion
    | RecommendationAnswered
    | Closed
)

MODELS: dict[Letter, type[AnyFacts]] = {model.model_fields["occasion"].default: model for model in get_args(AnyFacts)}
"""What is known on each occasion."""
