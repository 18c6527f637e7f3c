"""A complaint of which each text that comes from outside is marked."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Code
from complaints.procedure.state import Start
from complaints.procedure.views.views import transition_since
from complaints.records.retention import add_hold
from complaints.records.transitions import write_transition
from tests.fixtures.marked import Marks
from tests.procedure.builders import ACTION, ASSESSOR, FOS, INTAKE, LEAD, POST, Story, at, calendar_of, form

NOW = datetime(2033, 1, 1, tzinfo=UTC)


class MarkedStory(Story):
    """A story with a mark in each text from outside."""

    def __init__(self, reference: str, marks: Marks) -> None:
        self.marks = marks
        received = at("2026-03-02 10:00")
        communication = {"on": "2026-03-01", "channel": "letter", "summary": "We wrote."}
        plain = form(
            reference=reference,
            received_at=received,
            complainant=POST | {"capacity": "representative"},
            put_right="Write.",
            communication=[communication],
        )
        start = Start(
            form=self.marks.mark_form(plain),
            policy=FOS,
            calendar=calendar_of(FOS),
            opened_by=INTAKE,
            form_digest="digest",
        )
        super().__init__(Complaint.open(start, received), received)

    def act(self, kind: type[Act], by: str | None = None, **given: Any) -> Act:
        return self.marks.mark(super().act(kind, by, **given), keep=("by", "to", "tier", "on_behalf_of"))

    def sends_marked(self, kind: type[Act], **given: Any) -> None:
        """Send an act from a stranger, to a stranger."""
        answer = self.complaint.apply(self.marks.mark(super().act(kind, **given)), self.now, self.found)
        assert answer.code != "done"


async def record_marked(engine: AsyncEngine, reference: str, marks: Marks) -> MarkedStory:
    """Record a complaint that went to the Assessor, with refusals, a held letter and a hold."""
    story = MarkedStory(reference, marks)
    for kind in (acts.Reply, acts.Escalate, acts.Reassign):
        story.sends_marked(kind, **({"to": "x"} if kind is acts.Reassign else {}))
    story.complaint.refuse(story.marks.text(), story.marks.text(), Code.UNKNOWN_ACT, story.marks.text(), story.now)
    story.does(acts.Reply, remedies=[ACTION])
    letter = story.events("letter", occasion="reply")[0].sequence
    story.does(acts.LetterHeld, by=INTAKE, letter=letter)
    concern = {"aspect": "delay", "what_happened": "x"}
    communication = {"on": "2026-03-01", "channel": "x", "summary": "x"}
    story.does(acts.AddInformation, INTAKE, concern=concern, communication=communication, note="x", put_right="x")
    story.does(acts.ChangeContact, INTAKE, needs={"large_print": True})
    complainant = story.state.form.complainant
    assert all([complainant.represents, complainant.authority, complainant.needs.other])
    story.does(acts.CarryOut, undertaking=1)
    story.does(acts.Escalate)
    story.does(acts.Reassign, LEAD, to="tom")
    story.does(acts.Reply, by="tom")
    story.does(acts.Escalate)
    story.does(acts.AcceptReview)
    story.does(acts.GiveOpinion, ASSESSOR, satisfactory=False, recommendations=[ACTION])
    story.does(acts.AnswerRecommendation, "lena", recommendation=1, accepted=True)
    story.does(acts.CarryOut, "lena", undertaking=2)
    assert story.closed == "opinion_given"
    await write_transition(engine, transition_since(story.complaint, 0))
    await add_hold(engine, reference, date(2032, 1, 1), NOW, LEAD, story.marks.text())
    return story
