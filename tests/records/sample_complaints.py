"""Sample complaints for the record: every state between acts and due events."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Aspect, Capacity, Channel, Code, Outcome, RemedyKind
from complaints.procedure.form import Case, Complainant, Concern, Form
from complaints.procedure.remedies import Remedy
from complaints.procedure.state import Start
from tests.fixtures.staff import DIRECTORY_RESULT

RECEIVED = datetime(2026, 12, 16, 10, 30, tzinfo=UTC)
ACTION = Remedy(kind=RemedyKind.ACTION, what="write to the bank")


def at(month: int, day: int, hour: int = 12) -> datetime:
    """Return an instant in the year after receipt."""
    return datetime(2027, month, day, hour, tzinfo=UTC)


def opened(reference: str = "C-1", *, digest: str = "digest", now: datetime = RECEIVED) -> Complaint:
    """Open at the first tier, or with the case handler if the reference begins with H."""
    policy = load_policy()
    form = Form(
        reference=reference,
        received_at=RECEIVED,
        complainant=Complainant(
            name="Ada Example", capacity=Capacity.CUSTOMER, email="ada@example.org", prefers=Channel.EMAIL
        ),
        case=Case(reference="case 7", open=True, handler="harry"),
        concerns=(
            Concern(aspect=Aspect.DELAY, what_happened="Nobody called back."),
            Concern(aspect=Aspect.OUTCOME, what_happened="The answer is wrong."),
        ),
        told_case_handler_on=None if reference.startswith("H") else date(2026, 12, 1),
    )
    calendar = calendar_for(policy, RECEIVED, RECEIVED)
    start = Start(form=form, policy=policy, calendar=calendar, opened_by="intake", form_digest=digest)
    return Complaint.open(start, now)


def long_story() -> Iterator[Complaint]:
    """Yield one complaint at every step: all tiers, lapses, an extension, undertakings, its end."""
    return _run(
        opened("H-1"),
        [
            (datetime(2026, 12, 18, 9, tzinfo=UTC), acts.AskManager(id="1", by="intake")),
            (at(1, 5), acts.Acknowledge(id="2", by="mary")),
            (at(1, 6), acts.Extend(id="3", by="mary", to=date(2027, 1, 15), explanation="The file is away.")),
            (at(2, 20), acts.Acknowledge(id="4", by="carl")),
            (at(2, 21), acts.Reassign(id="5", by="carl", to="cora", reason="He is on leave.")),
            (
                at(2, 22),
                acts.Reply(
                    id="6", by="cora", outcome=Outcome.PARTLY_UPHELD, findings="It was slow.", remedies=(ACTION,)
                ),
            ),
            (at(2, 25), acts.Escalate(id="7", by="intake", reason="It is not enough.")),
            (at(4, 1), acts.CaseClosed(id="8", by="cases")),
            (at(4, 6), acts.AcceptReview(id="9", by="ida")),
            (
                at(6, 1),
                acts.GiveOpinion(id="10", by="ida", satisfactory=False, explanation="No.", recommendations=(ACTION,)),
            ),
            (at(6, 25), acts.AnswerRecommendation(id="11", by="lena", recommendation=1, accepted=True)),
            (at(9, 1), acts.CarryOut(id="12", by="cora", undertaking=1)),
            (at(9, 2), acts.CarryOut(id="13", by="lena", undertaking=2)),
            (at(9, 3), acts.Resolve(id="14", by="intake")),
        ],
        refused={"14": Code.CLOSED},
    )


def withdrawn() -> Iterator[Complaint]:
    return _run(opened(), [(at(1, 4), acts.Withdraw(id="1", by="intake", reason="It is no use."))])


def _run(
    complaint: Complaint, steps: list[tuple[datetime, Act]], refused: dict[str, Code] | None = None
) -> Iterator[Complaint]:
    yield complaint
    for now, act in steps:
        while (due := complaint.next_due()) and due.at <= now:
            complaint.elapse(due.at)
            yield complaint
        answer = complaint.apply(act, now, DIRECTORY_RESULT)
        assert answer.code == (refused or {}).get(act.id, "done"), answer.sentence
        yield complaint
