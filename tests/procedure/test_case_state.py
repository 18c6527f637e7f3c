"""Statements about the case, in any order (R7)."""

from datetime import timedelta
from itertools import permutations

import pytest

from complaints.procedure.acts import CaseClosed, CaseReopened, Escalate, Reply
from complaints.procedure.enums import Code
from complaints.procedure.state_parts import MAX_CLOSINGS
from tests.procedure.builders import HOUSING, OPEN, Story, at, day, opened, replied

STATEMENTS = (
    (CaseClosed, "2026-03-10 10:00"),
    (CaseReopened, "2026-03-15 10:00"),
    (CaseClosed, "2026-03-20 10:00"),
    (CaseClosed, "2026-03-25 10:00"),
    (CaseReopened, "2026-03-12 10:00"),
)


def review_requested_while_the_case_is_open() -> Story:
    story = opened(case=OPEN)
    story.does(Reply)
    story.does(Escalate)
    story.does(Reply)
    story.does(Escalate)
    return story


@pytest.mark.parametrize("case", [OPEN, {}])
@pytest.mark.parametrize("arrival", ["2026-03-26 10:00", "2026-05-26 10:00"])
def test_statements_about_the_case_give_one_result_in_any_order(case: dict[str, object], arrival: str) -> None:
    results = set()
    for statements in permutations(STATEMENTS):
        story = opened(case=case)
        story.does(Reply, sent_at="2026-03-02 10:00")
        story.at(arrival)
        for kind, on in statements:
            story.does(kind, on=on)
        results.add((story.state.case.model_dump_json(), story.window_ends, story.closed))
    assert len(results) == 1
    assert story.state.case.since == at("2026-03-20 10:00")


def test_a_review_starts_with_the_first_closing_after_the_last_reopening_in_any_order() -> None:
    results = set()
    for statements in permutations(STATEMENTS):
        story = review_requested_while_the_case_is_open().at("2026-03-26 10:00")
        for kind, on in statements:
            story.does(kind, on=on)
        deadline = story.deadline("opinion")
        results.add((story.state.status, deadline.due_on, deadline.day_0, deadline.is_running))
    assert results == {("awaiting_admission", day("2026-05-06"), day("2026-03-20"), True)}


def test_an_earlier_closing_stated_later_decides() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-04-21 10:00")
    story.does(CaseClosed, on="2026-04-20 10:00")
    story.does(CaseClosed, on="2026-04-10 10:00")
    assert story.state.case.since == at("2026-04-10 10:00")


def test_a_window_before_a_review_ends_with_the_first_closing_but_not_before_it_is_learned() -> None:
    story = opened(case=OPEN)
    story.does(Reply)
    story.does(Escalate)
    story.does(Reply)
    story.at("2026-04-21 10:00").does(CaseClosed, on="2026-04-20 10:00")
    assert story.window_ends == "2026-05-21 00:00"
    story.at("2026-05-15 10:00").does(CaseClosed, on="2026-04-10 10:00")
    assert story.window_ends == "2026-05-15 10:00"
    assert story.closed == "not_taken_further"


def test_a_reopening_before_the_last_closing_changes_nothing_now() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(CaseClosed, on="2026-03-09 10:00")
    story.does(CaseReopened, on="2026-03-08 10:00")
    assert not story.state.case.open


def test_a_repeated_statement_about_the_case_changes_nothing() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(CaseClosed, on="2026-03-06 10:00")
    before = story.state.case.since, story.window_ends
    story.does(CaseClosed, on="2026-03-09 10:00")
    assert (story.state.case.since, story.window_ends) == before


def test_statements_without_a_date_at_one_instant_count_as_they_arrive() -> None:
    story = opened(case=OPEN)
    for _ in range(2):
        story.does(CaseClosed)
        story.does(CaseReopened)
    assert story.state.case.open
    story.does(CaseClosed)
    assert not story.state.case.open


def test_a_reopening_at_the_instant_of_a_closing_counts() -> None:
    for kinds in permutations((CaseReopened, CaseClosed)):
        story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
        for kind in kinds:
            story.does(kind, on="2026-03-09 10:00")
        assert story.state.case.open


def test_a_system_that_states_the_same_closing_every_day_keeps_the_state_small() -> None:
    story = opened(case=OPEN)
    for _ in range(MAX_CLOSINGS + 5):
        story.now += timedelta(minutes=1)
        story.does(CaseClosed)
    assert len(story.state.case.closings) == MAX_CLOSINGS
    assert story.state.case.since == at("2026-03-02 10:01")


def test_the_case_cannot_have_closed_in_the_future() -> None:
    opened(case=OPEN).refuses(Code.IN_FUTURE, CaseClosed, on="2026-03-03 10:00")


def test_a_body_without_cases_refuses_statements_about_them() -> None:
    opened(policy=HOUSING).refuses(Code.NO_CASE, CaseClosed)
