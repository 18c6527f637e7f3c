"""Sample complaints for reports: run in the pure procedure, then written to the record."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.builder import calendar_between
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Act, Escalate, GiveOpinion, Reply
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from complaints.procedure.state import Start
from complaints.procedure.views.views import transition_since
from complaints.records.database import RecordUnreachableError
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import form

FOS = load_policy()


@cache
def calendar(first_year: int, last_year: int) -> WorkingCalendar:
    return calendar_between(FOS, date(first_year, 1, 1), date(last_year, 12, 31))


class SampleComplaint:
    """A complaint that takes one act after another; days count from its receipt at 10:00 UTC."""

    def __init__(self, reference: str, received_on: date, *, policy: Policy = FOS, **given: Any) -> None:
        self.received_at = given.pop("received_at", datetime.combine(received_on, time(10), UTC))
        days = {"received_at": self.received_at, "told_case_handler_on": received_on - timedelta(days=3)}
        case = {"open": False, "answered_on": received_on - timedelta(days=20)} | given.pop("case", {})
        start = Start(
            form=form(reference=reference, case=case, **(days | given)),
            policy=policy,
            calendar=calendar(received_on.year - 1, received_on.year + 4),
            opened_by="intake",
            form_digest=reference,
        )
        self.complaint = Complaint.open(start, self.received_at)
        self.now = self.received_at
        self._ids = (str(number) for number in count(1))

    def act(self, kind: type[Act], day: float, refused: Code | None = None, **said: Any) -> "SampleComplaint":
        self.now = self.received_at + timedelta(days=day)
        by = said.pop("by", f"staff.{self.complaint.state.tier_id}")
        answer = self.complaint.apply(
            kind.model_validate({"id": next(self._ids), "by": by, **said}), self.now, DIRECTORY_RESULT
        )
        assert answer.code == (refused or DONE), answer.sentence
        return self

    def until(self, day: float) -> "SampleComplaint":
        """Let time pass until a day."""
        self.now = self.received_at + timedelta(days=day)
        self.complaint.elapse(self.now)
        return self

    def at_the_assessor(self, **said: Any) -> "SampleComplaint":
        """Escalate to the Assessor on day 9, after two replies."""
        self.act(Reply, 2, outcome="upheld", findings="It was so.", **said).act(Escalate, 4, by="intake")
        return self.act(Reply, 6, outcome="not_upheld", findings="It was so.").act(Escalate, 9, by="intake")

    def opinion(self, day: float, *pence: int, satisfactory: bool = False) -> "SampleComplaint":
        """Give an opinion that recommends these sums."""
        recommended = [{"kind": "compensation", "pence": each} for each in pence]
        return self.act(
            GiveOpinion, day, satisfactory=satisfactory, explanation="It was so.", recommendations=recommended
        )


async def put_on_record(engine: AsyncEngine, complaints: Iterable[Complaint]) -> None:
    """Record the complaints; wait, as a worker does, while PostgreSQL is too busy to answer."""

    async def put(complaint: Complaint) -> None:
        recorded = 0
        while recorded < complaint.state.sequence:
            transition = transition_since(complaint, recorded)
            with suppress(RecordUnreachableError):
                await write_transition(engine, transition)
                recorded = transition.events[-1].sequence

    waiting = list(complaints)
    for first in range(0, len(waiting), 8):
        async with asyncio.TaskGroup() as writing:
            for complaint in waiting[first : first + 8]:
                writing.create_task(put(complaint))
