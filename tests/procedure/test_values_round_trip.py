"""Every value that an input model takes is stored, and read again as the same value."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import from_json, to_json

from complaints.calendars.builder import calendar_for
from complaints.channels.addresses import Mailbox
from complaints.procedure import acts
from complaints.procedure.complaint import Complaint
from complaints.procedure.form import EmailAddress, Form
from complaints.procedure.state import Start
from complaints.procedure.steps.admission import form_errors
from complaints.procedure.views.views import ComplaintHistory, Transition, complaint_history_of, transition_since
from complaints.settings import Settings
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import FOS, HOUSING, form
from tests.procedure.test_validation_messages import all_models

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
INSTANT_FIELDS = ("sent_at", "received_at", "made_at", "on")

BOUNDS = (datetime(1900, 1, 1), datetime(2200, 1, 1), datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1))  # noqa: DTZ001
"""Local times at the first and the last instant that we take, and where the clocks change."""
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
NEAR = st.builds(
    lambda bound, seconds, zone: (bound + timedelta(seconds=seconds)).replace(tzinfo=zone),
    st.sampled_from(BOUNDS),
    st.integers(-90_000, 90_000),
    OFFSETS,
)
INSTANTS = st.one_of(NEAR, st.datetimes(timezones=OFFSETS))
DAYS = st.one_of(NEAR.map(lambda at: at.date()), st.dates())
TEXTS = st.one_of(
    st.text(max_size=210),
    st.text(alphabet="aZ09._@+-", min_size=1, max_size=110),
    st.text(alphabet="\u200b\u200e\u202e\u2066\u00ad\ufeff\u3164\u2800 \x00\n\u0301a", max_size=6),
    st.sampled_from(["1900-01-01T00:30:00+01:00", "2199-12-31T23:30-05:00", "1900-01-01", "08:30", "Europe/London"]),
    st.emails(),
)
VALUES = st.one_of(
    TEXTS,
    INSTANTS.map(datetime.isoformat),
    DAYS.map(date.isoformat),
    st.integers(-2, 10**9),
    st.booleans(),
    st.none(),
    st.lists(st.one_of(TEXTS, st.integers()), max_size=3),
    st.dictionaries(st.one_of(TEXTS, DAYS.map(date.isoformat)), TEXTS, max_size=2),
)
MODELS = [model for model in all_models() if not issubclass(model, Settings)]
STRICT = [
    (model, name)
    for model in MODELS
    for name, field in model.model_fields.items()
    if field.annotation in (bool, int, bool | None, int | None)
]


Model = TypeVar("Model", bound=BaseModel)


def read_again(model: Model) -> Model:
    return type(model).model_validate_json(to_json(model))


def adapter_of(field: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@given(VALUES)
@settings(max_examples=40)
def test_a_value_that_a_field_takes_is_read_back_as_itself(model: type[BaseModel], given_value: Any) -> None:
    text = json.dumps(given_value)
    for name, field in model.model_fields.items():
        adapter = adapter_of(field)
        try:
            value = adapter.validate_json(text)
        except ValidationError:
            continue
        stored = adapter.dump_json(value)
        assert adapter.validate_json(stored) == value, name
        assert adapter.validate_python(from_json(stored)) == value, name
        assert adapter.validate_python(value) == value, name
        assert b"\\u0000" not in stored, f"PostgreSQL cannot store {name}"


@given(INSTANTS)
@settings(max_examples=60)
def test_a_form_that_is_taken_lives(received_at: datetime) -> None:
    for policy in (FOS, HOUSING):
        try:
            taken = Form.model_validate_json(
                json.dumps(form().model_dump(mode="json") | {"received_at": received_at.isoformat()})
            )
        except ValidationError:
            return
        calendar = calendar_for(policy, taken.received_at, NOW)
        if form_errors(taken, policy, calendar, NOW):
            return
        start = Start(form=taken, policy=policy, calendar=calendar, opened_by="intake", form_digest="d")
        complaint = Complaint.open(read_again(start), NOW)
        assert read_again(complaint.state) == complaint.state
        assert ComplaintHistory.model_validate_json(complaint_history_of(complaint).model_dump_json())
        assert Transition.model_validate_json(transition_since(complaint, 0).model_dump_json())


CALENDAR = calendar_for(FOS, NOW, NOW)
NEEDED: dict[str, Any] = dict.fromkeys(("id", "reason", "explanation", "findings"), "x")
NEEDED |= dict.fromkeys(("letter", "concern", "recommendation", "undertaking"), 1)
NEEDED |= dict.fromkeys(("satisfactory", "accepted"), True)
NEEDED |= {"by": "mark", "to": "2026-12-31", "outcome": "upheld", "ground": "enquiry_only", "aspect": "delay"}
NEEDED |= {"policy": FOS.model_dump(mode="json"), "calendar": CALENDAR.model_dump(mode="json")}
ACTS_WITH_INSTANTS = [
    (act_type, field) for act_type in acts.ACTS for field in INSTANT_FIELDS if field in act_type.model_fields
]


@pytest.mark.parametrize(("act_type", "field"), ACTS_WITH_INSTANTS)
@given(at=INSTANTS)
@settings(max_examples=25)
def test_an_act_of_any_instant_is_taken_or_refused(act_type: type[acts.Act], field: str, at: datetime) -> None:
    fields = {name: NEEDED[name] for name, each in act_type.model_fields.items() if each.is_required()}
    try:
        act = act_type.model_validate_json(json.dumps(fields | {field: at.isoformat()}))
    except ValidationError:
        return
    assert read_again(act) == act
    start = Start(form=form(received_at=NOW), policy=FOS, calendar=CALENDAR, opened_by="intake", form_digest="d")
    complaint = Complaint.open(start, NOW)
    answer = complaint.apply(act, NOW + timedelta(hours=1), DIRECTORY_RESULT)
    assert answer.sentence
    assert read_again(complaint.state) == complaint.state


NEITHER: tuple[object, ...] = ("yes", "true", "1", 1.0, 1.5, "", [])


@pytest.mark.parametrize(("model", "name"), STRICT)
def test_a_text_is_neither_a_number_nor_a_yes_or_no(model: type[BaseModel], name: str) -> None:
    adapter = adapter_of(model.model_fields[name])
    for given_value in NEITHER:
        with pytest.raises(ValidationError):
            adapter.validate_json(json.dumps(given_value))
        with pytest.raises(ValidationError):
            adapter.validate_python(given_value)


@pytest.mark.parametrize("number", ["0", "1"])
def test_a_number_is_no_yes_or_no(number: str) -> None:
    text = form().model_dump_json().replace('"open":false', f'"open":{number}')
    with pytest.raises(ValidationError, match=r"open"):
        Form.model_validate_json(text)


@pytest.mark.parametrize(
    "name", ["\u200b", "\u200e\u200f", "\u202e", "\u2066\u2069", "\u00ad", "\ufeff", "\u3164", "\u2800 "]
)
def test_a_name_that_nobody_can_see_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="no character of it can be seen"):
        form(complainant={"name": name})


@pytest.mark.parametrize("name", ["Zo\u0308e", "\u0645\u0631\u064a\u0645", "Ng", "\u738b", "O'Brien", "?", "\u200fAda"])
def test_a_name_that_can_be_seen_is_taken(name: str) -> None:
    assert form(complainant={"name": name}).complainant.name == name


@given(st.one_of(st.emails(), TEXTS))
def test_mail_can_be_sent_to_every_address_that_is_taken(address: str) -> None:
    try:
        TypeAdapter(EmailAddress).validate_python(address)
    except ValidationError:
        return
    Mailbox.of("Ada", address)
