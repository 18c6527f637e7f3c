"""Facts of letters: a model for each occasion, whose fields are its template's variables."""

from datetime import date
from typing import Literal, get_args

from complaints.letters.fact_types import Facts, FreeText, GoingOn, RemedyFacts, Step
from complaints.procedure.enums import Aspect, ClosingReason, Ground, Letter, Outcome, Rest


class Promise(Facts):
    """Facts of a letter that says by when the complaint's new tier answers."""

    tier: Step
    acknowledge_by: date | None
    reply_by: date | None
    """None: the tier has no published deadline."""
    waits: bool
    """Whether the tier waits until the case has closed."""


class PassedToCaseHandler(Facts):
    occasion: Literal[Letter.PASSED_TO_CASE_HANDLER] = Letter.PASSED_TO_CASE_HANDLER
    tier: Step
    following: Step
    """The tier that the complainant may ask for instead."""
    is_known: bool
    """Whether the directory knows the case handler; else the letter gives a number to call (R10)."""
    helpline: str | None
    again: bool
    """Whether an earlier letter said that the complaint was closed."""


class Acknowledgement(Facts):
    by_tier = True
    occasion: Literal[Letter.ACKNOWLEDGEMENT] = Letter.ACKNOWLEDGEMENT
    tier: Step
    received_on: date
    """When the complaint first reached the organisation."""
    escalated_on: date | None
    """When the request for this tier was received, or the complaint passed on to it; None: the first tier."""
    aspects: tuple[Aspect, ...]
    """Aspects of the concerns that are looked at, each once."""
    concerns: tuple[FreeText, ...]
    """The complainant's descriptions of them."""
    put_right: FreeText | None
    """How the complainant would like it put right."""
    reply_by: date | None
    """None: no reply of this tier is due any more."""
    following: Step | None
    """The tier that the complainant may go on to if there is no reply in time."""
    was_due: date | None
    """By when the complaint should have been acknowledged; None: this is not late."""
    passes_on_after: date | None
    """The last day before the complaint passes on automatically, once the reply is late."""
    passed_to: Step | None
    """The tier that has the complaint by now, if not this one."""


class _ReplyContent(Facts):
    by_tier = True
    tier: Step
    outcome: Outcome
    findings: FreeText
    remedies: tuple[RemedyFacts, ...]
    going_on: GoingOn | None
    outside_body: str | None
    """A sentence of the policy's: where to turn after the last tier."""


class ReplyFacts(_ReplyContent):
    occasion: Literal[Letter.REPLY] = Letter.REPLY
    passed_to: Step | None
    """The tier that has the complaint by now, if not this one."""
    was_due: date | None
    """By when the reply should have been sent; None: it is not late."""


class Correction(_ReplyContent):
    occasion: Literal[Letter.CORRECTION] = Letter.CORRECTION
    replied_on: date | None
    """When the reply went; None: its letter is held."""
    was: Outcome | None
    """The outcome before; None: the complainant does not know of one."""
    replaced: int
    """How many undertakings are replaced by those of this letter."""


class MoreTime(Facts):
    by_tier = True
    occasion: Literal[Letter.MORE_TIME] = Letter.MORE_TIME
    tier: Step
    explanation: FreeText
    was_due: date
    reply_by: date
    following: Step | None
    """The tier that the complainant may go on to if there is no reply in time."""
    outside_body: str | None
    """None except at the last tier."""


class ReplyLate(Facts):
    occasion: Literal[Letter.REPLY_LATE] = Letter.REPLY_LATE
    tier: Step
    was_due: date
    following: Step | None
    """The tier that the complainant may go on to now."""
    passes_on_after: date | None
    """The last day before the complaint passes on automatically."""
    reviewer: Step | None
    """The tier that may be asked for a review without a reply, later."""
    without_reply_from: date | None
    """From when it may be asked; None: never without a reply."""
    outside_body: str | None
    """None except at the last tier."""


class PassedOn(Promise):
    occasion: Literal[Letter.PASSED_ON] = Letter.PASSED_ON
    left: Step
    """The tier that did not reply."""
    was_due: date
    replied_on: date | None
    """When it replied, if that was not known when the complaint passed on."""


class EscalationReceived(Promise):
    occasion: Literal[Letter.ESCALATION_RECEIVED] = Letter.ESCALATION_RECEIVED
    received_on: date
    late: bool
    """Whether it was accepted although out of time."""
    reviews: bool
    """Whether the tier first decides whether to take the complaint up."""


class ReviewWaits(Facts):
    occasion: Literal[Letter.REVIEW_WAITS] = Letter.REVIEW_WAITS
    tier: Step
    received_on: date
    late: bool
    reopened: bool
    """Whether the case was opened again after a letter said that the review could begin."""


class EscalationOutOfTime(Facts):
    occasion: Literal[Letter.ESCALATION_OUT_OF_TIME] = Letter.ESCALATION_OUT_OF_TIME
    tier: Step
    """The tier that was asked for."""
    received_on: date
    last_day: date
    outside_body: str | None


class TooEarly(Facts):
    occasion: Literal[Letter.TOO_EARLY] = Letter.TOO_EARLY
    tier: Step
    """The tier that has the complaint, or had it last."""
    reviewer: Step
    """The tier that was asked for."""
    before: Step
    """The tier that has to reply first."""
    may_ask: Step | None
    """The tier that the complainant may ask now, as `tier` has replied."""
    without_reply_from: date | None
    """From when the reviewer may be asked without a reply; None: not known, or never."""
    closed: bool


class Settlement(Facts):
    occasion: Literal[Letter.SETTLEMENT] = Letter.SETTLEMENT
    tier: Step
    explanation: FreeText
    going_on: GoingOn


class Signpost(Facts):
    occasion: Literal[Letter.SIGNPOST] = Letter.SIGNPOST
    aspect: Aspect
    concerns: tuple[FreeText, ...]
    """The complainant's descriptions of them."""
    rest: Rest
    moved: bool
    """Whether they were classified differently before."""
    where: str
    """A sentence of the policy's: where such concerns are looked at instead."""


class OutOfTime(Facts):
    occasion: Literal[Letter.OUT_OF_TIME] = Letter.OUT_OF_TIME
    within: str
    """`three months`."""
    answered_on: date
    told_on: date
    last_day: date


class TakenUpAgain(Promise):
    occasion: Literal[Letter.TAKEN_UP_AGAIN] = Letter.TAKEN_UP_AGAIN


class Reopened(Promise):
    occasion: Literal[Letter.REOPENED] = Letter.REOPENED
    closed_on: date
    replied: bool
    """Whether the tier has replied, or the case handler has settled it, so that the complainant may go on."""
    may_ask: Step | None
    """The tier that the complainant may ask now."""
    may_ask_until: date | None
    """The last day; None: it is not known yet."""


class ReviewAccepted(Facts):
    by_tier = True
    occasion: Literal[Letter.REVIEW_ACCEPTED] = Letter.REVIEW_ACCEPTED
    tier: Step
    case_open: bool
    """If so, the review is an exception (R8)."""


class ReviewDeclined(Facts):
    by_tier = True
    occasion: Literal[Letter.REVIEW_DECLINED] = Letter.REVIEW_DECLINED
    tier: Step
    ground: Ground
    explanation: FreeText
    to_carry_out: int
    """How many undertakings are still to be carried out."""
    outside_body: str | None


class Opinion(Facts):
    by_tier = True
    occasion: Literal[Letter.OPINION] = Letter.OPINION
    tier: Step
    satisfactory: bool
    explanation: FreeText
    recommendations: tuple[RemedyFacts, ...]
    answer_by: date | None
    """By when the service answers the recommendations; None: there are none."""
    to_carry_out: int
    """How many earlier undertakings are still to be carried out."""
    outside_body: str | None


class RecommendationAnswered(Facts):
    occasion: Literal[Letter.RECOMMENDATION_ANSWERED] = Letter.RECOMMENDATION_ANSWERED
    tier: Step
    """The tier that recommended it."""
    recommendation: int
    """Its number."""
    recommended: RemedyFacts
    accepted: bool
    reason: FreeText | None
    unanswered: int
    """How many recommendations are still to be answered."""
    to_carry_out: int
    """How many accepted recommendations are still to be carried out, this one included."""
    carried_out: int
    """How many recommendations have been carried out."""
    outside_body: str | None


class Closed(Facts):
    occasion: Literal[Letter.CLOSED] = Letter.CLOSED
    reason: ClosingReason
    to_carry_out: int
    """How many undertakings are still to be carried out."""
    may_ask: Step | None
    """The tier that the complainant may ask, as the window has revived since the closing."""
    may_ask_until: date | None
    """The last day; None: it is not known yet."""


AnyFacts = (
    PassedToCaseHandler
    | Acknowledgement
    | ReplyFacts
    | Correction
    | MoreTime
    | ReplyLate
    | PassedOn
    | EscalationReceived
    | ReviewWaits
    | EscalationOutOfTime
    | TooEarly
    | Settlement
    | Signpost
    | OutOfTime
    | TakenUpAgain
    | Reopened
    | ReviewAccepted
    | ReviewDeclined
    | Opinion
    | RecommendationAnswered
    | Closed
)

MODELS: dict[Letter, type[AnyFacts]] = {model.model_fields["occasion"].default: model for model in get_args(AnyFacts)}
"""The model of each letter."""
