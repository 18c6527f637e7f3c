"""Mark deliveries as Temporal knows them, where the record is older than Temporal."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import and_, bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import DeliveryResult, DeliveryStatus, MessageKey
from complaints.records import tables
from complaints.records.database import translate_database_errors

DeliveryResults = Mapping[MessageKey, DeliveryResult]
NO_RESULTS: DeliveryResults = MappingProxyType({})


async def settle_deliveries(engine: AsyncEngine, results: DeliveryResults) -> list[MessageKey]:
    """Mark deliveries in one transaction; return those that changed.

    Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            return await settle(connection, results)


async def settle(connection: AsyncConnection, results: DeliveryResults) -> list[MessageKey]:
    """Mark deliveries that exist as sent or held; return those that changed.

    A later mark stays: somebody may have marked a letter as held since it went.
    """
    changed = []
    for key, result in results.items():
        parameters = {"at": result.at, "via": result.channel, "reason": result.why}
        of_message = {"of": key.reference, "number": key.sequence, "recipient": key.to}
        if (await connection.execute(_UPDATES[result.status], parameters | of_message)).rowcount:
            changed.append(key)
    return changed


_table = tables.deliveries
_MESSAGE = and_(
    _table.c.reference == bindparam("of"),
    _table.c.sequence == bindparam("number"),
    _table.c.to == bindparam("recipient"),
    _table.c.sent_at.is_(None),
)
_UPDATES = {
    DeliveryStatus.SENT: update(_table)
    .where(_MESSAGE, or_(_table.c.held_at.is_(None), _table.c.held_at < bindparam("at")))
    .values(sent_at=bindparam("at"), channel=bindparam("via"), held_at=None, why=None),
    DeliveryStatus.HELD: update(_table)
    .where(_MESSAGE, _table.c.held_at.is_(None))
    .values(held_at=bindparam("at"), channel=bindparam("via"), why=bindparam("reason"), again_at=None, again_by=None),
}
