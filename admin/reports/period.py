"""Read --from and --to, by the service's clock where a day is typed in words."""

import re
from datetime import date
from zoneinfo import ZoneInfo

from admin.shared.api import Api
from admin.shared.local_dates import DateTextError, LocalDates
from admin.shared.typed_dates import TypedDates
from complaints.runtime.clock import now

_ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*")


def read_period(api: Api, first: str | None, last: str | None, errors: list[str]) -> dict[str, str]:
    """Return the days as the service's fields `from` and `to`. Add errors to `errors`."""
    begins, ends = _day(api, "--from", first, errors), _day(api, "--to", last, errors)
    if begins and ends and ends < begins:
        errors.append(f"--to: {ends} is before --from, {begins}; give a later day")
    return {"from": str(begins), "to": str(ends)}


def _day(api: Api, option: str, text: str | None, errors: list[str]) -> date | None:
    if text is None:
        errors.append(f"{option}: is needed")
        return None
    try:
        is_plain = _ISO.fullmatch(text)
        return (LocalDates(ZoneInfo("UTC"), True, now()) if is_plain else TypedDates(api).dates).day(text)
    except DateTextError as error:
        errors.append(f"{option}: {error}")
        return None
