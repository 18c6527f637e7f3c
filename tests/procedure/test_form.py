"""The form: all its errors together (R9)."""

from typing import Any

import pytest
from pydantic import ValidationError

from complaints.procedure.form import Form
from complaints.procedure.steps.admission import form_errors
from complaints.procedure.validation_messages import validation_errors
from tests.procedure.builders import FOS, HOUSING, MONDAY, at, calendar_of, form


def errors(**given: Any) -> list[str]:
    whole = form().model_dump(mode="json")
    with pytest.raises(ValidationError) as raised:
        Form.model_validate(whole | given)
    return validation_errors(raised.value)


def fields(**given: Any) -> list[str]:
    return [line.partition(":")[0] for line in errors(**given)]


def test_every_error_names_its_field_and_counts_items_from_one() -> None:
    concerns = [{"aspect": "delay", "what_happened": "Late."}, {"aspect": "rudeness", "what_happened": ""}]
    assert fields(reference="a b", received_at="2026-03-02 10:00", concerns=concerns, mood="angry") == [
        "reference",
        "received_at",
        "concerns[2].aspect",
        "concerns[2].what_happened",
        "mood",
    ]


def test_no_error_quotes_the_input() -> None:
    assert "secret" not in "".join(errors(complainant={"name": "secret", "prefers": "secret"}))


def test_an_unknown_field_is_named_to_its_sender_only() -> None:
    with pytest.raises(ValidationError) as raised:
        Form.model_validate(form().model_dump() | {"Ada": "secret"})
    assert validation_errors(raised.value) == ["Ada: there is no such field; leave it out"]
    assert validation_errors(raised.value, for_sender=False) == ["surplus field: there is no such field; leave it out"]


def test_the_complainant_can_be_reached_as_they_prefer() -> None:
    ada = {"name": "Ada", "capacity": "customer"}
    assert errors(complainant=ada | {"prefers": "post", "email": "a@b.org"}) == [
        "complainant.address: is needed where the complainant prefers post"
    ]
    assert errors(complainant=ada | {"prefers": "email"}) == [
        "complainant.email: is needed where the complainant prefers email"
    ]


def test_a_form_has_at_least_one_concern() -> None:
    assert fields(concerns=[]) == ["concerns"]


@pytest.mark.parametrize("capacity", ["customer", "representative", "respondent_business"])
def test_three_kinds_of_people_complain(capacity: str) -> None:
    assert form(complainant={"capacity": capacity}).complainant.capacity == capacity


@pytest.mark.parametrize("text", ["a\x00b", " ", "x" * 10_001])
def test_a_text_holds_no_nul_is_not_empty_and_has_a_maximum_length(text: str) -> None:
    assert fields(put_right=text) == ["put_right"]


@pytest.mark.parametrize("name", ["Ada\r\n\tSmith", "\x1bAda\x07 Smith", "Ada\u2028Smith", "Ada \x85 Smith\x9b"])
def test_a_name_is_one_line(name: str) -> None:
    assert form(complainant={"name": name}).complainant.name == "Ada Smith"


def test_an_address_holds_no_nul() -> None:
    ada = {"name": "Ada", "capacity": "customer", "prefers": "post"}
    assert fields(complainant=ada | {"address": "1 High Street\x00"}) == ["complainant.address"]
    assert fields(complainant=ada | {"address": "1 High Street", "email": "a\x00@b.org"}) == ["complainant.email"]


@pytest.mark.parametrize("number", [20260220, "20260220", 1.5, True])
def test_a_number_is_not_taken_for_a_date(number: object) -> None:
    assert fields(told_case_handler_on=number) == ["told_case_handler_on"]
    assert fields(received_at=number) == ["received_at"]


@pytest.mark.parametrize("given", ["1899-12-31", "2200-01-01"])
def test_a_date_lies_between_1900_and_2199(given: str) -> None:
    assert fields(told_case_handler_on=given, received_at=f"{given}T12:00Z") == ["received_at", "told_case_handler_on"]


def test_errors_between_fields_are_reported_together() -> None:
    given = form(
        received_at=at("2026-03-03 10:00"),
        told_case_handler_on="2026-03-04",
        case={"open": True, "answered_on": "2026-03-05"},
        communication=[
            {"on": "2026-03-01", "channel": "letter", "summary": "Late."},
            {"on": "2026-03-09", "channel": "letter", "summary": "Later."},
        ],
    )
    assert form_errors(given, HOUSING, calendar_of(HOUSING), at(MONDAY)) == [
        "received_at: Tue 3 Mar 2026 10:00 lies in the future; give an instant that has passed",
        "told_case_handler_on: give a day not after received_at",
        "case.answered_on: give a day not in the future",
        "case.open: Complaint Handling Code 2024 has no open cases; give false",
        "communication[2].on: give a day not after received_at",
    ]


def test_a_valid_form_has_no_errors() -> None:
    assert form_errors(form(), FOS, calendar_of(FOS), at(MONDAY)) == []


def test_a_form_received_a_minute_ahead_has_no_errors() -> None:
    given = form(received_at=at("2026-03-02 10:01"))
    assert form_errors(given, FOS, calendar_of(FOS), at(MONDAY)) == []


def test_a_case_handler_who_heard_on_the_local_day_of_receipt_is_no_error() -> None:
    given = form(received_at=at("2026-07-01 23:30Z"), told_case_handler_on="2026-07-02")
    assert form_errors(given, FOS, calendar_of(FOS), at("2026-07-02 10:00")) == []


def test_a_form_above_the_payload_limit_is_an_error() -> None:
    long = form(concerns=[{"aspect": "delay", "what_happened": "€" * 10_000}] * 14)
    (error,) = form_errors(long, FOS, calendar_of(FOS), at(MONDAY))
    assert error.startswith("the form is 42")
    assert error.endswith("bytes long as JSON; the most is 400,000")
