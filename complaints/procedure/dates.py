"""Dates as people write them."""

from datetime import date


def written(day: date) -> str:
    """`Wed 9 Dec 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"
