"""An act as it was typed, and its JSON for the service."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from admin.acts.invalid_option import InvalidOption
from admin.acts.typed_values import Fields, TypedDay, TypedInstant
from admin.shared.identifiers import reference_errors, staff_id_errors
from admin.shared.local_dates import DateTextError, LocalDates
from complaints.formatting.option_names import option_of, option_of_path

GROUPS = ("concern", "communication", "needs")
"""Fields whose parts have options of their own."""


@dataclass(frozen=True)
class ActOptions:
    """The options of every act's command: the complaint, who acts, and how the act is sent."""

    reference: str
    staff: str | None
    """The value of --as."""
    id: str | None
    signal: bool
    json: bool
    yes: bool
    preview: bool


@dataclass(frozen=True)
class ReadAct:
    """An act's JSON, with the errors of what could not be read."""

    json: dict[str, Any]
    invalid: Mapping[str, tuple[str, ...]]
    """The errors of each field that could not be read; the JSON is without these."""
    notes: tuple[str, ...]
    """Which instants the days that were typed mean."""
    has_dates: bool

    @property
    def errors(self) -> list[str]:
        return [line for lines in self.invalid.values() for line in lines]


@dataclass(frozen=True)
class ActDraft:
    """An act as it was typed. Its dates are read by the complaint's clock."""

    act: str
    options: ActOptions
    fields: Fields
    new_id: str = field(default_factory=lambda: uuid.uuid4().hex)  # noqa: TID251 - an act's id begins here

    @property
    def id(self) -> str:
        return self.new_id if self.options.id is None else self.options.id

    @property
    def path(self) -> str:
        """The act's path at the service."""
        return f"/complaints/{self.options.reference}/acts/{self.act}"

    @property
    def identifier_errors(self) -> list[str]:
        """What is wrong with the reference and the staff ids."""
        return [*reference_errors(self.options.reference), *staff_id_errors("--as", self.options.staff)]

    def read(self, dates: LocalDates) -> ReadAct:
        """Read the dates that were typed."""
        reader = _DateReader(dates)
        values = {name: reader.read(name, value) for name, value in self.fields.items()}
        invalid = {name: value.errors for name, value in values.items() if isinstance(value, InvalidOption)}
        json = {name: value for name, value in values.items() if name not in invalid and value not in (None, [])}
        return ReadAct({"id": self.id, **json}, invalid, tuple(reader.notes), reader.has_dates)


class OptionNames(dict[str, str]):
    """The option of each field in the service's errors, such as `remedies[1].what`."""

    def get(self, path: str, default: Any = None) -> Any:
        """Return the option; every field of an act has one."""
        del default
        head = re.split(r"[\[.]", path)[0]
        return (head in GROUPS and option_of_path(path)) or (option_of(head) if head else "")


class _DateReader:
    def __init__(self, dates: LocalDates) -> None:
        self._dates = dates
        self.notes: list[str] = []
        self.has_dates = False

    def read(self, name: str, value: Any) -> Any:
        """Return a value of the act's JSON, or InvalidOption."""
        if isinstance(value, dict):
            parts = {part: self.read(f"{name}.{part}", each) for part, each in value.items()}
            errors = tuple(_errors(parts))
            return InvalidOption(errors) if errors else parts
        if not isinstance(value, TypedDay | TypedInstant):
            return value
        self.has_dates = True
        option = option_of_path(name) or option_of(name)
        try:
            if isinstance(value, TypedDay):
                return f"{self._dates.day(value.text)}"
            at, is_day = self._dates.instant(value.text)
        except DateTextError as error:
            return InvalidOption((f"{option}: {error}",))
        if is_day:
            self.notes.append(
                f"{option}: {value.text.strip()} means {self._dates.format(at)} ({self._dates.zone.key})."
            )
        return at.isoformat()


def _errors(parts: Mapping[str, Any]) -> Iterator[str]:
    for value in parts.values():
        if isinstance(value, InvalidOption):
            yield from value.errors
