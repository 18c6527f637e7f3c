"""The table of refusals that can happen, from which their counters are created."""

from hypothesis import given, settings

from complaints.procedure.complaint import DONE
from complaints.procedure.enums import Code
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from worker.observability.possible_refusals import possible_refusals

POSSIBLE = {(act, str(code)) for act, code in possible_refusals()}
MOST_SERIES = 600
"""Each worker serves as many, however few refusals there are."""


def test_every_code_is_in_the_table_and_no_act_has_all() -> None:
    assert {code for _, code in POSSIBLE} == set(Code)
    assert len(POSSIBLE) < MOST_SERIES


@settings(max_examples=50)
@given(random_complaint=random_complaints())
def test_the_refusals_of_random_acts_are_in_the_table(random_complaint: RandomComplaint) -> None:
    for complaint, act, now in play(random_complaint):
        answer = complaint.apply(act, now, DIRECTORY_RESULT)
        assert answer.code == DONE or (act.name, answer.code) in POSSIBLE
