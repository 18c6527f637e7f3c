"""Generate one random complaint that is open at an instant, held by a member of staff."""

from datetime import datetime, timedelta
from itertools import count
from random import Random

from benchmarks.corpus.closed_complaints import NEXT, Life
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.policy import Policy

STAFF = 50
"""Holders at each tier. 2,500 open complaints are about twenty-five for each manager."""
LONGEST_OPEN = 60
"""Days before the instant within which it was received."""


class _OverError(Exception):
    """The life has come to the instant."""


class OpenLife(Life):
    """A complaint up to an instant, with the holders that a directory chose."""

    def __init__(
        self, reference: str, received_at: datetime, policy: Policy, calendar: WorkingCalendar, seed: str, end: datetime
    ) -> None:
        self._end = end
        super().__init__(reference, received_at, policy, calendar, seed)
        self._assign()

    def live(self) -> Complaint:
        """Act until the instant; the complaint may have closed before."""
        try:
            while not self.complaint.state.is_closed:
                NEXT[self.complaint.state.status](self)
        except _OverError:
            self.complaint.elapse(self._end)
        return self.complaint

    def act(self, act: Act) -> None:
        """Give an act, unless the instant is over; then let the directory choose."""
        if self.now > self._end:
            raise _OverError
        super().act(act)
        self._assign()

    def wait(self) -> None:
        following = self.complaint.next_due()
        if following and following.at > self._end:
            raise _OverError
        super().wait()
        self._assign()

    def _assign(self) -> None:
        query = self.complaint.directory_query((), self.now)
        if query is None:
            return
        request = query.assignment
        assignee = f"{request.tier}.{self._chance.randint(1, STAFF)}" if request and not request.named else None
        self.complaint.apply_directory_result(query, DirectoryResult(assignee=assignee), self.now)


def open_complaint_at(reference: str, end: datetime, policy: Policy, calendar: WorkingCalendar) -> Complaint:
    """Return a complaint that is open at the instant; the same reference gives the same."""
    chance = Random(f"received {reference}")  # noqa: S311 (lives, not secrets)
    for attempt in count():
        received_at = end - timedelta(days=chance.uniform(0.5, LONGEST_OPEN))
        complaint = OpenLife(reference, received_at, policy, calendar, f"{reference} {attempt}", end).live()
        if not complaint.state.is_closed:
            break
    return complaint
