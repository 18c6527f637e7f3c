"""Sample facts for every letter, with which templates are checked at start-up."""

from datetime import date
from itertools import product
from typing import Any

from complaints.letters.fact_types import GoingOn, RemedyFacts, Step
from complaints.letters.facts import MODELS, AnyFacts
from complaints.letters.sender import Sender
from complaints.procedure.enums import Aspect, Channel, ClosingReason, Ground, Letter, Outcome, RemedyKind, Rest

BARE_SENDER = Sender(name="Ombudsman", address=("1 High Street", "Leeds"), email="complaints@example.org")
SENDER = BARE_SENDER.model_copy(update={"phone": "0300 123", "signatory": "Jane Doe"})

_EARLIER, _DAY, _LATER = date(2026, 12, 1), date(2026, 12, 9), date(2027, 1, 9)
_STEP = Step(title="Team", name="our team")
_COMMON: dict[str, Any] = {
    "reference": "CSC-1",
    "case_reference": "CASE-1",
    "name": "Ada Smith",
    "represents": None,
    "address": ("2 Low Street", "York"),
    "channel": Channel.EMAIL,
    "sent_on": _DAY,
    "happened_on": _DAY,
    "merits": "See how we make decisions.",
    "decision_process": "https://www.example.org/decisions",
    "terms_of_reference": "https://www.example.org/terms",
    "dealt_with_by": "Jane Doe",
    "large_print": False,
}
_WITHOUT_CASE: dict[str, Any] = {
    "case_reference": None,
    "represents": "Bo Smith",
    "decision_process": None,
    "terms_of_reference": None,
    "dealt_with_by": None,
    "large_print": True,
    "address": (),
    "channel": Channel.POST,
}
_REMEDIES = (
    RemedyFacts(kind=RemedyKind.APOLOGY),
    RemedyFacts(kind=RemedyKind.APOLOGY, by=_LATER),
    RemedyFacts(kind=RemedyKind.COMPENSATION, pence=7_550, by=_LATER),
    RemedyFacts(kind=RemedyKind.ACTION, what="Send the file.", by=_LATER),
)
_CORRECTED = (*_REMEDIES, *(each.model_copy(update={"by": None, "done_on": _EARLIER}) for each in _REMEDIES[2:]))
_RECOMMENDED = tuple(remedy.model_copy(update={"by": None}) for remedy in _REMEDIES[1:])
_GOING_ON = [
    GoingOn(to=_STEP, by=_LATER, case_open=case_open, after_closing=after_closing)
    for case_open, after_closing in product((True, False), ("one month", None))
]
_OUTSIDE = "You can ask the Housing Ombudsman Service to look at your complaint."
_PROMISES: list[dict[str, Any]] = [
    {"acknowledge_by": acknowledge_by, "reply_by": reply_by, "waits": waits}
    for acknowledge_by, reply_by, waits in (
        (_DAY, _LATER, False),
        (None, _LATER, False),
        (_EARLIER, _LATER, False),
        (_EARLIER, _EARLIER, False),
        (None, None, False),
        (None, None, True),
    )
]


def _each(**alternatives: Any) -> list[dict[str, Any]]:
    return [dict(zip(alternatives, chosen, strict=True)) for chosen in product(*alternatives.values())]


_BOTH = (True, False)
_VARIANTS: dict[Letter, list[dict[str, Any]]] = {
    Letter.PASSED_TO_CASE_HANDLER: _each(
        tier=[_STEP], following=[_STEP], again=_BOTH, is_known=_BOTH, helpline=("our helpline on 0800 123", None)
    ),
    Letter.ACKNOWLEDGEMENT: [
        {"tier": _STEP, "received_on": _DAY, "aspects": tuple(a for a in Aspect if a.is_service), "was_due": was_due}
        | asked
        | variant
        for variant in [
            *_each(
                reply_by=(_EARLIER, _LATER), following=(_STEP, None), passed_to=[None], passes_on_after=(_LATER, None)
            ),
            *_each(reply_by=[None], following=(_STEP, None), passed_to=(_STEP, None), passes_on_after=[None]),
        ]
        for was_due in (_EARLIER, None)
        for asked in (
            {"concerns": ("It was slow.",), "put_right": None, "escalated_on": None},
            {"concerns": ("It was slow.", "No reply."), "put_right": "Say sorry.", "escalated_on": _DAY},
        )
    ],
    Letter.REPLY: [
        {"tier": _STEP, "findings": "We were slow.", "was_due": was_due} | outcome | way
        for outcome in [
            *_each(outcome=[Outcome.UPHELD, Outcome.PARTLY_UPHELD], remedies=(_REMEDIES, ())),
            *_each(outcome=[Outcome.NOT_UPHELD], remedies=[()]),
        ]
        for way in [
            *_each(going_on=_GOING_ON, passed_to=[None], outside_body=(_OUTSIDE, None)),
            *_each(going_on=[None], passed_to=[_STEP], outside_body=(_OUTSIDE, None)),
            *_each(going_on=[None], passed_to=[None], outside_body=[_OUTSIDE]),
        ]
        for was_due in (_EARLIER, None)
    ],
    Letter.CORRECTION: [
        {"tier": _STEP, "findings": "We were slow.", "replied_on": replied_on, "replaced": replaced} | outcome | way
        for outcome in [
            *_each(was=list(Outcome), outcome=[Outcome.UPHELD, Outcome.PARTLY_UPHELD], remedies=(_CORRECTED, ())),
            *_each(was=[*Outcome, None], outcome=[Outcome.NOT_UPHELD], remedies=[()]),
        ]
        for way in [
            *_each(going_on=_GOING_ON, outside_body=(_OUTSIDE, None)),
            *_each(going_on=[None], outside_body=[_OUTSIDE]),
        ]
        for replaced in (0, 1, 2)
        for replied_on in (_EARLIER, None)
    ],
    Letter.MORE_TIME: _each(
        tier=[_STEP],
        explanation=["We wait."],
        was_due=(_EARLIER, _DAY),
        reply_by=[_LATER],
        following=(_STEP, None),
        outside_body=(_OUTSIDE, None),
    ),
    Letter.REPLY_LATE: _each(
        tier=[_STEP],
        was_due=[_DAY],
        following=(_STEP, None),
        passes_on_after=(_LATER, None),
        reviewer=(_STEP, None),
        without_reply_from=(_LATER, None),
        outside_body=(_OUTSIDE, None),
    ),
    Letter.PASSED_ON: [
        {"tier": _STEP, "left": _STEP, "was_due": _DAY, "replied_on": replied_on} | promise
        for replied_on in (_DAY, None)
        for promise in _PROMISES
    ],
    Letter.ESCALATION_RECEIVED: [
        variant | promise
        for variant in _each(tier=[_STEP], received_on=[_DAY], late=_BOTH, reviews=_BOTH)
        for promise in _PROMISES
    ],
    Letter.REVIEW_WAITS: _each(tier=[_STEP], received_on=[_DAY], late=_BOTH, reopened=_BOTH),
    Letter.ESCALATION_OUT_OF_TIME: _each(
        tier=[_STEP], received_on=[_LATER], last_day=[_DAY], outside_body=(_OUTSIDE, None)
    ),
    Letter.TOO_EARLY: _each(
        tier=[_STEP],
        reviewer=[_STEP],
        before=[_STEP],
        may_ask=(_STEP, None),
        without_reply_from=(_LATER, None),
        closed=_BOTH,
    ),
    Letter.SETTLEMENT: _each(tier=[_STEP], explanation=["Sorted out."], going_on=_GOING_ON),
    Letter.SIGNPOST: _each(
        aspect=[aspect for aspect in Aspect if not aspect.is_service],
        concerns=(("It is wrong.",), ("It is wrong.", "So is this.")),
        rest=list(Rest),
        moved=_BOTH,
        where=["Our privacy policy says more."],
    ),
    Letter.OUT_OF_TIME: _each(within=["three months"], answered_on=[_DAY], told_on=[_LATER], last_day=[_DAY]),
    Letter.TAKEN_UP_AGAIN: [{"tier": _STEP} | promise for promise in _PROMISES],
    Letter.REOPENED: [
        {"tier": _STEP, "closed_on": _EARLIER} | variant | promise
        for variant in _each(replied=_BOTH, may_ask=(_STEP, None), may_ask_until=(_LATER, None))
        for promise in _PROMISES
    ],
    Letter.REVIEW_ACCEPTED: _each(tier=[_STEP], case_open=_BOTH),
    Letter.REVIEW_DECLINED: _each(
        tier=[_STEP],
        ground=list(Ground),
        explanation=["It was a question."],
        to_carry_out=(0, 1),
        outside_body=(_OUTSIDE, None),
    ),
    Letter.OPINION: [
        {"tier": _STEP, "explanation": "It was slow."} | opinion | outside
        for opinion in (
            {"satisfactory": True, "recommendations": (), "answer_by": None},
            {"satisfactory": False, "recommendations": (), "answer_by": None},
            {"satisfactory": False, "recommendations": _RECOMMENDED[:1], "answer_by": _LATER},
            {"satisfactory": False, "recommendations": _RECOMMENDED, "answer_by": _LATER},
        )
        for outside in _each(to_carry_out=(0, 1), outside_body=(_OUTSIDE, None))
    ],
    Letter.RECOMMENDATION_ANSWERED: [
        {"tier": _STEP, "recommendation": 1} | counts | answer
        for counts in [
            *_each(unanswered=(1, 2), to_carry_out=[0], carried_out=[0], outside_body=[_OUTSIDE]),
            *_each(unanswered=[0], to_carry_out=(0, 1), carried_out=(0, 1), outside_body=(_OUTSIDE, None)),
        ]
        for answer in [
            *_each(recommended=_REMEDIES[1:], accepted=[True], reason=("We agree.", None)),
            *_each(recommended=_RECOMMENDED, accepted=[False], reason=["We do not agree."]),
        ]
    ],
    Letter.CLOSED: _each(reason=list(ClosingReason), to_carry_out=(0, 1, 2), may_ask=(None,), may_ask_until=(None,))
    + _each(
        reason=[ClosingReason.SETTLED, ClosingReason.NOT_TAKEN_FURTHER],
        to_carry_out=(0,),
        may_ask=(_STEP,),
        may_ask_until=(_LATER, None),
    ),
}

SAMPLES: dict[Letter, list[AnyFacts]] = {
    occasion: [
        MODELS[occasion].model_validate(_COMMON | common | variant)
        for common in ({}, _WITHOUT_CASE)
        for variant in variants
    ]
    for occasion, variants in _VARIANTS.items()
}
"""Variants of every letter; each optional fact is absent from at least one."""
