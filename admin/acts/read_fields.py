"""Read the fields of an act from what was typed: dates, numbers, codes and ids of tiers."""

import re
import types
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from admin.acts.invalid_option import InvalidOption
from admin.shared.local_dates import DateTextError, LocalDates
from complaints.formatting.option_names import option_of, option_of_path
from complaints.formatting.written_code import as_code, known_name
from complaints.procedure.policy import TierId

OPTIONAL_TIER = TierId | None


class FieldReader:
    """Reads fields by their types. `notes` says which instant a day was taken for."""

    def __init__(self, dates: Callable[[], LocalDates]) -> None:
        self._dates = dates
        self.notes: list[str] = []
        self.has_dates = False

    def read(
        self, model: type[BaseModel], fields: dict[str, Any], option: str | None = None, within: str | None = None
    ) -> dict[str, Any]:
        """Return the fields; one that cannot be read becomes an InvalidOption.

        `option`: that of all the fields; None: each has an option of its own. `within`: the field that they are of.
        """
        return {
            name: self._value(
                model.model_fields[name].annotation,
                value,
                (within and option_of_path(f"{within}.{name}")) or option or option_of(name),
                name,
            )
            for name, value in fields.items()
        }

    def _value(self, annotation: Any, value: Any, option: str, name: str | None = None) -> Any:
        if annotation == OPTIONAL_TIER and isinstance(value, str):
            return as_code(value)
        kind = _item_type(annotation)
        if isinstance(value, str):
            return self._text(kind, value, option)
        if isinstance(value, list):
            return _merge([self._value(kind, each, option) for each in value])
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = self.read(kind, value, option, name)
            invalid = _merge(list(fields.values()))
            return invalid if isinstance(invalid, InvalidOption) else fields
        return value

    def _text(self, kind: Any, text: str, option: str) -> Any:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return known_name(text, kind)
        if kind is int and re.fullmatch(r"[0-9]{1,18}", text):
            return int(text)
        if kind is not AwareDatetime and kind is not date:
            return text
        self.has_dates = True
        try:
            return self._dates().day(text) if kind is date else self._instant(text, option)
        except DateTextError as error:
            return InvalidOption((f"{option}: {error}",))

    def _instant(self, text: str, option: str) -> Any:
        dates = self._dates()
        at, is_day = dates.instant(text)
        if is_day:
            self.notes.append(f"{option}: {text.strip()} means {dates.format(at)} ({dates.zone.key}).")
        return at


def _merge(values: list[Any]) -> list[Any] | InvalidOption:
    """Return the values, or one InvalidOption with the errors of all."""
    errors = tuple(line for value in values if isinstance(value, InvalidOption) for line in value.errors)
    return InvalidOption(errors) if errors else values


def _item_type(annotation: Any) -> Any:
    """Return the type without Annotated and None, and of a tuple its items' type."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType, tuple):
        annotation = next((each for each in get_args(annotation) if each is not types.NoneType), None)
    return annotation
