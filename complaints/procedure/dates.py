"""Dates as people write them; the same on every machine, and quick: `strftime` knows neither."""

from datetime import date
from functools import lru_cache

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@lru_cache
def written(day: date) -> str:
    """`Wed 9 Dec 2026`."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
