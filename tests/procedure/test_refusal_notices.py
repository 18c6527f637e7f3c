"""Letters and alerts of refusals go once a day; each refusal is recorded (R11)."""

from hypothesis import given

from complaints.procedure.acts import Acknowledge, Escalate, Reply
from complaints.procedure.complaint import DONE
from complaints.procedure.enums import Code
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import HANDLER, Story, closed_untaken, opened, replied


def refused(story: Story, code: Code) -> int:
    return len(story.events("refused", code=code))


def test_sixty_escalations_too_early_send_one_letter_and_one_alert() -> None:
    story = replied("2026-03-04 10:00")
    for _ in range(60):
        story.sends(Escalate, to="independent_assessor", from_complainant=True)
    assert refused(story, Code.TOO_EARLY) == 60
    assert story.letters().count("too_early") == 1
    assert story.alerts() == [("too_early", ["lead:customer_complaints_team"])]


def test_another_date_of_receipt_is_no_other_refusal() -> None:
    story = closed_untaken().at("2026-04-10 10:00")
    for received_on in range(6, 10):
        story.sends(Escalate, received_at=f"2026-04-0{received_on} 10:00")
    assert refused(story, Code.WINDOW_ENDED) == 4
    assert story.letters().count("escalation_out_of_time") == 1


def test_the_next_day_by_the_policys_time_zone_sends_another_letter() -> None:
    """23:30 UTC in July is the next day in London."""
    story = closed_untaken().at("2026-07-01 22:30Z")
    for when in ("2026-07-01 22:59Z", "2026-07-01 23:30Z", "2026-07-02 22:59Z", "2026-07-02 23:00Z"):
        story.at(when).sends(Escalate)
    assert refused(story, Code.WINDOW_ENDED) == 4
    assert story.letters().count("escalation_out_of_time") == 3


def test_an_alert_about_who_may_act_goes_once_a_day_for_each_actor_and_reason() -> None:
    story = opened()
    for _ in range(3):
        story.sends(Acknowledge, HANDLER)
        story.sends(Reply, HANDLER)
        story.sends(Acknowledge, "tess")
    assert refused(story, Code.WAS_CASE_HANDLER) == 6
    assert [event.detail["by"] for event in story.events("alerted", occasion="who_may_act")] == [HANDLER, "tess"]


def test_names_that_the_directory_lacks_are_one_actor() -> None:
    """Otherwise somebody could alert as often as they think of a name."""
    story = opened()
    for number in range(5):
        story.sends(Acknowledge, f"stranger{number}")
    assert refused(story, Code.UNKNOWN_STAFF) == 5
    assert len(story.events("alerted", occasion="who_may_act")) == 1


@given(random_complaints())
def test_a_refused_act_sent_again_on_its_day_is_recorded_and_sends_nothing(random_complaint: RandomComplaint) -> None:
    for number, (complaint, act, now) in enumerate(play(random_complaint)):
        first = complaint.apply(act, now, DIRECTORY_RESULT)
        if first.code == DONE:
            continue
        for time in range(3):
            known = complaint.state.sequence
            again = act.model_copy(update={"id": f"again {number} {time}"})
            assert complaint.apply(again, now, DIRECTORY_RESULT).code == first.code
            assert [event.kind for event in complaint.events_after(known)] == ["refused"]
