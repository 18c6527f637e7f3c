"""R2, R11: a repeated act is recognised for as long as the complaint has a workflow."""

from datetime import timedelta

from complaints.procedure.acts import Acknowledge, CaseClosed, CaseReopened, Withdraw
from complaints.procedure.answers import MOST_RECENT, PAGE_SIZE, Answers, GivenAnswer, recorded_answer
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Code
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.views import transition_since
from tests.procedure.builders import INTAKE, LEAD, Story, at, opened

MANY = MOST_RECENT + 2 * PAGE_SIZE + 1


def busy() -> tuple[Story, list[GivenAnswer]]:
    """Return a complaint with many acts since one that closed its case, and their answers."""
    story = opened()
    story.does(CaseClosed, id="first", on="2026-03-02 10:00")
    for number in range(MANY):
        story.now += timedelta(minutes=1)
        story.sends(CaseReopened if number % 2 else CaseClosed, id=f"later {number}")
    given = list(story.state.answers.recent.values())
    story.complaint.discard_recorded(story.state.sequence)
    return story, given


def continued(story: Story) -> None:
    """Let the complaint go on from its state as JSON, as when it continues as new."""
    story.complaint = Complaint(ComplaintState.model_validate_json(story.state.model_dump_json()))


def test_the_same_act_after_many_others_has_no_effect_and_gets_the_same_answer() -> None:
    story = opened()
    first = story.does(CaseClosed, id="first", on="2026-03-02 10:00")
    refused = story.sends(Acknowledge, LEAD, id="refused")
    for number in range(MANY):
        story.does((CaseReopened, CaseClosed)[number % 2], id=f"later {number}")
    story.complaint.discard_recorded(story.state.sequence)
    assert len(story.state.answers.recent) <= MOST_RECENT
    for _ in range(2):
        before = story.state.sequence
        assert story.sends(CaseClosed, id="first", on="2026-03-02 10:00") == first
        assert story.sends(Acknowledge, LEAD, id="refused") == refused
        assert story.state.sequence == before
        continued(story)


def test_other_content_under_the_id_of_an_act_long_ago_is_refused() -> None:
    story, _ = busy()
    for _ in range(2):
        story.refuses(Code.ID_TAKEN, CaseClosed, id="first", on="2026-03-02 09:00")
        story.refuses(Code.ID_TAKEN, Withdraw, id="first")
        continued(story)


def test_answers_stay_in_full_until_the_record_has_them() -> None:
    story = opened()
    for number in range(MANY):
        story.does((CaseReopened, CaseClosed)[number % 2], id=f"act {number}")
    handed: list[str] = []
    recorded = 0
    while recorded < story.state.sequence:
        transition = transition_since(story.complaint, recorded)
        recorded = transition.events[-1].sequence
        handed += [given.answer.id for given in transition.answers]
        story.complaint.discard_recorded(recorded)
    assert handed == [f"act {number}" for number in range(MANY)]
    assert len(story.state.answers.recent) <= MOST_RECENT


def test_every_act_is_known_again_from_the_answers_on_the_record() -> None:
    story, given = busy()
    story.state.answers = Answers.from_record(map(recorded_answer, given))
    assert not story.state.answers.recent
    for each in given:
        assert story.state.answers.get(each.answer.id) == each.answer
    story.refuses(Code.ID_TAKEN, Withdraw, id="first")


def test_a_refused_signal_with_a_taken_id_leaves_the_first_answer() -> None:
    story = opened()
    first = story.does(CaseClosed, id="first")
    assert story.sends(Withdraw, id="first").code == Code.ID_TAKEN
    assert [event.detail["code"] for event in story.events("refused")] == [Code.ID_TAKEN]
    assert story.sends(CaseClosed, id="first") == first


def test_the_time_of_sending_is_no_content_and_every_other_field_is() -> None:
    first = Withdraw(id="1", by=INTAKE, reason="We have moved.")
    assert first.model_copy(update={"made_at": at("2026-03-02 10:00")}).content_digest == first.content_digest
    for change in ({"reason": "We moved."}, {"reason": None}, {"by": "somebody"}):
        assert first.model_copy(update=change).content_digest != first.content_digest


def test_twenty_thousand_answers_leave_the_state_small() -> None:
    story = opened()
    digest = Withdraw(id="1", by=INTAKE).content_digest
    answer = story.does(CaseClosed, id="first")
    for number in range(20_000):
        story.now += timedelta(seconds=47)
        sentence = f"received_at: {story.now} lies in the future; it is now {story.now}."
        changes = {"id": f"{number:0100}", "sentence": sentence, "next_due_at": story.now}
        story.state.answers.add(answer.model_copy(update=changes), digest[:8] + f"{number:04}", number)
    story.state.answers.page_recorded(20_000)
    assert len(story.state.model_dump_json()) < 1_200_000
    assert f"{0:0100}" in story.state.answers
