"""Differences between two policies, figure by figure."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.policy import Policy


class Difference(BaseModel):
    """A figure that differs; None: that policy does not have it."""

    key: str
    """`tiers.manager.reply.within`"""
    was: str | None
    now: str | None


def differences(was: Policy, now: Policy) -> list[Difference]:
    """Return the differences in the order of the policies' keys."""
    old, new = dict(_figures("", was)), dict(_figures("", now))
    keys = dict.fromkeys([*old, *new])
    return [Difference(key=key, was=old.get(key), now=new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _figures(key: str, value: object) -> Iterator[tuple[str, str]]:
    inner = f"{key}." if key else ""
    if isinstance(value, Allowance):
        yield key, str(value)
    elif isinstance(value, BaseModel):
        for name, part in value:
            yield from _figures(f"{inner}{name}", part)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _figures(f"{inner}{name}", part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _figures(f"{inner}{getattr(part, 'id', part)}", part)
    elif value is not None:
        yield key, str(value)
