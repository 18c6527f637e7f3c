"""Every error of an input model has a sentence of ours that says what to give."""

import json
import re
from datetime import UTC, date, datetime, time
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from complaints.letters.sender import Sender
from complaints.procedure.acts import ACTS, AnswerRecommendation, Recalendar, Reply
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.validation_messages import FALLBACK, SENTENCES, validation_errors
from complaints.settings import IntakeSettings, Settings, WorkerSettings
from complaints.staff.members import Member
from tests.procedure.builders import FOS, calendar_of, form

WHO: dict[str, Any] = {"id": "1", "by": "m.okafor"}
REPLY = WHO | {"outcome": "upheld", "findings": "It was late."}
MODELS: tuple[type[BaseModel], ...] = (Form, Policy, Member, Sender, WorkerSettings, IntakeSettings, *ACTS)
RAW = re.compile(r"\b(Input|Value error|Tuple|List|String|Datetime|Field required|validation|Extra inputs|should)\b")
"""Beginnings of pydantic's own sentences."""

WRONG_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**9, 10**30, 1.5, float("inf"), "", " ", "x", "x" * 20_000, "a\x00b", "a b"),
    *("2026-02-30", "2026-02-03T25:00Z", "2026-02-03", "2026-02-03T10:00", "1700-01-01T00:00Z", "20260203", "25:00"),
    *([], ["x"], [{}], [None], [{}] * 600, {}, {"x": "y"}, {1: 2}, {"2026-02-30": "x"}, {"x" * 300: None}, b"\xff"),
    *(date(2026, 2, 3), datetime(1, 1, 1, tzinfo=UTC), time(9), object()),
)


def all_models() -> dict[type[BaseModel], None]:
    """Return the input models and every model inside them."""
    found: dict[type[BaseModel], None] = {}

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                visit(field.annotation)
        for argument in get_args(annotation):
            visit(argument)

    for model in MODELS:
        visit(model)
    return found


def errors_of(model: type[BaseModel], fields: dict[str, Any], **options: bool) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(fields)
    return validation_errors(raised.value, model, **options)


def errors_of_json(model: type[BaseModel], text: str) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate_json(text)
    return validation_errors(raised.value, model)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, ["outcome: is needed", "findings: is needed"]),
        ({"findings": 1}, ["outcome: is needed", "findings: give a text"]),
        (REPLY | {"findings": " "}, ["findings: must not be empty"]),
        (REPLY | {"findings": "x" * 10_001}, ["findings: give at most 10,000 characters"]),
        (REPLY | {"outcome": "uphedl"}, ["outcome: there is no such value; upheld?"]),
        (REPLY | {"outcome": "maybe"}, ["outcome: give upheld, partly_upheld or not_upheld"]),
        (REPLY | {"outcome": 1}, ["outcome: give upheld, partly_upheld or not_upheld"]),
        (REPLY | {"finding": "x"}, ["finding: there is no such field; findings?"]),
        (REPLY | {"mood": "x"}, ["mood: there is no such field; leave it out"]),
        (REPLY | {"sent_at": "yesterday"}, ["sent_at: give an instant with its offset, such as 2026-12-09T10:00Z"]),
        (
            REPLY | {"sent_at": "2026-13-09T10:00Z"},
            ["sent_at: give an instant with its offset, such as 2026-12-09T10:00Z"],
        ),
        (REPLY | {"sent_at": "2026-12-09T10:00"}, ["sent_at: give the offset too, as in 2026-12-09T10:00Z"]),
        (REPLY | {"sent_at": "1899-12-09T10:00Z"}, ["sent_at: give a year from 1900 to 2199"]),
        (REPLY | {"carry_out_by": "soon"}, ["carry_out_by: give a date such as 2026-12-09"]),
        (REPLY | {"carry_out_by": "2026-02-30"}, ["carry_out_by: give a date such as 2026-12-09"]),
        (REPLY | {"carry_out_by": "2026-02-03T10:00Z"}, ["carry_out_by: give a date such as 2026-12-09"]),
        (
            REPLY | {"tier": "The Manager"},
            ["tier: give an id of up to 50 small letters, digits and _, such as manager"],
        ),
        (REPLY | {"remedies": "apology"}, ["remedies: give a list"]),
        (REPLY | {"remedies": ["apology"]}, ["remedies[1]: give named fields, not a single value"]),
        (REPLY | {"remedies": [{"kind": "apology"}] * 21}, ["remedies: give at most 20"]),
        (
            REPLY | {"remedies": [{"kind": "compensation"}]},
            ["remedies[1].pence: give an amount for compensation, and for nothing else"],
        ),
        (
            REPLY | {"remedies": [{"kind": "action"}]},
            ["remedies[1].what: say what is to be done for an action, and for nothing else"],
        ),
        (
            REPLY | {"remedies": [{"kind": "compensation", "pence": 0}]},
            ["remedies[1].pence: give an amount from £0.01 to £1,000,000"],
        ),
        (
            REPLY | {"remedies": [{"kind": "compensation", "pnece": 5}]},
            ["remedies[1].pnece: there is no such field; pence?"],
        ),
    ],
)
def test_an_error_of_a_reply_says_what_to_give(fields: dict[str, Any], errors: list[str]) -> None:
    assert errors_of(Reply, WHO | fields) == errors


@pytest.mark.parametrize(
    ("recommendation", "error"),
    [
        (0, "give 1 or more"),
        (10_001, "give 10,000 or less"),
        ("one", "give a whole number"),
        (1.5, "give a whole number"),
        (float("inf"), "give a whole number"),
        (None, "give a whole number"),
        ("9" * 5000, "give a whole number"),
    ],
)
def test_an_error_of_a_number_says_which_numbers_are_valid(recommendation: object, error: str) -> None:
    assert errors_of(AnswerRecommendation, WHO | {"recommendation": recommendation, "accepted": True}) == [
        f"recommendation: {error}"
    ]


@pytest.mark.parametrize("accepted", ["perhaps", None, 2.5, []])
def test_an_error_of_a_yes_or_no_says_true_or_false(accepted: object) -> None:
    assert errors_of(AnswerRecommendation, WHO | {"recommendation": 1, "accepted": accepted}) == [
        "accepted: give true or false"
    ]


def test_a_list_without_items_asks_for_one_and_a_list_of_invalid_items_does_not() -> None:
    whole = form().model_dump(mode="json")
    assert errors_of(Form, whole | {"concerns": []}) == ["concerns: give at least one"]
    assert errors_of(Form, whole | {"concerns": [{"aspect": "delay"}]}) == ["concerns[1].what_happened: is needed"]


def test_a_misspelt_field_gets_the_nearest_name_of_its_own_model() -> None:
    whole = form().model_dump(mode="json")
    whole["complainant"]["e_mail"] = "ada@example.org"
    whole["concerns"][0]["what_hapened"] = "Late."
    whole["put_rigth"] = "Call me."
    assert errors_of(Form, whole) == [
        "complainant.e_mail: there is no such field; email?",
        "concerns[1].what_hapened: there is no such field; what_happened?",
        "put_rigth: there is no such field; put_right?",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "not valid JSON; see line 1, column 0"),
        ('{"reference": ', "not valid JSON; see line 1, column 14"),
        ("\n\nform", "not valid JSON; see line 3, column 2"),
        ("[]", "give named fields, not a single value"),
        ('"form"', "give named fields, not a single value"),
    ],
)
def test_an_error_in_json_names_its_line_and_column(text: str, error: str) -> None:
    assert errors_of_json(Form, text) == [error]


def test_an_error_of_a_policy_names_its_key() -> None:
    policy = FOS.model_dump(mode="json")
    policy["notices_at"] = "nine"
    policy["holidays"] = {"add": {"2026-02-30": "Founder's day"}, "strike": "2026-12-25"}
    policy["tiers"][0]["reply"]["counts_from"] = "recipt"
    policy["tiers"][0]["titel"] = "Manager"
    policy["signposts"]["outcomes"] = "Ask for a decision."
    assert errors_of(Policy, policy) == [
        "holidays.add.2026-02-30: give a date such as 2026-12-09",
        "holidays.strike: give a list",
        "notices_at: give a time such as 09:00",
        "signposts.outcomes: there is no such value; outcome?",
        "tiers[1].reply.counts_from: there is no such value; receipt?",
        "tiers[1].titel: there is no such field; title?",
    ]


def test_a_recorded_message_hides_names_that_the_sender_made_up() -> None:
    calendar = calendar_of(FOS).model_dump(mode="json")
    calendar["holidays"]["Ada Smith"] = 1
    fields = WHO | {"reason": "It moved.", "calendar": calendar, "Ada Smith": "secret"}
    assert errors_of(Recalendar, fields, for_sender=False) == [
        "calendar.holidays.surplus field: give a date such as 2026-12-09",
        "calendar.holidays.surplus field: give a text",
        "surplus field: there is no such field; leave it out",
    ]


@pytest.mark.parametrize("model", list(all_models()), ids=lambda model: model.__name__)
def test_no_sentence_of_the_library_reaches_a_person(model: type[BaseModel]) -> None:
    for field in model.model_fields:
        for value in WRONG_VALUES:
            if issubclass(model, Settings) and not isinstance(value, str):
                continue  # settings come from environment variables
            for as_json in (False, True):
                try:
                    fields = {field: value}
                    model.model_validate_json(json.dumps(fields)) if as_json else model.model_validate(fields)
                except ValidationError as error:
                    lines = validation_errors(error, model)
                    assert not [line for line in lines if RAW.search(line) or FALLBACK in line], (field, value)
                    kinds = {each["type"] for each in error.errors()}
                    assert kinds <= {"value_error", "extra_forbidden", "enum", "literal_error", *SENTENCES}
                except TypeError:
                    pass  # the value does not go into JSON
