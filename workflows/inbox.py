"""Takes in what comes: each act in order, at the instant at which it came, once the directory has said who may act."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from complaints.procedure.acts import Act
    from complaints.procedure.complaint import Complaint
    from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
    from complaints.procedure.state import Answer
    from complaints.procedure.steps.authorization import staff_ids_to_check
    from complaints.procedure.views.views import view_of
    from complaints.temporal.search_attributes import attributes_of, no_op_update
    from workflows.clock import Clock
    from workflows.directory_lookup import query_by_local_activity, query_by_activity
    from workflows.signal_parsing import UnreadableSignal

BATCH_SIZE = 1_000
"""How many of those that wait are asked about at a time, so that no answer grows beyond Temporal's limits."""
NO_LOOKUP_NEEDED = DirectoryResult()


@dataclass(frozen=True)
class InboxItem:
    """An act, or what is none."""

    content: Act | UnreadableSignal
    at: datetime
    answer: asyncio.Future[Answer] = field(default_factory=asyncio.Future)


@dataclass(frozen=True)
class PendingQuery:
    """A question to the directory: about how many of those that wait, and when it was put."""

    query: DirectoryQuery
    item_count: int
    at: datetime


class Inbox:
    """`take_in` and `ask` are parts of the workflow's round; `arrive` may be called at any time.

    `told`: all events up to this number may have come of what the complaint was told, and not by themselves.
    """

    def __init__(self, complaint: Complaint, clock: Clock, beside: asyncio.Lock, told: int) -> None:
        self.last_external_event = told
        self.loop_is_waiting = True
        """Whether a round begins as soon as something comes; False while one is under way."""
        self.needs_marker_command = False
        """Something has come of which the history says nothing by itself: this workflow task must leave a command."""
        self.task_has_local_activity = False
        """The directory answered beside this workflow task, which is a command in it."""
        self._complaint = complaint
        self._clock = clock
        self._local_activity_lock = beside
        self._waiting: deque[InboxItem] = deque()
        self._asked: PendingQuery | None = None
        self._found: DirectoryResult | None = None
        self._asking: asyncio.Task[DirectoryResult] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, neither here nor for an answer."""
        return not self._waiting and self._asked is None

    def has_work(self) -> bool:
        if self._asking:
            return self._asking.done()
        return bool(self._waiting) and not self._local_activity_lock.locked()

    def effective_now(self) -> datetime:
        """How far time has come for the complaint: no further than what waits."""
        return self._waiting[0].at if self._waiting else self._clock.now()

    def enqueue(self, given: Act | UnreadableSignal, *, is_update: bool = False) -> asyncio.Future[Answer]:
        """It waits for the round that follows.

        Its workflow task leaves a command, also where that round is held up: else, told again, it might be joined with
        a later one, and what came would come at another time. That an update was accepted the history says by itself.
        """
        arrival = InboxItem(given, self._clock.now())
        is_held_up = not self.loop_is_waiting or self._asking or self._local_activity_lock.locked()
        is_first_of_task = not self._waiting or self._waiting[-1].at < arrival.at
        if not is_update and not is_held_up:
            self.needs_marker_command = True
        elif not is_update and is_first_of_task:
            workflow.upsert_search_attributes(no_op_update(attributes_of(view_of(self._complaint))))
        self._waiting.append(arrival)
        return arrival.answer

    def mark_external(self) -> None:
        """What happened up to here came of what the complaint was told, and not all of it by itself."""
        self.last_external_event = self._complaint.state.sequence

    def process(self) -> None:
        """All takes effect that can by now, and all has happened that was due by then."""
        self.task_has_local_activity = self._found is not None
        if self._asking and self._asking.done():
            self._found, self._asking = self._asking.result(), None
        if self._asked and self._found:
            asked, found = self._asked, self._found
            self._asked = self._found = None
            self._apply_result(asked, found)
        while self._waiting and self._asked is None and not self._must_be_asked_about(self._waiting[0].content):
            self._apply(self._waiting.popleft(), NO_LOOKUP_NEEDED)
        self._complaint.elapse(self.effective_now())

    async def authorise_pending(self) -> bool:
        """Of all that waits, and for a holder. Whether there is an answer to take in."""
        if self._asked or self._local_activity_lock.locked():
            return False
        now = self._clock.now()
        acts = [each.content for each in islice(self._waiting, BATCH_SIZE) if isinstance(each.content, Act)]
        question = self._complaint.directory_query(acts, now)
        if question is None:
            return False
        self._asked = PendingQuery(question, min(len(self._waiting), BATCH_SIZE), now)
        self._found = await query_by_local_activity(question, self._local_activity_lock)
        if self._found is None:
            self._asking = asyncio.create_task(query_by_activity(question))
        return self._found is not None

    def _apply_result(self, asked: PendingQuery, found: DirectoryResult) -> None:
        for _ in range(asked.item_count):
            self._apply(self._waiting.popleft(), found)
        at = min(asked.at, self.effective_now())
        self._complaint.elapse(at)
        before = self._complaint.state.sequence
        self._complaint.apply_directory_result(asked.query, found, at)
        if self._complaint.state.sequence > before:
            self.mark_external()

    def _must_be_asked_about(self, given: Act | UnreadableSignal) -> bool:
        return (
            isinstance(given, Act) and given.id not in self._complaint.state.answers and bool(staff_ids_to_check(given))
        )

    def _apply(self, arrival: InboxItem, found: DirectoryResult) -> None:
        given = arrival.content
        if isinstance(given, UnreadableSignal):
            answer = self._complaint.refuse(given.name, None, given.code, given.sentence, arrival.at)
        else:
            answer = self._complaint.apply(given, arrival.at, found)
        self.mark_external()
        arrival.answer.set_result(answer)
