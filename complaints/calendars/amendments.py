"""Amendments to a region's bank holidays (R14).

They add and strike holidays that the holidays package does not know yet.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from complaints.procedure.field_types import StaffId


class Amendment(BaseModel):
    """One entry of a region's append-only list; the latest entry for a day counts."""

    model_config = ConfigDict(frozen=True)

    region: str
    number: int
    """Counted from 1 in each region; the last number is the list's version."""
    on: date
    name: str | None
    """The holiday's name; None: the day is struck and counts as a working day."""
    by: StaffId
    at: datetime
    reason: str


AmendmentLookup = Callable[[str], Awaitable[Sequence[Amendment]]]
"""Look up a region's amendments, in the order of their numbers."""


async def no_amendments(region: str) -> Sequence[Amendment]:  # noqa: ARG001 (the same for every region)
    """Return no amendments, for a caller without a record."""
    return ()


def apply_amendments(holidays: Mapping[date, str], amendments: Sequence[Amendment]) -> dict[date, str]:
    """Return the holidays with the amendments applied."""
    named = dict(holidays)
    for amendment in amendments:
        named.pop(amendment.on, None)
        if amendment.name is not None:
            named[amendment.on] = amendment.name
    return named
