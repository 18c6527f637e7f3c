"""Looks each day whether open complaints carry another calendar than the one in force, and tells their leads."""

from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.messages.staff_email import message_of_stale_calendars
from complaints.procedure.dates.calendar import CalendarChange
from complaints.records.stale_calendars import stale
from worker.delivery.deliverer import MessageSender


class CalendarCheck:
    """`now` is the real instant; `first_tier` is told of complaints that are at none."""

    def __init__(
        self, engine: AsyncEngine, delivering: MessageSender, first_tier: str, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._delivering = delivering
        self._first_tier = first_tier
        self._now = now

    async def check(self, at: datetime) -> list[str]:
        """The tiers whose leads were told. Raises ChannelAwayError, ChannelRefusedError, RecordUnreachableError."""
        number: Counter[str] = Counter()
        days: dict[str, dict[CalendarChange, None]] = {}
        async with aclosing(stale(self._engine, by="nobody")) as those:
            async for each in those:
                tier = each.carried.tier or self._first_tier
                number[tier] += 1
                days.setdefault(tier, {}).update(dict.fromkeys(each.carried.calendar.changes_to(each.act.calendar)))
        for tier in sorted(number):
            message = message_of_stale_calendars(tier, number[tier], sorted(days[tier], key=lambda day: day.on))
            key = f"calendar.{tier}.{at:%Y-%m-%d}"
            await self._delivering.send_to_lead(tier, message, key, self._now())
        return sorted(number)
