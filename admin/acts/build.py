"""Build an act from a command's options. All errors are listed at once, by option."""

import re
import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from admin.shared.context import reference_errors
from admin.shared.errors import bad_input
from complaints.formatting.command_hints import option_of
from complaints.procedure.acts import Act
from complaints.procedure.validation_messages import validation_errors

A = TypeVar("A", bound=Act)


@dataclass(frozen=True)
class ActCommandInput:
    """The options of every act's command: the complaint, who acts, and how the act is sent."""

    reference: str
    by: str | None
    id: str | None
    signal: bool
    json: bool


@dataclass(frozen=True)
class InvalidOption:
    """The value of a field whose option could not be read, with the errors."""

    errors: tuple[str, ...]


def build(command_input: ActCommandInput, act_type: type[A], fields: dict[str, Any]) -> A:
    """Build the act, or raise CommandError with every error."""
    invalid = {name: value for name, value in fields.items() if isinstance(value, InvalidOption)}
    errors = reference_errors(command_input.reference)
    errors += [line for value in invalid.values() for line in value.errors]
    values = {
        name: _whole_number(act_type, name, value)
        for name, value in fields.items()
        if name not in invalid and value not in (None, [])
    }
    values["id"] = uuid.uuid4().hex if command_input.id is None else command_input.id
    if command_input.by is not None:
        values["by"] = command_input.by
    try:
        act = act_type.model_validate(values)
    except ValidationError as error:
        lines = [line for line in validation_errors(error) if _field_of(line) not in invalid]
        errors += [_by_option(act_type, line) for line in lines]
    if errors:
        raise bad_input(*errors)
    return act


def _whole_number(act_type: type[Act], name: str, value: Any) -> Any:
    """Read a number, which an option gives as text and an act takes as a number only."""
    is_number = act_type.model_fields[name].annotation is int and isinstance(value, str)
    return int(value) if is_number and re.fullmatch(r"[0-9]{1,18}", value) else value


def _field_of(error: str) -> str:
    """Return the field of an error: of `remedies[1].what: …` it is `remedies`."""
    return re.split(r"[.:\[]", error, maxsplit=1)[0]


def _by_option(act_type: type[Act], error: str) -> str:
    """Name the option in place of the field."""
    field = _field_of(error)
    if field not in act_type.model_fields:
        return error
    _, _, sentence = error.partition(": ")
    return f"{option_of(field)}: {sentence}"
