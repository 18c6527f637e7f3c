"""Read, claim and mark the rows of `deliveries`, the outbox of letters and alerts."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
from complaints.messages.summary import summarise_message
from complaints.procedure.acts import LetterHeld
from complaints.procedure.directory_lookup import LetterDelivery
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState, Event
from complaints.records import tables
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.records.directory import list_recipients
from complaints.records.personal.encryption import decrypt_free_text, decrypt_state, keys_of
from complaints.records.queries import read_free_text_of
from complaints.records.search import decrypt_form
from complaints.staff.members import Member

BATCH_SIZE = 500
"""Deliveries of a list that are in memory at once."""
ADDRESS_FIELDS = {Channel.EMAIL: "email", Channel.POST: "address"}
"""The form's field with the complainant's address for each channel."""
_EVENT = tuple(tables.events.c[name] for name in ("sequence", "at", "kind", "by", "what", "detail"))
_REASON = "reason"
"""The field of the event's free text in which somebody says why they hold a letter."""
_EXTEND_IDLE_TIMEOUT = text("SET LOCAL idle_in_transaction_session_timeout = '5min'")
"""A claim stays locked while a slow channel sends."""


class Delivery(BaseModel):
    """One letter or alert for one recipient."""

    key: MessageKey
    channel: str
    owed_at: datetime
    sent_at: datetime | None
    held_at: datetime | None
    why: str | None
    """The reason for holding it."""
    again_at: datetime | None = Field(default=None, exclude=True)
    """When somebody asked to send a held one again."""
    is_held_by_hand: bool = Field(default=False, exclude=True)
    """Whether somebody holds it: it had gone, and came back."""
    kind: str
    """letter, alerted, reminded or chased."""
    occasion: str | None
    what: str

    @property
    def status(self) -> DeliveryStatus:
        if self.sent_at:
            return DeliveryStatus.SENT
        return DeliveryStatus.HELD if self.held_at else DeliveryStatus.WAITING

    @property
    def is_owed(self) -> bool:
        """Whether a worker is to send it: it waits, or somebody has asked for it since it was held."""
        return self.sent_at is None and (self.held_at is None or self.again_at is not None)

    @property
    def summary(self) -> str:
        """What Temporal's page says of it."""
        return summarise_message(self.key, channel=self.channel, kind=self.kind, occasion=self.occasion, what=self.what)


class MessageContents(BaseModel):
    """The data from which a letter or an alert is composed."""

    model_config = HIDE_INPUT

    state: ComplaintState
    """As last recorded, without events; later than the event, where the complaint has gone on."""
    event: Event
    free_text: dict[int, dict[str, str]]
    """The free text of the complaint's events, by sequence and field."""


class NoAddressError(Exception):
    """The complainant gave no address for the channel."""


class UnknownDeliveryError(Exception):
    """There is no such letter or alert."""


class DeliveryClaimedError(Exception):
    """Another worker is sending the message."""


@dataclass(frozen=True)
class Claim:
    """A delivery whose row is locked for one sender."""

    delivery: Delivery
    _connection: AsyncConnection

    async def contents(self) -> MessageContents:
        """Read the data from which the message is composed."""
        key = self.delivery.key
        of_complaint = select(*tables.STATE_COLUMNS).where(tables.complaints.c.reference == key.reference)
        row = (await self._connection.execute(of_complaint)).one()
        state = await decrypt_state(keys_of(self._connection), key.reference, row.state, row.encrypted_state)
        event = await self._connection.execute(select(*_EVENT).where(_of_event(tables.events, key)))
        free_text = await read_free_text_of(self._connection, key.reference)
        return MessageContents.model_validate(
            {"state": state, "event": dict(event.mappings().one()), "free_text": free_text}
        )

    async def recipients(self, to: str, on: date) -> list[Member]:
        """List the members of staff that a recipient such as lead:TIER means on a day."""
        return await list_recipients(self._connection, to, on)

    async def mark_sent(self, at: datetime) -> None:
        await self._update(sent_at=at, held_at=None, why=None)

    async def mark_held(self, at: datetime, why: str) -> None:
        await self._update(held_at=at, why=why, again_at=None, again_by=None)

    async def _update(self, **values: Any) -> None:
        await self._connection.execute(update(tables.deliveries).where(_has_key(self.delivery.key)).values(values))


@asynccontextmanager
async def claim(engine: AsyncEngine, key: MessageKey) -> AsyncIterator[Claim]:
    """Lock a delivery for the length of a `with` block; commit its marks if the block succeeds.

    The lock keeps two workers from sending one message twice.
    Raises DeliveryClaimedError, UnknownDeliveryError, RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_EXTEND_IDLE_TIMEOUT)
            statement = select(tables.deliveries.c.to).where(_has_key(key))
            if await connection.scalar(statement.with_for_update(skip_locked=True)) is None:
                if await connection.scalar(statement) is None:
                    raise UnknownDeliveryError(str(key))
                raise DeliveryClaimedError(str(key))
            rows = await connection.execute(_select_deliveries().where(_has_key(key)))
            yield Claim(await _parse_delivery(keys_of(engine), rows.mappings().one()), connection)


async def find_delivery(engine: AsyncEngine, key: MessageKey) -> Delivery | None:
    """Find a delivery; None: there is none. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(_select_deliveries().where(_has_key(key)))).mappings().one_or_none()
    return await _parse_delivery(keys_of(engine), row) if row else None


async def read_letter_deliveries(
    engine: AsyncEngine, reference: str, letters: Sequence[int]
) -> tuple[LetterDelivery, ...]:
    """Read what became of a complaint's letters. Raises RecordUnreachableError."""
    table = tables.deliveries.c
    is_asked = and_(table.reference == reference, table.to == COMPLAINANT, table.sequence.in_(letters))
    statement = select(table.sequence, table.held_at, table.sent_at).where(is_asked).order_by(table.sequence)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).all()
    return tuple(LetterDelivery(letter=row[0], is_held=row[1] is not None, sent_at=row[2]) for row in rows)


async def ask_again(engine: AsyncEngine, keys: Sequence[MessageKey], by: str, at: datetime) -> None:
    """Note that somebody asks to send messages again. Raises RecordUnreachableError."""
    table = tables.deliveries
    with translate_database_errors():
        async with engine.begin() as connection:
            for key in keys:
                unsent = update(table).where(_has_key(key), table.c.sent_at.is_(None))
                await connection.execute(unsent.values(again_at=at, again_by=by))
                await add_event(connection, ChangeKind.MESSAGE_SENT_AGAIN, str(key), by=by, at=at)


async def redirect(engine: AsyncEngine, keys: Sequence[MessageKey], channel: Channel) -> None:
    """Change the channel of unsent letters: of all of them, or of none.

    Raises NoAddressError, with a line for each letter without an address; RecordUnreachableError.
    """
    table, complaint, ring = tables.deliveries, tables.complaints.c, keys_of(engine)
    errors = []
    with translate_database_errors():
        async with engine.begin() as connection:
            for key in keys:
                of_complaint = select(complaint.encrypted_state).where(complaint.reference == key.reference)
                form = await decrypt_form(ring, key.reference, await connection.scalar(of_complaint))
                if form and getattr(form.complainant, ADDRESS_FIELDS[channel]):
                    unsent = and_(_has_key(key), table.c.to == COMPLAINANT, table.c.sent_at.is_(None))
                    await connection.execute(update(table).where(unsent).values(channel=channel))
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
    """Stream deliveries that match every filter, oldest first. Raises RecordUnreachableError."""
    table, keys = tables.deliveries, keys_of(engine)
    statement = _select_deliveries().order_by(table.c.owed_at, table.c.reference, table.c.sequence, table.c.to)
    if status:
        statement = statement.where(_STATUS_FILTERS[status])
    if reference is not None:
        statement = statement.where(table.c.reference == reference)
    if owed_before is not None:
        statement = statement.where(table.c.owed_at < owed_before)
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execute(_EXTEND_IDLE_TIMEOUT)
            rows = await connection.stream(statement, execution_options={"yield_per": BATCH_SIZE})
            async for row in rows.mappings():
                yield await _parse_delivery(keys, row)


def _select_deliveries() -> Select[*tuple[Any, ...]]:
    table, event = tables.deliveries, tables.events
    delivery_with_event = table.join(
        event, and_(event.c.reference == table.c.reference, event.c.sequence == table.c.sequence)
    )
    given = _reason().lateral("given")
    is_held_by_hand = func.coalesce(table.c.why == tables.HELD_BY_HAND, False)
    columns = (*table.c, is_held_by_hand.label("is_held_by_hand"), given.c.given_in, given.c.reason)
    return select(*columns, event.c.kind, event.c.detail, event.c.what).select_from(
        delivery_with_event.outerjoin(given, is_held_by_hand)
    )


def _reason() -> Select[*tuple[Any, ...]]:
    """Select the encrypted reason of the person who held a letter last."""
    table, event, reason = tables.deliveries, tables.events.alias("holding"), tables.free_text
    return (
        select(reason.c.sequence.label("given_in"), reason.c.text.label("reason"))
        .join(event, and_(event.c.reference == reason.c.reference, event.c.sequence == reason.c.sequence))
        .where(reason.c.reference == table.c.reference, reason.c.field == _REASON, event.c.kind == LetterHeld.name)
        .where(event.c.detail["letter"].as_integer() == table.c.sequence)
        .order_by(event.c.sequence.desc())
        .limit(1)
        .correlate(table)
    )


async def _parse_delivery(keys: KeyRing, row: RowMapping) -> Delivery:
    """Read a delivery. Where somebody holds it, they gave the reason, until it is erased."""
    key = MessageKey(reference=row["reference"], sequence=row["sequence"], to=row["to"])
    given = await decrypt_free_text(keys, key.reference, row["given_in"], _REASON, row["reason"])
    return Delivery.model_validate(
        {**row, "key": key, "why": given or row["why"], "occasion": row["detail"].get("occasion")}
    )


def _has_key(key: MessageKey) -> ColumnElement[bool]:
    return and_(_of_event(tables.deliveries, key), tables.deliveries.c.to == key.to)


def _of_event(table: Table, key: MessageKey) -> ColumnElement[bool]:
    return and_(table.c.reference == key.reference, table.c.sequence == key.sequence)


_STATUS_FILTERS = {
    DeliveryStatus.WAITING: and_(tables.deliveries.c.sent_at.is_(None), tables.deliveries.c.held_at.is_(None)),
    DeliveryStatus.SENT: tables.deliveries.c.sent_at.is_not(None),
    DeliveryStatus.HELD: tables.deliveries.c.held_at.is_not(None),
}
