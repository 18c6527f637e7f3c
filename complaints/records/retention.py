"""Find complaints in `complaints` whose retention has expired; write `holds`."""

from collections.abc import AsyncGenerator
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import ClosingReason
from complaints.procedure.policy import Policy
from complaints.records import tables
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import HOLD, cipher_of, keys_of

BATCH_SIZE = 500
"""Expired complaints of a list that are in memory at once."""
NOT_TAKEN_REASONS = (ClosingReason.SIGNPOSTED, ClosingReason.OUT_OF_TIME, ClosingReason.OPENED_IN_ERROR)


class ExpiredComplaint(BaseModel):
    """A complaint whose retention period has ended."""

    reference: str
    kind: str
    """`not_taken`, `answered` or `reviewed`."""
    closed_on: date
    kept_until: date
    then: str
    """`anonymise`, or `review`: a person decides."""


async def list_expired(
    engine: AsyncEngine,
    policy: Policy,
    on: date,
    *,
    then: str | None = None,
    limit: int | None = None,
    not_of: str | None = None,
) -> AsyncGenerator[ExpiredComplaint, None]:
    """Stream the closed complaints of a policy that have expired on a day, first closed first.

    Omits complaints with an open undertaking, a hold or a tombstone, and those of which `not_of` was the case handler
    or the holder. Raises RecordUnreachableError.
    """
    if policy.retention is None:
        return
    with translate_database_errors():
        async with engine.connect() as connection:
            statement = _select_expired(policy, on, then).limit(limit)
            if not_of is not None:
                statement = statement.where(~_involves(not_of))
            rows = await connection.stream(statement, execution_options={"yield_per": BATCH_SIZE})
            async for row in rows.mappings():
                yield ExpiredComplaint.model_validate(dict(row))


async def count_expired(engine: AsyncEngine, policy: Policy, on: date) -> list[tuple[str, str, int]]:
    """Count expired complaints by kind and by `then`. Raises RecordUnreachableError."""
    if policy.retention is None:
        return []
    expired = _select_expired(policy, on, None).subquery()
    statement = select(expired.c.kind, expired.c.then, func.count()).group_by(expired.c.kind, expired.c.then)
    with translate_database_errors():
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(statement.order_by(expired.c.kind))]


async def add_hold(engine: AsyncEngine, reference: str, until: date, at: datetime, by: str, why: str) -> None:
    """Keep a complaint until a day, inclusive. Raises RecordUnreachableError."""
    cipher = await cipher_of(keys_of(engine), reference)
    reason = cipher.encrypt(HOLD.format(at=at.isoformat()), why) if cipher else None
    insertion = insert(tables.holds).values(reference=reference, at=at, until=until, by=by, why=reason)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(insertion.on_conflict_do_nothing())
            await add_event(connection, ChangeKind.RETENTION_HELD, reference, by=by, at=at)


def _select_expired(policy: Policy, on: date, then: str | None) -> Select[tuple[str, str, date, date, str]]:
    assert policy.retention
    c = tables.complaints.c
    kinds = policy.retention.kinds()
    kind = case(*_kind_conditions(policy), else_="answered")
    months = case({name: retention.months for name, retention in kinds.items()}, value=kind)
    action = case({name: retention.then for name, retention in kinds.items()}, value=kind)
    closed_on = cast(func.timezone(policy.time_zone, c.closed_at), Date)
    kept_until = cast(closed_on + func.make_interval(0, cast(months, Integer)), Date)
    statement = select(
        c.reference,
        kind.label("kind"),
        closed_on.label("closed_on"),
        kept_until.label("kept_until"),
        action.label("then"),
    ).where(
        _may_have_expired(policy, on),
        c.policy.startswith(f"{policy.id} ", autoescape=True),
        kept_until < on,
        ~_has_row(tables.tombstones),
        ~_has_row(tables.undertakings, tables.OPEN_UNDERTAKING),
        ~_is_held(on),
    )
    if then:
        statement = statement.where(action == then)
    return statement.order_by(c.closed_at, c.reference)


def _may_have_expired(policy: Policy, on: date) -> ColumnElement[bool]:
    """Check without the state what every expired complaint meets, so that few states are read."""
    assert policy.retention
    c, months = tables.complaints.c, {name: each.months for name, each in policy.retention.kinds().items()}
    not_taken = months.pop("not_taken")
    return or_(
        and_(c.closing_reason.in_(NOT_TAKEN_REASONS), c.closed_at < closed_before(on, not_taken)),
        c.closed_at < closed_before(on, min(months.values())),
    )


def closed_before(on: date, months: int) -> ColumnElement[datetime]:
    """Return an instant before which a complaint closed whose retention has ended by the day.

    A month has 28 days or more: three days more allow for its end, and one for time zones.
    """
    day = cast(literal(on, Date) - func.make_interval(0, months) + func.make_interval(0, 0, 0, 4), Date)
    return cast(day, tables.INSTANT)


def _kind_conditions(policy: Policy) -> list[tuple[ColumnElement[bool], str]]:
    c = tables.complaints.c
    referred = [
        (c.state["tier_periods"].contains([{"tier": tier.id}]), "reviewed") for tier in policy.tiers if tier.review
    ]
    return [(c.closing_reason.in_(NOT_TAKEN_REASONS), "not_taken"), *referred]


def _involves(staff: str) -> ColumnElement[bool]:
    """Check whether a member of staff was the complaint's case handler, or its last holder."""
    c = tables.complaints.c
    handler = c.state["form"]["case"]["handler"].astext
    return or_(func.coalesce(handler, "") == staff, func.coalesce(c.holder, "") == staff)


def _has_row(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Check that the table has a row of the complaint."""
    return exists(literal(1)).where(table.c.reference == tables.complaints.c.reference, *conditions)


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
