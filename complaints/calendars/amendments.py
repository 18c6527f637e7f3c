"""What is added to a region's bank holidays and struck from them, where the package does not know it yet (R14)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from complaints.procedure.field_types import StaffId


class Amendment(BaseModel):
    """One entry of a region's list, which is only ever added to; the latest for a day decides."""

    model_config = ConfigDict(frozen=True)

    region: str
    number: int
    """From 1, without gaps, for each region: the version of its list."""
    on: date
    name: str | None
    """The holiday's; None: the day is struck, and counts as a working day."""
    by: StaffId
    at: datetime
    reason: str


Amended = Callable[[str], Awaitable[Sequence[Amendment]]]
"""Looks up a region's amendments, in the order of their numbers."""


async def nothing_amended(region: str) -> Sequence[Amendment]:  # noqa: ARG001 (it is so for every region)
    """For those who keep no record."""
    return ()


def amended(holidays: Mapping[date, str], amendments: Sequence[Amendment]) -> dict[date, str]:
    """The holidays as the amendments leave them."""
    named = dict(holidays)
    for amendment in amendments:
        named.pop(amendment.on, None)
        if amendment.name is not None:
            named[amendment.on] = amendment.name
    return named
