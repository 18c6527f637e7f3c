"""Building an act from a command's options; every mistake is told at once, by the option's name."""

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
    """What every act's command takes: the complaint, who acts, and how the act is sent."""

    reference: str
    by: str | None
    id: str | None
    signal: bool
    json: bool


@dataclass(frozen=True)
class InvalidOption:
    """Stands for a field whose option could not be read; tells its mistakes."""

    errors: tuple[str, ...]


def build(given: ActCommandInput, act_type: type[A], fields: dict[str, Any]) -> A:
    """Raises CommandError with every mistake."""
    unread = {name: value for name, value in fields.items() if isinstance(value, InvalidOption)}
    errors = reference_errors(given.reference)
    errors += [line for value in unread.values() for line in value.errors]
    read = {name: value for name, value in fields.items() if name not in unread and value not in (None, [])}
    read["id"] = uuid.uuid4().hex if given.id is None else given.id
    if given.by is not None:
        read["by"] = given.by
    try:
        act = act_type.model_validate(read)
    except ValidationError as error:
        errors += [_as_option(act_type, line) for line in validation_errors(error) if _field_of(line) not in unread]
    if errors:
        raise bad_input(*errors)
    return act


def _field_of(mistake: str) -> str:
    """`remedies[1].what: …` is of `remedies`."""
    return re.split(r"[.:\[]", mistake, maxsplit=1)[0]


def _as_option(act_type: type[Act], mistake: str) -> str:
    field = _field_of(mistake)
    if field not in act_type.model_fields:
        return mistake
    _, _, what = mistake.partition(": ")
    return f"{option_of(field)}: {what}"
