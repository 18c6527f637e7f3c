"""Whether each letter and alert has gone: who may send it, and what became of it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState, Event
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.directory import addressed
from complaints.staff.members import Member

BATCH_SIZE = 500
"""How many deliveries of a list are in memory."""
ADDRESSES = {Channel.EMAIL: "email", Channel.POST: "address"}
"""Where a complainant's form says how to reach them."""
_EVENT = tuple(tables.events.c[name] for name in ("sequence", "at", "kind", "by", "what", "detail"))
_AT_LEISURE = text("SET LOCAL idle_in_transaction_session_timeout = '5min'")
"""A channel may be slow while a delivery is locked."""


class Delivery(BaseModel):
    """One letter or alert on its way to one recipient."""

    key: MessageKey
    channel: str
    owed_at: datetime
    sent_at: datetime | None
    held_at: datetime | None
    why: str | None
    """Why it is held."""
    kind: str
    """letter, alerted, reminded or chased."""
    occasion: str | None
    what: str

    @property
    def status(self) -> DeliveryStatus:
        if self.sent_at:
            return DeliveryStatus.SENT
        return DeliveryStatus.HELD if self.held_at else DeliveryStatus.WAITING


class Contents(BaseModel):
    """What a letter or an alert is made from."""

    model_config = HIDE_INPUT

    state: ComplaintState
    """As last recorded, without its events: the complaint may have gone on since."""
    event: Event
    free_text: dict[int, dict[str, str]]
    """People's words of the complaint's events, by the event's number and the field."""


class NoAddressError(Exception):
    """The complainant cannot be reached in that way."""


class BeingSentError(Exception):
    """Somebody else is sending it at the moment."""


@dataclass(frozen=True)
class Claim:
    """A delivery that is nobody else's while this lasts."""

    delivery: Delivery
    _connection: AsyncConnection

    async def contents(self) -> Contents:
        key = self.delivery.key
        state = await self._connection.scalar(
            select(tables.complaints.c.state).where(tables.complaints.c.reference == key.reference)
        )
        assert state is not None, "what is owed is owed by a complaint"
        event = await self._connection.execute(select(*_EVENT).where(_of_event(tables.events, key)))
        words = await self._connection.execute(
            select(tables.free_text.c.sequence, tables.free_text.c.field, tables.free_text.c.text).where(
                tables.free_text.c.reference == key.reference
            )
        )
        said: dict[int, dict[str, str]] = {}
        for sequence, field, passage in words:
            said.setdefault(sequence, {})[field] = passage
        return Contents.model_validate({"state": state, "event": dict(event.mappings().one()), "free_text": said})

    async def addressed(self, on: date) -> list[Member]:
        """Those of the staff directory whom it is for."""
        return await addressed(self._connection, self.delivery.key.to, on)

    async def sent(self, at: datetime) -> None:
        await self._set(sent_at=at, held_at=None, why=None)

    async def held(self, at: datetime, why: str) -> None:
        await self._set(held_at=at, why=why)

    async def _set(self, **values: Any) -> None:
        await self._connection.execute(update(tables.deliveries).where(_is(self.delivery.key)).values(values))


@asynccontextmanager
async def claim(engine: AsyncEngine, key: MessageKey) -> AsyncIterator[Claim]:
    """What is done with it is kept when this ends well, and only then.

    Raises BeingSentError, RecordUnreachableError; KeyError if nothing of that key is owed.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_AT_LEISURE)
            wanted = select(tables.deliveries.c.to).where(_is(key))
            if await connection.scalar(wanted.with_for_update(skip_locked=True)) is None:
                if await connection.scalar(wanted) is None:
                    raise KeyError(str(key))
                raise BeingSentError(str(key))
            found = await connection.execute(_deliveries().where(_is(key)))
            yield Claim(_delivery(found.mappings().one()), connection)


async def find(engine: AsyncEngine, key: MessageKey) -> Delivery | None:
    """None: nothing of that key is owed. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(_deliveries().where(_is(key)))).mappings().one_or_none()
    return _delivery(row) if row else None


async def redirect(engine: AsyncEngine, keys: Sequence[MessageKey], channel: Channel) -> None:
    """Letters that have not gone are to leave by that channel: all of them, or none.

    Raises NoAddressError, with a line for each that cannot; RecordUnreachableError.
    """
    table = tables.deliveries
    address = tables.complaints.c.state["form"]["complainant"][ADDRESSES[channel]].astext
    errors = []
    with translate_database_errors():
        async with engine.begin() as connection:
            for key in keys:
                if await connection.scalar(select(address).where(tables.complaints.c.reference == key.reference)):
                    waiting = and_(_is(key), table.c.to == COMPLAINANT, table.c.sent_at.is_(None))
                    await connection.execute(update(table).where(waiting).values(channel=channel))
                else:
                    errors.append(f"{key}: the complainant gave no address for {channel}")
            if errors:
                raise NoAddressError("\n".join(errors))


async def list_deliveries(
    engine: AsyncEngine,
    *,
    status: DeliveryStatus | None = None,
    reference: str | None = None,
    owed_before: datetime | None = None,
) -> AsyncGenerator[Delivery, None]:
    """Those that fit all that is given, longest owed first; fetched as they are read. Raises RecordUnreachableError."""
    table = tables.deliveries
    wanted = _deliveries().order_by(table.c.owed_at, table.c.reference, table.c.sequence, table.c.to)
    if status:
        wanted = wanted.where(_STATUS_FILTERS[status])
    if reference is not None:
        wanted = wanted.where(table.c.reference == reference)
    if owed_before is not None:
        wanted = wanted.where(table.c.owed_at < owed_before)
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execute(_AT_LEISURE)
            found = await connection.stream(wanted, execution_options={"yield_per": BATCH_SIZE})
            async for row in found.mappings():
                yield _delivery(row)


def _deliveries() -> Select[*tuple[Any, ...]]:
    table, event = tables.deliveries, tables.events
    joined = table.join(event, and_(event.c.reference == table.c.reference, event.c.sequence == table.c.sequence))
    return select(*table.c, event.c.kind, event.c.detail, event.c.what).select_from(joined)


def _delivery(row: RowMapping) -> Delivery:
    key = MessageKey(reference=row["reference"], sequence=row["sequence"], to=row["to"])
    return Delivery.model_validate({**row, "key": key, "occasion": row["detail"].get("occasion")})


def _is(key: MessageKey) -> ColumnElement[bool]:
    return and_(_of_event(tables.deliveries, key), tables.deliveries.c.to == key.to)


def _of_event(table: Table, key: MessageKey) -> ColumnElement[bool]:
    return and_(table.c.reference == key.reference, table.c.sequence == key.sequence)


_STATUS_FILTERS = {
    DeliveryStatus.WAITING: and_(tables.deliveries.c.sent_at.is_(None), tables.deliveries.c.held_at.is_(None)),
    DeliveryStatus.SENT: tables.deliveries.c.sent_at.is_not(None),
    DeliveryStatus.HELD: tables.deliveries.c.held_at.is_not(None),
}
