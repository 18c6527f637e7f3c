"""Complaints under one policy and one calendar hold each of them once."""

import pytest
from pydantic import ValidationError

from complaints.procedure.state import Start
from tests.procedure.builders import FOS, calendar_of, form, opened


def a_start() -> Start:
    return Start(form=form(), policy=FOS, calendar=calendar_of(FOS), opened_by="intake", form_digest="d")


def test_objects_read_from_equal_json_are_shared() -> None:
    text = a_start().model_dump_json()
    one, other = Start.model_validate_json(text), Start.model_validate_json(text)
    assert one == a_start()
    assert one.policy is other.policy
    assert one.calendar is other.calendar


def test_objects_that_differ_are_not_shared() -> None:
    start = a_start()
    other = start.model_copy(update={"policy": start.policy.model_copy(update={"version": "2"})})
    read = Start.model_validate_json(other.model_dump_json())
    assert (read.policy.version, read.calendar) == ("2", start.calendar)


def test_a_copied_state_shares_its_frozen_parts_and_no_other() -> None:
    state = opened().state
    copied = state.model_copy(deep=True)
    assert copied == state
    assert copied.form is state.form
    assert copied.policy is state.policy
    assert copied.calendar is state.calendar
    copied.deadlines[0].cancel_notices()
    copied.events[0].detail["copied"] = True
    assert copied.deadlines[0] != state.deadlines[0]
    assert "copied" not in state.events[0].detail


def test_an_error_in_a_shared_object_names_its_field() -> None:
    given = a_start().model_dump(mode="json")
    given["policy"]["tiers"][0]["title"] = ""
    with pytest.raises(ValidationError) as raised:
        Start.model_validate(given)
    assert [error["loc"] for error in raised.value.errors()] == [("policy", "tiers", 0, "title")]
