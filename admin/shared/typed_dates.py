"""Read typed dates for the HTTP service, and list their errors with the service's own.

A date that needs the service's clock (`today`, `4 Jan 2027 10:30`) takes one more request; 2027-01-04 takes none.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from admin.shared.api import Api, ServiceError
from admin.shared.errors import bad_input
from admin.shared.local_dates import DateTextError, LocalDates
from complaints.runtime.clock import now

INVALID = "?"
"""Sent in place of a date with an error, so that the service lists its other errors and does nothing."""
_DAY = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*")


class TypedDates:
    """The dates of one command, and their errors."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._dates: LocalDates | None = None
        self._errors: dict[str, str] = {}

    @property
    def dates(self) -> LocalDates:
        """The service's local time. Raises CommandError."""
        if self._dates is None:
            clock = self._api.get("/clock")
            zone = ZoneInfo(clock["time_zone"])
            self._dates = LocalDates(zone, clock["day_first"], datetime.fromisoformat(clock["now"]))
        return self._dates

    def day(self, field: str, text: str | None) -> str | None:
        """Return a day as the service's `field` takes it."""
        return self._read(field, text, LocalDates.day)

    def day_or_instant(self, field: str, text: str) -> str:
        """Return a day, or an instant in UTC, as the service's `field` takes it."""
        return self._read(field, text, LocalDates.day_or_instant) or INVALID

    def add_error(self, field: str, error: str) -> None:
        """Add an error of the command's own, which the service refuses too, in its own words."""
        self._errors[field] = error

    @contextmanager
    def all_errors(self) -> Iterator[None]:
        """Join the errors of the dates with those that the service answers. Raises CommandError."""
        try:
            yield
        except ServiceError as error:
            answered = error.problem.get("errors")
            if not self._errors or not answered:
                raise
            raise bad_input(*self._joined(answered, error.lines)) from None
        assert not self._errors, "the service refused the invalid date"

    def _joined(self, answered: list[dict[str, str]], lines: tuple[str, ...]) -> Iterator[str]:
        left = dict(self._errors)
        for error, line in zip(answered, lines, strict=True):
            own = left.pop(error["field"], None)
            yield f"{line.partition(': ')[0]}: {own}" if own else line
        for field, own in left.items():
            yield f"{self._api.name_of(field)}: {own}"

    def _read(self, field: str, text: str | None, parse: Callable[[LocalDates, str], date | datetime]) -> str | None:
        if text is None:
            return None
        try:
            plain = LocalDates(ZoneInfo("UTC"), True, now()) if _DAY.fullmatch(text) else None
            value = parse(plain or self.dates, text)
        except DateTextError as error:
            self._errors[field] = str(error)
            return INVALID
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else str(value)


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
