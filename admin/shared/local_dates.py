"""Parse what people write for a day or an instant, in the local time of a policy.

Days: `2027-01-04`, `4 January 2027`, `Mon 4 Jan 2027`, `04/01/2027`, `today`, `yesterday`, `tomorrow`.
An instant is a day with a time: `4 January 2027 10:30`, `2027-01-04T10:30Z`. Without an offset it is local time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from complaints.calendars.regions import REGIONS
from complaints.formatting.limits import EARLIEST_YEAR, LATEST_YEAR
from complaints.procedure.dates.date_format import DAYS, LONG_DAYS, LONG_MONTHS, MONTHS, format_date, format_instant
from complaints.runtime.clock import now as real_now

if TYPE_CHECKING:
    from complaints.procedure.policy import Policy

NOON = time(12)
DAY_FIRST_COUNTRY = "GB"
"""The country whose people write 4 January as 04/01."""
RELATIVE_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
WITH_OFFSET = "give the offset too, as in 2026-12-09T10:00Z"

_WEEKDAYS = {name.lower(): number for names in (DAYS, LONG_DAYS) for number, name in enumerate(names)}
_MONTHS = {name.lower(): number for names in (MONTHS, LONG_MONTHS) for number, name in enumerate(names, start=1)}
_MONTHS["sept"] = 9

_WITH_TIME = re.compile(
    r"(?P<day>.*?[^\s,])(?:(?:T|,?\s+(?:at\s+)?)(?P<hour>[0-9]{1,2})(?P<rest>:[0-9]{2}\S*(?:\s*[+-][0-9:]+|\s*Z)?))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NAMED = re.compile(r"(?:([a-z]+),?\s+)?([0-9]{1,2})\s+([a-z]+)\.?,?\s+([0-9]{4})", re.IGNORECASE)
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class DateTextError(ValueError):
    """A text is no date. The message says what would be right."""


@dataclass(frozen=True)
class LocalDates:
    """The local time by which dates are read."""

    zone: ZoneInfo
    day_first: bool
    """Whether 04/01/2027 is 4 January."""
    now: datetime
    earliest: datetime | None = None
    """Where a day is asked for whose noon comes before this instant of that day, the day means this instant."""

    @classmethod
    def of(cls, policy: "Policy", now: datetime | None = None, earliest: datetime | None = None) -> Self:
        """Read dates as the policy's region writes them.

        `now` is the time on a complaint's clock; None: on the real one.
        """
        country, _ = REGIONS.get(policy.region, ("", ""))
        return cls(ZoneInfo(policy.time_zone), country == DAY_FIRST_COUNTRY, now or real_now(), earliest)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def day_examples(self) -> str:
        return f"a date such as 2026-12-09, 9 December 2026{', 09/12/2026' if self.day_first else ''} or today"

    @property
    def instant_examples(self) -> str:
        return f"{self.day_examples}, with or without a time such as 10:30"

    def day(self, text: str) -> date:
        """Read a day. Raises DateTextError."""
        written = self.day_or_instant(text, self.day_examples)
        if isinstance(written, datetime):
            raise DateTextError("give a day without a time")
        return written

    def instant(self, text: str) -> tuple[datetime, bool]:
        """Read an instant, and whether only its day was given. Raises DateTextError.

        A day means its noon, or now if that noon has not come yet today; and never an instant before `earliest`
        on the same day.
        """
        written = self.day_or_instant(text, self.instant_examples)
        if isinstance(written, datetime):
            return written, False
        at = datetime.combine(written, NOON, self.zone).astimezone(UTC)
        if self.earliest and self.earliest.astimezone(self.zone).date() == written:
            at = max(at, self.earliest)
        return (min(at, self.now) if written == self.today else at), True

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)

    def format(self, at: datetime) -> str:
        """Format an instant in local time: `Wed 9 Dec 2026 10:30`."""
        return format_instant(at, self.zone)

    def day_or_instant(self, text: str, examples: str | None = None) -> date | datetime:
        """Return a date for a day, and a datetime in UTC for an instant. Raises DateTextError.

        `examples`: the remedy for a text that is neither.
        """
        remedy = DateTextError(f"give {examples or self.instant_examples}")
        match = _WITH_TIME.fullmatch(text.strip())
        day = self._day(match["day"].strip()) if match else None
        if match is None or day is None:
            raise remedy
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise DateTextError(f"give a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
        if match["hour"] is None:
            return day
        try:
            at = datetime.fromisoformat(f"{day}T{match['hour']:0>2}{''.join(match['rest'].split()).upper()}")
            return _in_utc(at if at.tzinfo else self._localise(at))
        except (ValueError, OverflowError) as error:
            if isinstance(error, DateTextError):
                raise
            raise DateTextError("there is no such time; give one such as 10:30") from None

    def _day(self, text: str) -> date | None:
        """Return None for a text that is no day. Raises DateTextError for a day that does not exist."""
        if (ahead := RELATIVE_DAYS.get(text.lower())) is not None:
            return self.today + timedelta(days=ahead)
        if match := _ISO.fullmatch(text):
            year, month, day = map(int, match.groups())
            return _existing(year, month, day)
        if match := _SLASHED.fullmatch(text):
            if not self.day_first:
                raise DateTextError(f"{text} is read in two ways; give the month's name, as in 9 December 2026")
            day, month, year = map(int, match.groups())
            return _existing(year, month, day)
        if (match := _NAMED.fullmatch(text)) and match[3].lower() in _MONTHS:
            named = _existing(int(match[4]), _MONTHS[match[3].lower()], int(match[2]))
            return _on_weekday(named, match[1])
        return None

    def _localise(self, local: datetime) -> datetime:
        """Give a local time its offset. Raises DateTextError where the clocks change."""
        first, second = (local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            exists = first.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) == local
            problem = "comes twice" if exists else "does not exist"
            raise DateTextError(f"{local:%H:%M} {problem} on {format_date(local.date())}; {WITH_OFFSET}")
        return first


def _existing(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise DateTextError("there is no such day; correct it") from None


def _on_weekday(day: date, weekday: str | None) -> date | None:
    if weekday is None or _WEEKDAYS.get(weekday.lower()) == day.weekday():
        return day
    if weekday.lower() not in _WEEKDAYS:
        return None
    raise DateTextError(f"that day is {format_date(day)}; correct the day or the weekday")


def _in_utc(at: datetime) -> datetime:
    """Return the instant in UTC, where its year counts. Raises ValueError for another year."""
    in_utc = at.astimezone(UTC)
    if not EARLIEST_YEAR <= in_utc.year <= LATEST_YEAR:
        raise ValueError(in_utc)
    return in_utc
