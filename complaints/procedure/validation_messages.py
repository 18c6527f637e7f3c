"""Describe pydantic errors as `field: problem; remedy`, for the person who typed the input."""

import json
import re
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.field_types import DAY_EXAMPLE, INSTANT_EXAMPLE, TIME_EXAMPLE

Location = tuple[int | str, ...]

HIDDEN = "surplus field"
"""Replaces a name that the sender made up, where the message is recorded: it may be personal."""
FALLBACK = "is not valid"

Model = TypeVar("Model", bound=BaseModel)

_DAY, _INSTANT, _TIME = f"give {DAY_EXAMPLE}", f"give {INSTANT_EXAMPLE}", f"give {TIME_EXAMPLE}"
_INTEGER, _NUMBER, _BOOLEAN = "give a whole number", "give a number", "give true or false"
_TEXT, _LIST, _FIELDS = "give a text", "give a list", "give named fields, not a single value"

SENTENCES = {
    "missing": "is needed",
    "string_type": _TEXT,
    "string_unicode": "give a text in UTF-8",
    "string_too_short": "must not be empty",
    "string_too_long": "give at most {max_length:,} characters",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_parsing_size": _INTEGER,
    "int_from_float": _INTEGER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": "give more than {gt:,}",
    "greater_than_equal": "give {ge:,} or more",
    "less_than": "give less than {lt:,}",
    "less_than_equal": "give {le:,} or less",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": "give the offset too, as in 2026-12-09T10:00Z",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "give at least {min_length:,}",
    "too_long": "give at most {max_length:,}",
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "invalid_key": "give a name as the key",
}
"""Our sentence for each kind of error that our models can raise; pydantic's own sentence is never shown."""


class InvalidFieldsError(ValueError):
    """Fields are not valid."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
        """Each as `field: problem; remedy`."""


def validation_errors(
    error: ValidationError, model: type[BaseModel] | None = None, *, for_sender: bool = True
) -> list[str]:
    """Return `field: problem; remedy` for each error.

    No input is quoted, because it may be personal. With the `model` that was validated, an unknown field gets
    the nearest known name as a suggestion. Unless the message is only `for_sender`, names that the model does
    not define are hidden.
    """
    errors = error.errors(include_url=False)
    return [
        f"{place}: {sentence}" if place else sentence
        for each in errors
        if not _is_consequence(each, errors)
        for place, sentence in _describe(each, model, for_sender=for_sender)
    ]


def parse_json(model: type[Model], text: str | bytes) -> Model:
    """Validate JSON, and refuse repeated keys. Raises InvalidFieldsError with every error."""
    errors: list[str] = []
    try:
        parsed = model.model_validate_json(text)
    except ValidationError as error:
        errors += validation_errors(error, model)
        if error.errors()[0]["type"] == "json_invalid":
            raise InvalidFieldsError(errors) from None
    errors += repeated_fields(text)
    if errors:
        raise InvalidFieldsError(errors)
    return parsed


def repeated_fields(
    text: str | bytes, model: type[BaseModel] | None = None, *, for_sender: bool = True
) -> Iterator[str]:
    """Yield `field: problem; remedy` for each key that valid JSON gives twice to one object.

    pydantic keeps the last value of such a key, and says nothing. The arguments are as in `validation_errors`.
    """
    for location in _repeats(_parse_pairs(text), ()):
        yield f"{_place(location if for_sender else _hide_unknown(location, model))}: is given twice; give it once"


class _JsonObject(dict[str, Any]):
    repeated: tuple[str, ...] = ()


def _parse_pairs(text: str | bytes) -> Any:
    def build(pairs: list[tuple[str, Any]]) -> _JsonObject:
        result = _JsonObject(pairs)
        if len(result) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            result.repeated = tuple(name for name, count in counts.items() if count > 1)
        return result

    return json.loads(text, object_pairs_hook=build, parse_int=len)  # Python refuses integers of 4,301 digits


def _repeats(value: Any, location: Location) -> Iterator[Location]:
    if isinstance(value, _JsonObject):
        yield from ((*location, name) for name in value.repeated)
        for name, part in value.items():
            yield from _repeats(part, (*location, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _repeats(part, (*location, number))


def _is_consequence(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because pydantic does not count its invalid items."""
    depth = len(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == error["loc"] for other in errors
    )


def _describe(error: ErrorDetails, model: type[BaseModel] | None, *, for_sender: bool) -> Iterator[tuple[str, str]]:
    """Yield place and sentence; a validator of ours may report several fields, one on each line."""
    place = _place(error["loc"] if for_sender else _hide_unknown(error["loc"], model))
    if error["type"] != "value_error":
        yield place, _sentence(error, model)
        return
    for line in str(error["ctx"]["error"]).splitlines():
        field, colon, rest = line.partition(": ")
        if colon and re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", field):
            yield f"{place}.{field}" if place else field, rest
        else:
            yield place, line


def _place(location: Location) -> str:
    """Return `concerns[2].aspect`: items are counted from 1."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f"[{part + 1}]"
        elif part != "[key]":
            place += f".{part}" if place else part
    return place


def _sentence(error: ErrorDetails, model: type[BaseModel] | None) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            near = nearest_name(error["loc"][-1], _names_at(model, error["loc"][:-1]))
            return f"there is no such field; {f'{near}?' if near else 'leave it out'}"
        case "enum" | "literal_error":
            expected = context["expected"].replace("'", "")
            near = nearest_name(error["input"], re.split(", | or ", expected))
            return f"there is no such value; {near}?" if near else f"give {expected}"
        case "json_invalid":
            position = re.search(r"line \d+ column \d+", context["error"])
            return f"not valid JSON; see {position[0].replace(' column', ', column')}" if position else "not valid JSON"
        case "too_short" if context["min_length"] == 1:
            return "give at least one"
    return SENTENCES.get(kind, FALLBACK).format(**context)


def _hide_unknown(location: Location, model: type[BaseModel] | None) -> Location:
    return tuple(
        HIDDEN if isinstance(part, str) and part not in ("[key]", *_names_at(model, location[:depth])) else part
        for depth, part in enumerate(location)
    )


def _names_at(model: type[BaseModel] | None, location: Location) -> list[str]:
    """Return the field names of the model at the location; none if there is no model."""
    at: Any = model
    for part in location:
        at = _annotation_at(_plain(at), part)
    at = _plain(at)
    return list(at.model_fields) if isinstance(at, type) and issubclass(at, BaseModel) else []


def _annotation_at(annotation: Any, part: int | str) -> Any:
    """Return the annotation of the field, item or value that `part` names, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if not isinstance(origin, type) or not arguments:
        return None
    return arguments[-1] if issubclass(origin, Mapping) else arguments[0]


def _plain(annotation: Any) -> Any:
    """Return the annotation without Annotated and None."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        annotation = next((each for each in get_args(annotation) if each is not types.NoneType), None)
    return annotation
