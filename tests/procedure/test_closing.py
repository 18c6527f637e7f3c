"""How a complaint closes, and what is still taken afterwards (R13)."""

import pytest

from complaints.procedure.acts import (
    AcceptReview,
    Acknowledge,
    Act,
    CarryOut,
    CaseClosed,
    CloseInError,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    Reassign,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.enums import Code
from tests.procedure.builders import ACTION, LEAD, at, local, opened, replied


def test_the_complainant_says_that_it_is_resolved() -> None:
    story = opened()
    story.does(Resolve)
    assert story.closed == "resolved"
    assert story.letters() == ["closed"]


def test_the_complainant_withdraws_with_or_without_a_reason() -> None:
    story = opened()
    story.does(Withdraw, reason="I have moved abroad.")
    assert story.closed == "withdrawn"
    assert story.events("withdraw")[0].free_text == {"reason": "I have moved abroad."}


def test_a_lead_closes_a_complaint_that_was_opened_in_error_with_a_reason() -> None:
    story = opened()
    story.does(CloseInError, LEAD)
    assert story.closed == "opened_in_error"
    assert story.letters() == []


@pytest.mark.parametrize("sent", [{}, {"sent_at": "2026-03-02 10:00"}])
def test_a_complainant_who_had_a_letter_gets_one_about_a_closing_in_error(sent: dict[str, str]) -> None:
    story = opened()
    story.does(Acknowledge, **sent)
    story.does(CloseInError, LEAD)
    assert story.letters()[-1] == "closed"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Acknowledge, {}),
        (Reply, {}),
        (Extend, {"to": "2026-03-20"}),
        (Escalate, {}),
        (Resolve, {}),
        (Withdraw, {}),
        (Reassign, {"to": "mona"}),
        (Settle, {}),
        (AcceptReview, {}),
        (DeclineReview, {}),
        (GiveOpinion, {}),
        (CloseInError, {}),
    ],
)
def test_other_acts_on_a_closed_complaint_are_refused_with_its_reason_and_date(
    kind: type[Act], given: dict[str, str]
) -> None:
    story = opened()
    story.does(Withdraw)
    refusal = story.at("2026-03-05 10:00").refuses(Code.CLOSED, kind, **given)
    assert refusal.sentence == "The complaint closed on 2 March 2026: withdrawn."


def test_a_fact_about_the_case_is_taken_and_changes_nothing_else() -> None:
    story = opened()
    story.does(Withdraw)
    story.does(CaseClosed)
    assert story.closed == "withdrawn"


def test_the_first_date_of_closing_is_never_overwritten() -> None:
    story = replied("2026-03-04 10:00").at("2026-04-10 10:00")
    story.does(Escalate, received_at="2026-04-01 10:00")
    story.does(Withdraw)
    assert [(closing.reason, local(closing.at)) for closing in story.state.closings] == [
        ("not_taken_further", "2026-04-05 00:00"),
        ("withdrawn", "2026-04-10 10:00"),
    ]


def test_a_closed_complaint_stays_for_six_months() -> None:
    story = opened()
    assert story.complaint.retires_at() is None
    story.does(Withdraw)
    assert story.complaint.retires_at() == at("2026-09-03 00:00")


def test_a_closed_complaint_stays_until_every_undertaking_is_carried_out() -> None:
    story = opened()
    story.does(Reply, remedies=[ACTION])
    story.does(Resolve)
    assert story.complaint.retires_at() is None
    story.at("2027-01-11 10:00").does(CarryOut, undertaking=1)
    assert story.complaint.retires_at() == at("2026-09-03 00:00")


def test_a_reopened_complaint_stays_until_it_closes_again() -> None:
    story = replied("2026-03-04 10:00").at("2026-04-10 10:00")
    story.does(Escalate, received_at="2026-04-01 10:00")
    assert story.complaint.retires_at() is None


def test_a_closed_complaint_has_no_scheduled_events() -> None:
    story = opened()
    story.does(Withdraw)
    sequence = story.state.sequence
    assert story.at("2029-03-02 10:00").state.sequence == sequence
