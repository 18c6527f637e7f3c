"""Format numbers, money, dates and lists for reports."""

from collections.abc import Sequence
from datetime import date

from complaints.letters.templates import format_money as written_money
from complaints.procedure.dates.date_format import LONG_MONTHS, MONTHS
from complaints.procedure.enums import Aspect, RemedyKind

ASPECTS = {
    Aspect.DELAY: "Delay",
    Aspect.NOT_KEPT_UPDATED: "Not kept updated",
    Aspect.INAPPROPRIATE_COMMUNICATION: "Inappropriate communication",
    Aspect.OTHER_SERVICE: "Other service or handling",
}
REMEDIES = {RemedyKind.APOLOGY: "Apology", RemedyKind.COMPENSATION: "Compensation", RemedyKind.ACTION: "Action"}

NONE = "\N{EN DASH}"


def format_number(figure: int | None) -> str:
    return NONE if figure is None else f"{figure:,}"


def format_money(pence: int | None) -> str:
    """Format pence as `£75` or `£75.50`; None as a dash."""
    return NONE if pence is None else written_money(pence)


def format_per_cent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}%"


def format_date(day: date) -> str:
    return f"{day.day} {LONG_MONTHS[day.month - 1]} {day.year}"


def month_names(first: date, how_many: int) -> list[str]:
    """List the short names of consecutive months, such as `Apr`, `May`."""
    return [MONTHS[(first.month - 1 + n) % 12] for n in range(how_many)]


def format_decimal(figure: float | None) -> str:
    return NONE if figure is None else f"{figure:,.2f}"


def join_names(names: Sequence[str]) -> str:
    """Join names: `May`, `May and June`, `May, June and July`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def band_names(edges: Sequence[tuple[int | None, int | None]]) -> list[str]:
    """Name each band of pounds; a bound belongs to the band below it, except the first bound."""
    return [_band_name(*edge, is_second=number == 1) for number, edge in enumerate(edges)]


def _band_name(above: int | None, most: int | None, *, is_second: bool) -> str:
    if above is None:
        return f"Under £{most:,}"
    if most is None:
        return f"Over £{above:,}"
    return f"£{above:,} to £{most:,}" if is_second else f"Over £{above:,}, to £{most:,}"
