"""Which complaints have been kept for as long as their policy says, and which are to be kept longer."""

from collections.abc import AsyncGenerator
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    case,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import ClosingReason
from complaints.procedure.policy import Policy
from complaints.records import tables
from complaints.records.database import translate_database_errors

BATCH_SIZE = 500
"""How many of a list are in memory."""
NOT_TAKEN = (ClosingReason.SIGNPOSTED, ClosingReason.OUT_OF_TIME, ClosingReason.OPENED_IN_ERROR)


class Expired(BaseModel):
    """A complaint that has been kept for as long as the policy says."""

    reference: str
    kind: str
    """not_taken, answered or reviewed."""
    closed_on: date
    kept_until: date
    then: str
    """anonymise, or review: a person decides."""


async def expired(
    engine: AsyncEngine, policy: Policy, on: date, *, then: str | None = None, limit: int | None = None
) -> AsyncGenerator[Expired, None]:
    """Closed complaints of the policy whose time is over on that day, the longest closed first.

    Not one whose undertakings are still open, nor one that is held or has a tombstone. Raises RecordUnreachableError.
    """
    if policy.retention is None:
        return
    with translate_database_errors():
        async with engine.connect() as connection:
            found = await connection.stream(
                _expired(policy, on, then).limit(limit), execution_options={"yield_per": BATCH_SIZE}
            )
            async for row in found.mappings():
                yield Expired.model_validate(dict(row))


async def expired_by_kind(engine: AsyncEngine, policy: Policy, on: date) -> list[tuple[str, str, int]]:
    """Kind, what is to become of it, and how many there are. Raises RecordUnreachableError."""
    if policy.retention is None:
        return []
    found = _expired(policy, on, None).subquery()
    wanted = select(found.c.kind, found.c.then, func.count()).group_by(found.c.kind, found.c.then)
    with translate_database_errors():
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(wanted.order_by(found.c.kind))]


async def hold(engine: AsyncEngine, reference: str, until: date, at: datetime, by: str, why: str) -> None:
    """Keep a complaint as it is until that day, included. Raises RecordUnreachableError."""
    put = insert(tables.holds).values(reference=reference, at=at, until=until, by=by, why=why)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(put.on_conflict_do_nothing())


def _expired(policy: Policy, on: date, then: str | None) -> Select[tuple[str, str, date, date, str]]:
    assert policy.retention
    c = tables.complaints.c
    kinds = policy.retention.kinds()
    kind = case(*_kinds(policy), else_="answered")
    months = case({name: kept.months for name, kept in kinds.items()}, value=kind)
    becomes = case({name: kept.then for name, kept in kinds.items()}, value=kind)
    closed_on = cast(func.timezone(policy.time_zone, c.closed_at), Date)
    kept_until = cast(closed_on + func.make_interval(0, cast(months, Integer)), Date)
    wanted = select(
        c.reference,
        kind.label("kind"),
        closed_on.label("closed_on"),
        kept_until.label("kept_until"),
        becomes.label("then"),
    ).where(
        c.closed_at.is_not(None),
        c.policy.startswith(f"{policy.id} ", autoescape=True),
        kept_until < on,
        ~_of(tables.tombstones),
        ~_of(tables.undertakings, tables.undertakings.c.carried_out_at.is_(None)),
        ~_is_held(on),
    )
    if then:
        wanted = wanted.where(becomes == then)
    return wanted.order_by(c.closed_at, c.reference)


def _kinds(policy: Policy) -> list[tuple[ColumnElement[bool], str]]:
    c = tables.complaints.c
    referred = [
        (c.state["tier_periods"].contains([{"tier": tier.id}]), "reviewed") for tier in policy.tiers if tier.review
    ]
    return [(c.closing_reason.in_(NOT_TAKEN), "not_taken"), *referred]


def _of(table: Table, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the table has a row of the complaint's."""
    return exists(literal(1)).where(table.c.reference == tables.complaints.c.reference, *more)


def _is_held(on: date) -> ColumnElement[bool]:
    table = tables.holds
    latest = (
        select(table.c.until)
        .where(table.c.reference == tables.complaints.c.reference)
        .order_by(table.c.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(latest >= on, False)
