"""Stories that end at the case handler or a manager."""

from datetime import date

from complaints.procedure.acts import Acknowledge, CarryOut, Reply, Settle, Withdraw
from complaints.procedure.enums import ClosingReason, Outcome, RemedyKind
from complaints.procedure.remedies import Remedy
from local.demo.story import Story, StoryEnding, on, until

ANSWERED_IN_TIME = Story(
    title="Answered in time, and not taken further",
    form="kept-waiting.json",
    steps=(
        on("2030-12-18 10:15", Acknowledge, by="m.okafor"),
        on(
            "2031-01-02 15:20",
            Reply,
            by="m.okafor",
            outcome=Outcome.UPHELD,
            findings="Your case waited eleven weeks before anybody opened it, and we did not write. You should not "
            "have had to ring us to find out, least of all at such a time. I am sorry.",
            remedies=[Remedy(kind=RemedyKind.APOLOGY), Remedy(kind=RemedyKind.COMPENSATION, pence=75_00)],
        ),
        on("2031-01-08 11:30", CarryOut, by="m.okafor", undertaking=1),
        until("2031-02-03 09:00"),
    ),
    ending=StoryEnding(ClosingReason.NOT_TAKEN_FURTHER, date(2031, 2, 3)),
)

SETTLED = Story(
    title="Put right by the case handler",
    form="wrong-name.json",
    steps=(
        on(
            "2030-12-20 14:10",
            Settle,
            by="h.lindqvist",
            explanation="I have corrected the name on your case and on the mailing list that kept bringing it back, "
            "and rang Mrs Ellery to say how sorry I am.",
        ),
        until("2031-01-27 09:00"),
    ),
    ending=StoryEnding(ClosingReason.SETTLED, date(2031, 1, 25)),
)

OUT_OF_TIME = Story(
    title="A year later: out of time",
    form="a-year-later.json",
    steps=(),
    ending=StoryEnding(ClosingReason.OUT_OF_TIME, date(2030, 12, 17)),
)

MIXED = Story(
    title="Service and outcome: part is signposted",
    form="slow-and-wrong.json",
    steps=(
        on("2030-12-19 09:40", Acknowledge, by="m.osei"),
        on(
            "2030-12-30 11:00",
            Reply,
            as_signal=True,
            by="m.osei",
            outcome=Outcome.PARTLY_UPHELD,
            findings="Fourteen months is too long, and four new dates without a reason are no way to keep you informed."
            " Ten of those months went on questions to the insurer, which we could not shorten. Whether the decision "
            "was right is not for me to review; the letter you have had says who can.",
            remedies=[Remedy(kind=RemedyKind.APOLOGY)],
        ),
        until("2031-01-31 09:00"),
    ),
    ending=StoryEnding(ClosingReason.NOT_TAKEN_FURTHER, date(2031, 1, 31), signposted=1),
)

WITHDRAWN = Story(
    title="Withdrawn by the business",
    form="same-file-three-times.json",
    steps=(
        on("2030-12-18 16:30", Acknowledge, by="m.okafor"),
        on("2030-12-23 12:05", Withdraw, by="intake", reason="The file has been found. Thank you for the quick call."),
    ),
    ending=StoryEnding(ClosingReason.WITHDRAWN, date(2030, 12, 23)),
)
