"""Build an act from a command's options. All errors are listed at once, by option."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from admin.acts.invalid_option import InvalidOption as InvalidOption
from admin.acts.read_fields import FieldReader
from admin.shared.context import reference_errors
from admin.shared.errors import bad_input
from admin.shared.local_dates import LocalDates
from complaints.formatting.option_names import option_of, option_of_path
from complaints.procedure.acts import Act
from complaints.procedure.validation_messages import validation_errors


@dataclass(frozen=True)
class ActCommandInput:
    """The options of every act's command: the complaint, who acts, and how the act is sent."""

    reference: str
    by: str | None
    id: str | None
    signal: bool
    json: bool
    yes: bool
    preview: bool


@dataclass(frozen=True)
class ActDraft:
    """An act as it was typed. Its dates are read by the complaint's clock and policy."""

    command_input: ActCommandInput
    act_type: type[Act]
    fields: dict[str, Any]
    new_id: str = field(default_factory=lambda: uuid.uuid4().hex)  # noqa: TID251 - an act's id begins here

    def build(self, dates: Callable[[], LocalDates]) -> "BuiltAct":
        """Build the act, or raise CommandError with every error."""
        reader = FieldReader(dates)
        fields = reader.read(self.act_type, self.fields)
        invalid = {name: value for name, value in fields.items() if isinstance(value, InvalidOption)}
        errors = reference_errors(self.command_input.reference)
        errors += [line for value in invalid.values() for line in value.errors]
        values = {name: value for name, value in fields.items() if name not in invalid and value not in (None, [])}
        values["id"] = self.new_id if self.command_input.id is None else self.command_input.id
        if self.command_input.by is not None:
            values["by"] = self.command_input.by
        try:
            act = self.act_type.model_validate(values)
        except ValidationError as error:
            lines = [
                line
                for line in validation_errors(error)
                if _field_of(line) not in invalid and not (invalid and ": " not in line)
            ]
            errors += [_by_option(self.act_type, line) for line in lines]
        if errors:
            raise bad_input(*errors)
        return BuiltAct(act, tuple(reader.notes), reader.has_dates)


@dataclass(frozen=True)
class BuiltAct:
    """An act, and which instants the days that were typed mean."""

    act: Act
    notes: tuple[str, ...]
    has_dates: bool
    """Whether dates were typed, which depend on the complaint's clock and policy."""


def _field_of(error: str) -> str:
    """Return the field of an error: of `remedies[1].what: …` it is `remedies`."""
    return re.split(r"[.:\[]", error, maxsplit=1)[0]


def _by_option(act_type: type[Act], error: str) -> str:
    """Name the option in place of the field."""
    path, _, sentence = error.partition(": ")
    if option := option_of_path(path):
        return f"{option}: {sentence}"
    field_name = _field_of(error)
    if field_name not in act_type.model_fields:
        return error
    return f"{option_of(field_name)}: {sentence}"
