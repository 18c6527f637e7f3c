"""Queue incoming acts, and apply them in arrival order with their arrival time.

The staff directory is queried for each actor before their act is applied.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from temporalio import workflow

from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.procedure.state import Answer
from complaints.procedure.steps.authorization import staff_ids_to_check
from complaints.procedure.steps.letters.delivery_reports import reported_letter
from complaints.procedure.views.views import view_of
from complaints.temporal.search_attributes import attributes_of, no_op_update
from workflows.clock import Clock
from workflows.directory_lookup import query_by_activity, query_by_local_activity
from workflows.replay_invariant import ReplayInvariant
from workflows.signal_parsing import UnreadableSignal

BATCH_SIZE = 1_000
"""The most items that one query covers, so that no result exceeds Temporal's limits."""
NO_LOOKUP_NEEDED = DirectoryResult()


@dataclass(frozen=True)
class InboxItem:
    """An act or an unreadable signal, with its arrival time."""

    content: Act | UnreadableSignal
    at: datetime
    answer: asyncio.Future[Answer] = field(default_factory=asyncio.Future)


@dataclass(frozen=True)
class PendingQuery:
    """A query to the staff directory, and the number of waiting items that it covers."""

    query: DirectoryQuery
    item_count: int
    at: datetime


class Inbox:
    """The queue of one complaint. The workflow's loop calls `process` and `authorise_pending`.

    `enqueue` may be called at any time.
    """

    def __init__(
        self, complaint: Complaint, clock: Clock, local_activity_lock: asyncio.Lock, invariant: ReplayInvariant
    ) -> None:
        self._complaint = complaint
        self._clock = clock
        self._local_activity_lock = local_activity_lock
        self._invariant = invariant
        self._waiting: deque[InboxItem] = deque()
        self._pending: PendingQuery | None = None
        self._result: DirectoryResult | None = None
        self._lookup: asyncio.Task[DirectoryResult] | None = None
        """The regular activity that runs after the local activity has failed; None: none is running."""

    @property
    def is_empty(self) -> bool:
        """Whether no item waits, and no query is pending."""
        return not self._waiting and self._pending is None

    def has_act(self, act_id: str) -> bool:
        """Return whether an act with this id waits."""
        return any(isinstance(item.content, Act) and item.content.id == act_id for item in self._waiting)

    def has_work(self) -> bool:
        """Return whether the loop could make progress now."""
        if self._lookup:
            return self._lookup.done()
        return bool(self._waiting) and not self._local_activity_lock.locked()

    def effective_now(self) -> datetime:
        """Return the instant to which the complaint may advance: the oldest item's, else now."""
        return self._waiting[0].at if self._waiting else self._clock.now()

    def enqueue(self, content: Act | UnreadableSignal, *, is_update: bool = False) -> asyncio.Future[Answer]:
        """Add an item for the loop's next iteration, and return the future of its answer.

        An accepted update is in the history already. A signal's workflow task must leave a command (ReplayInvariant).
        Usually the loop emits it. If the loop is blocked, the first signal of the task emits it here.
        """
        item = InboxItem(content, self._clock.now())
        is_blocked = not self._invariant.loop_is_waiting or self._lookup or self._local_activity_lock.locked()
        is_first_of_task = not self._waiting or self._waiting[-1].at < item.at
        if not is_update and not is_blocked:
            self._invariant.needs_marker_command = True
        elif not is_update and is_first_of_task:
            workflow.upsert_search_attributes(no_op_update(attributes_of(view_of(self._complaint))))
        self._waiting.append(item)
        return item.answer

    def process(self) -> None:
        """Apply each item whose lookup is done or not needed; then fire everything that is due."""
        self._invariant.task_has_local_activity = self._result is not None
        if self._lookup and self._lookup.done():
            self._result, self._lookup = self._lookup.result(), None
        if self._pending and self._result:
            pending, result = self._pending, self._result
            self._pending = self._result = None
            self._apply_result(pending, result)
        while self._waiting and self._pending is None and not self._needs_lookup(self._waiting[0].content):
            self._apply(self._waiting.popleft(), NO_LOOKUP_NEEDED)
        self._complaint.elapse(self.effective_now())

    async def authorise_pending(self) -> bool:
        """Query the directory for the waiting items, up to BATCH_SIZE, and for a holder.

        Return whether a result came at once, by the local activity.
        """
        if self._pending or self._local_activity_lock.locked():
            return False
        now = self._clock.now()
        acts = [item.content for item in islice(self._waiting, BATCH_SIZE) if isinstance(item.content, Act)]
        query = self._complaint.directory_query(acts, now)
        if query is None:
            return False
        self._pending = PendingQuery(query, min(len(self._waiting), BATCH_SIZE), now)
        self._result = await query_by_local_activity(query, self._local_activity_lock)
        if self._result is None:
            self._lookup = asyncio.create_task(query_by_activity(query))
        return self._result is not None

    def _apply_result(self, pending: PendingQuery, result: DirectoryResult) -> None:
        """Assign the holder, then apply the items: what is due precedes acts (R2, R6)."""
        at = min(pending.at, self.effective_now())
        self._complaint.elapse(at)
        before = self._complaint.state.sequence
        self._complaint.apply_directory_result(pending.query, result, at)
        if self._complaint.state.sequence > before:
            self._invariant.mark_external(self._complaint.state.sequence)
        for _ in range(pending.item_count):
            self._apply(self._waiting.popleft(), result)

    def _needs_lookup(self, content: Act | UnreadableSignal) -> bool:
        if not isinstance(content, Act) or content.id in self._complaint.state.answers:
            return False
        return bool(staff_ids_to_check(content)) or reported_letter(content) is not None

    def _apply(self, item: InboxItem, result: DirectoryResult) -> None:
        content = item.content
        if isinstance(content, UnreadableSignal):
            answer = self._complaint.refuse(content.name, None, content.code, content.sentence, item.at)
        else:
            answer = self._complaint.apply(content, item.at, result)
        self._invariant.mark_external(self._complaint.state.sequence)
        item.answer.set_result(answer)
