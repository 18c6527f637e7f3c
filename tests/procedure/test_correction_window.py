"""The window counts from a correction of the reply, too (R4, R7)."""

import pytest

from complaints.procedure.acts import CaseReopened, Correct, LetterHeld, LetterSent
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from tests.procedure.builders import POST, Story, announce, replied


def letter(story: Story, occasion: str) -> int:
    return story.events("letter", occasion=occasion)[-1].sequence


def test_the_window_runs_from_the_receipt_of_the_correction() -> None:
    story = replied()
    assert story.window_ends == "2026-04-06 00:00"
    story.at("2026-03-12 10:00").does(Correct)
    assert story.window_ends == "2026-04-13 00:00"


def test_the_window_never_ends_earlier_after_a_correction() -> None:
    story = replied(complainant=POST)
    before = story.window_ends
    story.does(Correct, channel="email")
    assert story.window_ends == before


def test_a_late_holiday_moves_the_receipt_of_the_later_letter_whichever_that_becomes() -> None:
    story = replied("2026-03-06 10:00", complainant=POST).at("2026-03-11 10:00")
    story.does(Correct, channel="email")
    assert story.window_ends == "2026-04-12 00:00"
    announce(story, "2026-03-09", "2026-03-10")
    assert story.window_ends == "2026-04-13 00:00"
    announce(story, "2026-03-11")
    assert story.window_ends == "2026-04-14 00:00"


def test_a_correction_that_has_gone_counts_from_when_it_went() -> None:
    story = replied().at("2026-03-20 10:00")
    story.refuses(Code.BEFORE_CLOCK, Correct, sent_at="2026-03-05 09:00")
    story.refuses(Code.IN_FUTURE, Correct, sent_at="2026-03-21 09:00")
    story.does(Correct, sent_at="2026-03-12 09:00")
    assert story.letters() == ["reply"]
    assert story.window_ends == "2026-04-13 00:00"


def test_the_window_does_not_run_while_the_correction_is_held() -> None:
    story = replied().at("2026-03-12 10:00")
    story.does(Correct)
    number = letter(story, "correction")
    story.does(LetterHeld, POST_ROOM, letter=number)
    assert story.window_ends is None
    story.at("2026-05-04 10:00").does(LetterSent, POST_ROOM, letter=number)
    assert story.window_ends == "2026-06-05 00:00"


@pytest.mark.parametrize("first", ["reply", "correction"])
def test_the_window_waits_for_the_reply_and_its_correction_in_any_order(first: str) -> None:
    story = replied()
    story.does(Correct)
    numbers = {occasion: letter(story, occasion) for occasion in ("reply", "correction")}
    for number in numbers.values():
        story.does(LetterHeld, POST_ROOM, letter=number)
    second = "reply" if first == "correction" else "correction"
    story.at("2026-03-10 10:00").does(LetterSent, POST_ROOM, letter=numbers[first])
    assert story.window_ends is None
    story.at("2026-03-13 10:00").does(LetterSent, POST_ROOM, letter=numbers[second])
    assert story.window_ends == "2026-04-14 00:00"


def test_a_correction_while_the_case_is_open_counts_once_it_closes() -> None:
    story = replied()
    story.does(CaseReopened)
    story.at("2026-03-12 10:00").does(Correct)
    assert story.window_ends is None
