"""List letters and alerts, and send them again."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_instant
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import Reference
from complaints.procedure.policy import Policy
from complaints.records import queries
from complaints.records.deliveries import (
    Delivery,
    NoAddressError,
    ask_again,
    find_delivery,
    list_deliveries,
    redirect,
)
from complaints.records.tables import HELD_BY_HAND
from complaints.runtime.clock import now
from complaints.temporal.calls import NoAnswerError, call_with_timeout
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, invalid_fields
from starter.client.delivery_attempts import Attempts, describe_attempts
from starter.client.delivery_result import find_known_delivery
from starter.client.start_delivery import start_delivery
from starter.service.access import Access, may_read_words
from starter.service.models import AnswerModel, RequestModel

BATCH_SIZE = 500
"""Rows of which Temporal is asked at once why they wait."""
MAX_SENT_AGAIN = 200


class LetterFilters(RequestModel):
    """Which letters and alerts."""

    of: Reference | None = None
    """Only those of this complaint."""
    status: DeliveryStatus | None = None
    """`waiting`, `sent` or `held`; waiting ones say why."""


class ListedDelivery(Delivery):
    """A letter or an alert, with why it waits."""

    waits: Attempts | None = None
    """Of a waiting one, what Temporal knows, where only waiting ones are listed."""


def _require_key(text: str) -> str:
    MessageKey.read(text)
    return text


class SendAgain(RequestModel):
    """Send held letters and alerts again, or letters by another channel."""

    ids: Annotated[list[Annotated[str, AfterValidator(_require_key)]], Field(min_length=1, max_length=MAX_SENT_AGAIN)]
    """Their ids, such as C-1003.7.complainant."""
    channel: Channel | None = None
    """For letters to the complainant: the channel by which they go instead."""


class SentAgain(AnswerModel):
    """What is on the way again."""

    again: list[str]


class Letters:
    """Letters and alerts of the outbox, and what Temporal knows of them."""

    def __init__(self, client: Client, engine: AsyncEngine, policy: Policy, task_queue: str, access: Access) -> None:
        self._client = client
        self._engine = engine
        self._policy = policy
        self._task_queue = task_queue
        self._access = access

    async def matching(self, filters: LetterFilters, caller: StaffCaller) -> AsyncGenerator[ListedDelivery, None]:
        """Stream deliveries, oldest first. Raises ProblemError, RecordUnreachableError.

        The reason of somebody who held a letter is for those who may read the complaint's words.
        """
        if filters.of and await queries.find_complaint(self._engine, filters.of) is None:
            raise invalid_fields([f"of: there is no complaint {filters.of} on the record"])
        rows: list[Delivery] = []
        async with aclosing(list_deliveries(self._engine, status=filters.status, reference=filters.of)) as deliveries:
            async for delivery in deliveries:
                rows.append(delivery)
                if len(rows) == BATCH_SIZE:
                    for row in await self._complete(rows, filters, caller):
                        yield row
                    rows = []
        for row in await self._complete(rows, filters, caller):
            yield row

    async def send_again(self, request: SendAgain, caller: StaffCaller) -> SentAgain:
        """Send messages again, or none of them.

        Raises ProblemError, NoAnswerError, RecordUnreachableError.
        """
        keys = [MessageKey.read(text) for text in request.ids]
        if request.channel:
            alerts = [f"channel: {key} is no letter to the complainant; leave it out" for key in keys if _is_alert(key)]
            if alerts:
                raise invalid_fields(alerts)
        found = [(key, await find_delivery(self._engine, key)) for key in keys]
        errors = [
            f"{key}: there is no such letter or alert; see complaints letters --of {key.reference}"
            for key, delivery in found
            if delivery is None
        ]
        deliveries = [delivery for _, delivery in found if delivery]
        for delivery in deliveries:
            errors += await self._sent_already(delivery)
        if request.channel and not errors:
            try:
                await redirect(self._engine, keys, request.channel)
            except NoAddressError as error:
                errors += str(error).splitlines()
        if errors:
            raise ProblemError(HTTPStatus.CONFLICT, "not_sent_again", "\n".join(errors))
        await ask_again(self._engine, keys, caller.id, now())
        for delivery in deliveries:
            summary = delivery.model_copy(update={"channel": request.channel} if request.channel else {}).summary
            again = start_delivery(self._client, self._task_queue, delivery.key, summary, again=True)
            await call_with_timeout(again)
        return SentAgain(again=request.ids)

    async def _complete(
        self, rows: Sequence[Delivery], filters: LetterFilters, caller: StaffCaller
    ) -> list[ListedDelivery]:
        waits = await self._why(rows) if filters.status is DeliveryStatus.WAITING else {}
        listed = []
        for row in rows:
            why = row.why
            if row.is_held_by_hand and not await self._may_read(row.key.reference, caller):
                why = HELD_BY_HAND
            listed.append(ListedDelivery.model_validate({**dict(row), "why": why, "waits": waits.get(row.key)}))
        return listed

    async def _may_read(self, reference: str, caller: StaffCaller) -> bool:
        if not may_read_words(caller, await queries.read_readers(self._engine, reference) or ()):
            return False
        self._access.count_reading([reference], caller)
        return True

    async def _why(self, rows: Sequence[Delivery]) -> dict[MessageKey, Attempts]:
        keys = [row.key for row in rows]
        try:
            attempts = await call_with_timeout(describe_attempts(self._client, keys))
        except NoAnswerError as error:
            attempts = [Attempts(why=f"not known: {error}")] * len(keys)
        return dict(zip(keys, attempts, strict=True))

    async def _sent_already(self, delivery: Delivery) -> list[str]:
        """Return an error for a message that was sent, also where only Temporal knows it.

        A letter that somebody has marked as held went, and came back: it may go again.
        """
        local = zone(self._policy.time_zone)
        if delivery.sent_at:
            return [f"{delivery.key}: it was sent on {format_instant(delivery.sent_at, local)}"]
        if delivery.is_held_by_hand:
            return []
        known = await call_with_timeout(find_known_delivery(self._client, self._task_queue, delivery.key))
        if known and known.result and known.result.status is DeliveryStatus.SENT:
            sent_at = format_instant(known.result.at, local)
            sentence = f"it was sent on {sent_at}, before the record was restored to an older state"
            return [f"{delivery.key}: {sentence}; run python -m worker reconcile"]
        return []


def _is_alert(key: MessageKey) -> bool:
    return key.to != COMPLAINANT
