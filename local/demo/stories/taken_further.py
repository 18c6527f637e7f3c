"""Stories that reach the Customer Complaints team or the Independent Assessor."""

from datetime import date

from complaints.procedure.acts import (
    AcceptReview,
    Acknowledge,
    AnswerRecommendation,
    CarryOut,
    CaseClosed,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    Reply,
    Resolve,
)
from complaints.procedure.enums import ClosingReason, Code, Ground, Outcome, RemedyKind
from complaints.procedure.remedies import Remedy
from local.demo.story import Story, StoryEnding, on

NEVER_ANSWERED = Story(
    title="A manager who never answers",
    form="nobody-rang-back.json",
    steps=(
        on("2030-12-18 09:30", Acknowledge, by="m.hughes"),
        on("2031-01-13 10:00", Acknowledge, by="t.abara"),
        on(
            "2031-01-20 16:45",
            Reply,
            by="t.abara",
            outcome=Outcome.UPHELD,
            findings="All six calls were promised by people who had no way to make them. And then this complaint was "
            "not answered either. The handler's manager has rung you; here is what we change.",
            remedies=[Remedy(kind=RemedyKind.APOLOGY), Remedy(kind=RemedyKind.COMPENSATION, pence=100_00)],
        ),
        on("2031-01-24 10:20", Resolve, by="intake"),
        on("2031-01-28 15:00", CarryOut, by="t.abara", undertaking=1),
    ),
    ending=StoryEnding(ClosingReason.RESOLVED, date(2031, 1, 24), lapsed=1, chased=1, escalated_on_lapse=1),
)

STRAIGHT_TO_THE_TOP = Story(
    title="Straight to the Independent Assessor",
    form="straight-to-the-top.json",
    steps=(
        on(
            "2030-12-18 08:50",
            Escalate,
            by="intake",
            to="independent_assessor",
            reason="I am not wasting time on managers.",
            from_complainant=True,
            refused=Code.TOO_EARLY,
        ),
        on("2030-12-18 11:10", Acknowledge, by="m.osei"),
        on(
            "2030-12-27 10:30",
            Reply,
            by="m.osei",
            outcome=Outcome.PARTLY_UPHELD,
            findings="The word was badly chosen, and I understand how it read. Nobody doubted your honesty.",
            remedies=[Remedy(kind=RemedyKind.APOLOGY)],
        ),
        on("2031-01-02 09:15", Escalate, by="intake", reason="A word is not the point. The decision is."),
        on("2031-01-03 10:00", Acknowledge, by="t.lund"),
        on(
            "2031-01-14 14:00",
            Reply,
            by="t.lund",
            outcome=Outcome.NOT_UPHELD,
            findings="Your statements were read, and the decision quotes them. The apology you had was the right one.",
        ),
        on("2031-01-20 09:05", Escalate, by="intake", reason="I want the decision overturned."),
        on(
            "2031-01-27 12:00",
            DeclineReview,
            by="ia.moreau",
            ground=Ground.NOT_ABOUT_SERVICE,
            explanation="What remains is about the decision itself, which I have no power to look at.",
        ),
    ),
    ending=StoryEnding(ClosingReason.REVIEW_DECLINED, date(2031, 1, 27), refused=1),
)

ALL_THE_WAY = Story(
    title="All the way to the Independent Assessor",
    form="on-my-fathers-behalf.json",
    steps=(
        on("2030-12-20 11:00", Acknowledge, by="m.hughes"),
        on(
            "2031-01-02 16:00",
            Extend,
            by="m.hughes",
            to=date(2031, 1, 13),
            explanation="I want to hear the recordings of all three calls before I answer you, and one of them is "
            "still being fetched. I am sorry to keep you waiting longer.",
        ),
        on(
            "2031-01-13 12:00",
            Reply,
            by="m.hughes",
            outcome=Outcome.PARTLY_UPHELD,
            findings="The calls should not have been made. I do not think that the handler meant to be unkind.",
            remedies=[Remedy(kind=RemedyKind.APOLOGY)],
        ),
        on(
            "2031-01-20 10:30",
            Escalate,
            by="intake",
            reason="You wrote your apology to me. Nobody has written to my father.",
        ),
        on("2031-01-21 09:20", Acknowledge, by="t.abara"),
        on(
            "2031-01-31 15:30",
            Reply,
            by="t.abara",
            outcome=Outcome.NOT_UPHELD,
            findings="The manager's reply covered what you raised, and we cannot add to it.",
        ),
        on("2031-02-17 17:00", CaseClosed, by="case-system"),
        on("2031-03-06 13:40", Escalate, by="intake", reason="He is still waiting for a letter he can read."),
        on("2031-03-10 10:00", AcceptReview, by="ia.moreau"),
        on(
            "2031-04-08 14:30",
            GiveOpinion,
            by="ia.moreau",
            satisfactory=False,
            explanation="A plain request, made twice in writing, was ignored three times. The apology went to the "
            "wrong person, in a form that the right person could not read.",
            recommendations=[
                Remedy(kind=RemedyKind.ACTION, what="apologise to Mr Vaughan by letter, in large print"),
                Remedy(kind=RemedyKind.COMPENSATION, pence=250_00),
            ],
        ),
        on("2031-04-10 11:00", AnswerRecommendation, by="lead.manager", recommendation=1, accepted=True),
        on(
            "2031-04-15 09:45",
            AnswerRecommendation,
            by="lead.team",
            recommendation=2,
            accepted=True,
            carry_out_by=date(2031, 5, 2),
        ),
        on("2031-04-24 16:00", CarryOut, by="lead.manager", undertaking=1),
        on("2031-04-29 10:10", CarryOut, by="lead.team", undertaking=2),
    ),
    ending=StoryEnding(ClosingReason.OPINION_GIVEN, date(2031, 4, 29), lapsed=1),
)
