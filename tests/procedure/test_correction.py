"""A reply is corrected until the complaint leaves the tier (R4)."""

from typing import Any

import pytest

from complaints.procedure.acts import (
    AcceptReview,
    AddInformation,
    AskManager,
    CarryOut,
    CaseReopened,
    CloseInError,
    Correct,
    Escalate,
    GiveOpinion,
    LetterHeld,
    NotCarriedOut,
    Reassign,
    Reopen,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from tests.procedure.builders import (
    ACTION,
    APOLOGY,
    ASSESSOR,
    COMPENSATION,
    HANDLER,
    HOUSING,
    LEAD,
    MANAGER,
    OPEN,
    TEAM,
    Story,
    at,
    local,
    opened,
    replied,
)


def promised(*remedies: object, **given: Any) -> Story:
    """A manager replied on Thursday 5 March with remedies."""
    story = opened(**given).at("2026-03-05 10:00")
    story.does(Reply, remedies=remedies)
    return story


def closed_with_final_reply(*remedies: object) -> Story:
    story = opened(policy=HOUSING).at("2026-03-04 10:00")
    story.does(Reply)
    story.does(Escalate)
    story.does(Reply, remedies=remedies)
    assert story.closed == "final_reply"
    return story


def letter(story: Story, occasion: str) -> int:
    return story.events("letter", occasion=occasion)[-1].sequence


def to_do(story: Story) -> list[tuple[int, str]]:
    return [(undertaking.number, undertaking.what) for undertaking in story.state.open_undertakings]


@pytest.mark.parametrize("by", [MANAGER, LEAD])
def test_the_holder_or_the_lead_corrects_a_reply(by: str) -> None:
    story = replied().at("2026-03-10 10:00")
    answer = story.does(Correct, by, outcome="partly_upheld", remedies=[APOLOGY])
    assert answer.sentence.startswith("Manager: reply corrected, partly upheld")
    assert story.letters()[-1] == "correction"


@pytest.mark.parametrize("by", ["stranger", HANDLER, TEAM, "intake"])
def test_nobody_else_corrects_a_reply(by: str) -> None:
    story = replied()
    code = story.sends(Correct, by).code
    assert code in (Code.UNKNOWN_STAFF, Code.WAS_CASE_HANDLER, Code.WRONG_ROLE)
    assert not story.events("correct")


def test_a_correction_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        replied().act(Correct, reason=None)


def test_a_corrected_complaint_that_is_not_upheld_has_no_remedies() -> None:
    with pytest.raises(ValueError, match="remedies"):
        replied().act(Correct, outcome="not_upheld", remedies=[APOLOGY])


def test_the_first_reply_stays_on_the_record_and_no_event_holds_free_text() -> None:
    story = replied()
    before = story.events("reply")[0].model_copy()
    story.does(Correct, outcome="upheld", remedies=[ACTION], findings="A secret.", reason="A secret.")
    [event] = story.events("correct")
    assert story.events("reply") == [before]
    assert "secret" not in f"{event.what} {event.detail}"
    assert "Send the file." not in f"{event.what} {event.detail}"
    assert event.free_text == {"findings": "A secret.", "reason": "A secret.", "remedy 1": "Send the file."}


def test_there_is_no_correction_without_a_reply() -> None:
    opened().refuses(Code.NOT_NOW, Correct)
    settled = opened(told_case_handler_on=None)
    settled.does(Settle, HANDLER)
    settled.refuses(Code.NOT_NOW, Correct, HANDLER)
    settled.does(AskManager)
    settled.refuses(Code.NOT_NOW, Correct)


def test_a_reply_of_a_tier_that_was_left_is_not_corrected_but_a_note_says_what_was_wrong() -> None:
    story = replied()
    story.does(Escalate)
    story.refuses(Code.TIER_PASSED, Correct, MANAGER)
    refusal = story.refuses(Code.TIER_PASSED, Correct, LEAD)
    assert refusal.sentence.endswith("Say in a note to Customer Complaints team what was wrong (add_information).")
    story.does(AddInformation, LEAD, note="It was another file.")


def test_a_reply_before_a_review_is_not_corrected_while_the_review_lasts() -> None:
    story = replied()
    story.does(Escalate)
    story.does(Reply)
    story.does(Escalate)
    assert "Independent Assessor" in story.refuses(Code.TIER_PASSED, Correct, ASSESSOR).sentence
    story.does(AcceptReview)
    story.does(GiveOpinion, satisfactory=False, recommendations=[APOLOGY])
    assert "gives an opinion" in story.refuses(Code.NOT_NOW, Correct, ASSESSOR).sentence


@pytest.mark.parametrize("closes", [Resolve, Withdraw, CloseInError])
def test_a_complaint_that_closed_otherwise_is_corrected_once_its_lead_reopens_it(
    closes: type[Resolve | Withdraw | CloseInError],
) -> None:
    story = replied()
    story.does(closes, LEAD)
    assert "its lead may reopen it (reopen)" in story.refuses(Code.CLOSED, Correct).sentence
    story.does(Reopen, LEAD)
    story.does(Correct)


def test_a_complaint_that_was_not_taken_further_is_not_corrected() -> None:
    story = replied().at("2026-04-20 10:00")
    assert story.closed == "not_taken_further"
    assert "reopen" not in story.refuses(Code.CLOSED, Correct).sentence
    story.does(CaseReopened)
    assert "its lead may reopen it (reopen)" in story.refuses(Code.CLOSED, Correct).sentence
    story.does(Reopen, LEAD)
    story.does(Correct)


def test_a_complaint_withdrawn_before_any_reply_offers_no_correction() -> None:
    story = opened()
    story.does(Withdraw)
    assert "reopen" not in story.refuses(Code.CLOSED, Correct).sentence


def test_the_last_tiers_reply_is_corrected_after_it_closed_the_complaint() -> None:
    story = closed_with_final_reply(COMPENSATION).at("2026-03-20 10:00")
    story.does(Correct, outcome="upheld", remedies=[ACTION])
    assert (story.closed, story.letters()[-1], to_do(story)) == ("final_reply", "correction", [(2, "Send the file.")])


@pytest.mark.parametrize("by", [LEAD, MANAGER])
def test_the_holder_gets_an_alert_of_a_correction_by_another_also_after_closing(by: str) -> None:
    for story in (closed_with_final_reply(), replied()):
        holder = story.state.holder
        assert holder
        lead = by if by == LEAD else holder
        answer = story.does(Correct, lead)
        alerted = [to for occasion, to in story.alerts() if occasion == "acted_for_holder"]
        assert alerted == ([] if lead == holder else [[f"staff:{holder}"]])
        assert (f"{holder} holds the complaint" in answer.sentence) is (lead != holder)


def test_a_correction_neither_meets_nor_unmeets_a_deadline() -> None:
    story = replied()
    before = story.state.model_copy(deep=True).deadlines
    story.at("2026-03-20 10:00").does(Correct)
    assert story.state.deadlines == before
    story.does(LetterHeld, POST_ROOM, letter=letter(story, "correction"))
    assert story.state.deadlines == before


def test_a_correction_does_not_meet_a_deadline_whose_reply_is_held() -> None:
    story = replied()
    story.does(LetterHeld, POST_ROOM, letter=letter(story, "reply"))
    story.does(Correct)
    assert story.deadline("reply").met_at is None
    assert story.at("2026-03-18 10:00").times("lapsed", deadline=2) == ["2026-03-17 00:00"]


def test_undertakings_that_are_not_carried_out_are_replaced() -> None:
    story = promised(COMPENSATION, ACTION).at("2026-03-10 10:00")
    story.does(Correct, outcome="upheld", remedies=[ACTION], carry_out_by="2026-05-06")
    assert to_do(story) == [(3, "Send the file.")]
    assert [event.detail["undertaking"] for event in story.events("undertaking_replaced")] == [1, 2]
    story.refuses(Code.NOT_NOW, CarryOut, undertaking=1)
    story.at("2026-05-05 10:00")
    assert not any(story.events("lapsed", undertaking=number) for number in (1, 2))
    story.at("2026-05-08 10:00")
    assert story.times("lapsed", undertaking=3) == ["2026-05-07 00:00"]


def test_a_replaced_undertaking_is_no_longer_overdue_or_chased() -> None:
    story = promised(COMPENSATION, case=OPEN).at("2026-04-08 10:00")
    assert story.state.is_overdue
    chased = len(story.events("chased"))
    story.does(Correct)
    assert not story.state.is_overdue
    assert story.complaint.next_due() is None
    assert len(story.at("2026-06-08 10:00").events("chased")) == chased


def test_what_was_carried_out_stays_and_is_not_promised_twice() -> None:
    story = promised(COMPENSATION, ACTION)
    story.does(CarryOut, undertaking=1)
    story.does(Correct, outcome="upheld", remedies=[COMPENSATION, COMPENSATION, ACTION])
    assert to_do(story) == [(3, "compensation of £150.00"), (4, "Send the file.")]
    assert story.state.undertakings[0].carried_out_at
    assert not story.state.undertakings[0].replaced_at


def test_a_remedy_carried_out_by_mistake_that_the_correction_left_out_is_not_due_again() -> None:
    story = promised(COMPENSATION, ACTION)
    for number in (1, 2):
        story.does(CarryOut, undertaking=number)
    story.does(Correct, outcome="upheld", remedies=[ACTION])
    assert to_do(story) == []
    for number in (1, 2):
        story.does(NotCarriedOut, LEAD, undertaking=number, reason="It was another complaint.")
    assert to_do(story) == [(2, "Send the file.")]
    assert [event.detail["undertaking"] for event in story.events("undertaking_replaced")] == [1]
    assert story.refuses(Code.NOT_NOW, CarryOut, undertaking=1).sentence.endswith("; give 2.")
    story.does(CarryOut, undertaking=2)


def test_a_correction_of_a_reply_that_never_went_does_not_speak_of_it_as_known() -> None:
    story = promised(COMPENSATION)
    story.does(LetterHeld, POST_ROOM, letter=letter(story, "reply"))
    story.does(Correct)
    detail = story.events("letter", occasion="correction")[0].detail
    assert (detail["replied_on"], detail["was"], detail["replaced"]) == (None, None, 0)
    assert story.window_ends is None
    assert story.state.undertakings[0].replaced_at


def test_a_reply_is_corrected_again_and_again() -> None:
    story = promised(COMPENSATION)
    for outcome in ("not_upheld", "upheld", "partly_upheld"):
        story.does(Correct, outcome=outcome, remedies=[] if outcome == "not_upheld" else [COMPENSATION])
    assert [event.detail["was"] for event in story.events("correct")] == ["upheld", "not_upheld", "upheld"]
    assert [number for number, _ in to_do(story)] == [3]


def test_who_corrected_a_reply_has_acted_at_the_tier() -> None:
    story = replied()
    story.does(Reassign, LEAD, to="mona")
    story.does(Correct, "mona")
    assert "mona" in story.state.tier_period.involved


def test_an_undertaking_of_a_correction_counts_from_its_letter() -> None:
    story = replied().at("2026-03-20 10:00")
    story.does(Correct, outcome="upheld", remedies=[COMPENSATION], sent_at="2026-03-12 09:00")
    assert local(story.state.undertakings[0].by_at) == "2026-04-14 00:00"
    assert story.state.tier_period.replied_at == at("2026-03-05 10:00")
