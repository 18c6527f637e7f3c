"""A letter that is held, or goes late, keeps the complainant's time to go on (R7)."""

from complaints.procedure.acts import CaseClosed, Escalate, LetterHeld, LetterSent
from complaints.procedure.enums import Code
from tests.procedure.builders import LEAD, OPEN, POST, Story, closed_untaken, opened, replied

POST_ROOM = "post.room"


def the_reply(story: Story) -> int:
    """The number of the letter which replied."""
    return story.events("letter", occasion="reply")[-1].sequence


def held(when: str = "2026-03-06 10:00") -> Story:
    """A manager's reply of Wednesday 4 March that could not be sent."""
    story = replied("2026-03-04 10:00").at(when)
    story.does(LetterHeld, POST_ROOM, letter=the_reply(story))
    return story


def test_while_the_reply_is_held_the_window_does_not_run() -> None:
    story = held()
    assert story.window_ends is None
    assert story.at("2027-03-04 10:00").closed is None
    assert (
        story.events("window_moved")[-1].what
        == "complainant may go on to Customer Complaints team once the letter has gone"
    )


def test_the_month_runs_from_the_receipt_of_a_letter_that_was_held() -> None:
    story = held().at("2026-03-20 10:00")
    story.does(LetterSent, POST_ROOM, letter=the_reply(story))
    assert story.window_ends == "2026-04-21 00:00"


def test_a_letter_by_post_is_received_two_working_days_later() -> None:
    story = held().at("2026-03-20 10:00")
    story.does(LetterSent, POST_ROOM, letter=the_reply(story), channel="post")
    assert story.window_ends == "2026-04-25 00:00"


def test_a_letter_sent_without_a_channel_goes_by_the_channel_of_its_event() -> None:
    story = replied("2026-03-06 10:00", complainant=POST).at("2026-03-20 10:00")
    story.does(LetterSent, POST_ROOM, letter=the_reply(story))
    assert story.window_ends == "2026-04-25 00:00"


def test_a_letter_that_went_late_moves_the_window_later() -> None:
    story = replied("2026-03-04 10:00").at("2026-03-09 10:00")
    story.does(LetterSent, POST_ROOM, letter=the_reply(story), sent_at="2026-03-07 10:00")
    assert story.window_ends == "2026-04-08 00:00"


def test_a_letter_by_a_faster_channel_does_not_move_the_window_earlier() -> None:
    story = replied("2026-03-06 10:00", complainant=POST).at("2026-03-06 10:05")
    story.does(LetterSent, POST_ROOM, letter=the_reply(story), channel="email")
    assert story.window_ends == "2026-04-11 00:00"


def test_an_escalation_while_the_letter_is_held_is_taken() -> None:
    held("2026-03-06 10:00").at("2026-09-04 10:00").does(Escalate)


def test_a_case_that_closes_does_not_end_the_window_of_a_held_letter() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-06 10:00")
    story.does(LetterHeld, POST_ROOM, letter=the_reply(story))
    story.at("2026-06-01 10:00").does(CaseClosed)
    assert story.closed is None


def test_a_letter_held_after_the_window_ended_reopens_nothing() -> None:
    story = closed_untaken()
    story.does(LetterHeld, POST_ROOM, letter=the_reply(story))
    assert story.closed == "not_taken_further"


def test_a_held_letter_alerts_the_holder_and_the_lead() -> None:
    story = held()
    assert ("letter_held", ["staff:mark", "lead:manager"]) in story.alerts()
    [event] = story.events("letter_held")
    assert (event.what, event.free_text) == (f"letter {the_reply(story)} is held", {"reason": "It came back."})


def test_a_letter_held_before_the_first_tier_alerts_its_lead() -> None:
    story = opened(aspects=["outcome"])
    story.does(LetterHeld, POST_ROOM, letter=story.events("letter")[0].sequence)
    assert story.alerts()[-1] == ("letter_held", ["lead:manager"])


def test_a_letter_is_held_once_and_must_exist() -> None:
    story = held()
    story.refuses(Code.ALREADY_DONE, LetterHeld, POST_ROOM, letter=the_reply(story))
    story.refuses(Code.NO_SUCH_NUMBER, LetterHeld, POST_ROOM, letter=1)
    story.refuses(Code.NO_SUCH_NUMBER, LetterSent, LEAD, letter=999)
    story.refuses(Code.IN_FUTURE, LetterSent, LEAD, letter=the_reply(story), sent_at="2026-03-07 10:00")
