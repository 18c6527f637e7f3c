"""Calculate a due date without a complaint, and each day counted or skipped (R2)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.calendars.builder import calendar_between
from complaints.procedure.dates.allowance import (
    MAX_CALENDAR_DAYS,
    MAX_HOURS,
    MAX_MONTHS,
    MAX_ROLLED_MONTHS,
    MAX_WEEKS,
    MAX_WORKING_DAYS,
    Allowance,
    Counting,
    DueInstant,
)
from complaints.procedure.dates.calendar import DAY, BeyondCalendarError, CalendarDay, zone
from complaints.procedure.field_types import LATEST_YEAR, Day, Instant
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import list_amendments
from starter.api.problems import invalid_fields
from starter.service.administration.calendar import Region
from starter.service.models import AnswerModel, RequestModel

_DAY, _INSTANT = TypeAdapter[date](Day), TypeAdapter[datetime](Instant)
MAX_DIGITS = 18
UNITS = ("working_days", "calendar_days", "weeks", "months", "hours")


class Whole(NamedTuple):
    """A validator of whole numbers from 1 to `highest`, whose error says both."""

    highest: int

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.highest}

    def _check(self, value: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS and 1 <= int(text) <= self.highest):
            raise ValueError(f"give a whole number from 1 to {self.highest:,}")
        return int(text)


def _day_or_instant(value: Any) -> date | datetime:
    """Return a date for a day, a datetime in UTC for an instant."""
    for kind in (_DAY, _INSTANT):
        try:
            return kind.validate_python(value)
        except ValidationError:
            continue
    raise ValueError("give a day such as 2026-12-09, or an instant such as 2026-12-09T10:00Z")


class Calculation(RequestModel):
    """Day 0, and one allowance to count from it."""

    start: Annotated[
        date | datetime,
        Field(alias="from"),
        PlainValidator(_day_or_instant),
        WithJsonSchema({"type": "string", "examples": ["2026-12-22"]}),
    ]
    """Day 0: a day, or an instant with its offset."""
    working_days: Annotated[int, Whole(MAX_WORKING_DAYS)] | None = None
    """The allowance in working days; or one of the next four."""
    calendar_days: Annotated[int, Whole(MAX_CALENDAR_DAYS)] | None = None
    """The allowance in calendar days."""
    weeks: Annotated[int, Whole(MAX_WEEKS)] | None = None
    """The allowance in weeks."""
    months: Annotated[int, Whole(MAX_MONTHS)] | None = None
    """The allowance in months."""
    hours: Annotated[int, Whole(MAX_HOURS)] | None = None
    """The allowance in hours, from an instant."""
    roll: bool = False
    """Whether the last day rolls to the next working day; for calendar days, weeks and months."""
    region: Region | None = None
    """The region of the holidays; none: that of the policy."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        counts = self.counts
        if len(counts) != 1:
            *others, last = UNITS
            raise ValueError(f"working_days: give exactly one of {', '.join(others)} and {last}")
        if self.roll and counts.keys() & {"working_days", "hours"}:
            raise ValueError("roll: is for calendar_days, weeks and months; leave it out")
        if self.roll and (self.months or 0) > MAX_ROLLED_MONTHS:
            raise ValueError(f"months: give a whole number from 1 to {MAX_ROLLED_MONTHS}")
        if self.hours and not isinstance(self.start, datetime):
            raise ValueError("from: hours count from an instant; give one such as 2026-12-22T09:30Z")
        return self

    @property
    def counts(self) -> dict[str, int]:
        """The allowances that are given."""
        return {unit: number for unit in UNITS if (number := getattr(self, unit)) is not None}


class SkippedDay(AnswerModel):
    """A day that does not count."""

    on: date
    why: str
    """A weekend, or a holiday's name."""


class DueDate(AnswerModel):
    """When the allowance ends, and each day on the way."""

    due_on: date
    deadline: datetime
    """An act at this instant or later is late."""
    counted: list[date]
    skipped: list[SkippedDay]
    allowance: str
    """As people read it, such as `10 working days`."""
    region: str
    is_elapsed: bool
    """Whether it counts elapsed time, and ends at an instant of the day."""


async def calculate(engine: AsyncEngine, policy: Policy, calculation: Calculation) -> DueDate:
    """Calculate with the holidays and amendments of the region. Raises ProblemError."""
    policy = policy.model_copy(update={"region": calculation.region or policy.region})
    allowance = Allowance.model_validate({**calculation.counts, "roll": calculation.roll})
    amendments = await list_amendments(engine, policy.region)
    due, days = _calculate(policy, allowance, calculation.start, amendments)
    return DueDate(
        due_on=due.on,
        deadline=due.at,
        counted=[day.on for day in days if not day.skipped],
        skipped=[SkippedDay(on=day.on, why=day.skipped) for day in days if day.skipped],
        allowance=str(allowance),
        region=policy.region,
        is_elapsed=allowance.counting is Counting.TIME,
    )


def _calculate(
    policy: Policy, allowance: Allowance, start: date | datetime, amendments: Sequence[Amendment]
) -> tuple[DueInstant, list[CalendarDay]]:
    at = start.astimezone(zone(policy.time_zone)) if isinstance(start, datetime) else None
    day_0 = at.date() if at else start
    years = allowance.days_at_most // 365 + 2
    last = date(min(day_0.year + years, LATEST_YEAR), 12, 31)
    try:
        calendar = calendar_between(policy, date(day_0.year, 1, 1), last, amendments)
        due = allowance.due(calendar, DueInstant(day_0, at or calendar.at(day_0, policy.notices_at)))
        calendar.why_skipped(due.on)
        days = calendar.ledger(day_0, due.on) if allowance.working_days else []
        if allowance.roll:
            days = [day for day in calendar.ledger(allowance.unrolled_day(day_0) - DAY, due.on) if day.skipped]
    except (BeyondCalendarError, ValueError) as error:
        reason = f"from: the due date lies beyond the calendar ({error}); give an earlier day"
        raise invalid_fields([reason]) from error
    return due, days
