"""The record's tables, in PostgreSQL. Every instant is the complaint's own; none comes from the database's clock.

The migrations make them, and the trigger by which the database refuses to change or delete an event.
"""

from collections.abc import Iterable

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.delivery import WEBHOOK
from complaints.procedure.terms import Channel, DeadlineKind, EventKind, Status

ALERTS = (EventKind.ALERTED, EventKind.REMINDED, EventKind.CHASED)
"""The kinds of event by which staff are owed a message."""

CHANNELS = (*Channel, WEBHOOK)
"""Letters go by email or post, alerts by email and to the webhook."""

INSTANT = DateTime(timezone=True)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(repr(str(value)) for value in values)})", name=name)


def _positive(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} > 0", name=name)


def _reference() -> Column[str]:
    return Column("reference", Text, ForeignKey("complaints.reference"), primary_key=True)


def _of_event() -> tuple[Column[str], Column[int], ForeignKeyConstraint]:
    return (
        Column("reference", Text, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        ForeignKeyConstraint(["reference", "sequence"], ["events.reference", "events.sequence"]),
    )


complaints = Table(
    "complaints",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("form_digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tier", Text),
    Column("holder", Text),
    Column("opened_at", INSTANT, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("closed_at", INSTANT),
    Column("closing_reason", Text),
    Column("aspects", ARRAY(Text), nullable=False),
    Column("case_open", Boolean, nullable=False),
    Column("window_ends_at", INSTANT),
    Column("next_due_at", INSTANT),
    Column("overdue", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),  # of the last event
    Column("view", JSONB, nullable=False),  # ComplaintView
    Column("state", JSONB, nullable=False),  # ComplaintState without its events and answers
    _one_of("status", Status),
    _positive("sequence"),
    CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name="closing"),
    Index(None, "next_due_at", "reference"),  # the order in which complaints are listed
    Index(None, "tier"),
    Index(None, "status"),
    Index(None, "holder"),
    Index(None, "received_at"),
    Index("ix_complaints_overdue", "reference", postgresql_where="overdue"),
)

events = Table(
    "events",
    metadata,
    _reference(),
    Column("sequence", Integer, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text),
    Column("what", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    _positive("sequence"),
    Index("ix_events_tier_reached", text("(detail ->> 'tier')"), "at", postgresql_where="kind = 'tier_reached'"),
    Index(
        "ix_events_reported",
        "kind",
        "at",
        postgresql_where="kind IN ('reply', 'escalated_on_lapse', 'lapse_withdrawn')",
    ),
)
"""The last two indexes are for reports."""

words = Table(
    "words",
    metadata,
    *_of_event(),
    Column("field", Text, primary_key=True),
    Column("text", Text, nullable=False),  # emptied by erasure, not deleted: a repeated transition brings nothing back
)

deadlines = Table(
    "deadlines",
    metadata,
    _reference(),
    Column("number", Integer, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recommendation", Integer),
    Column("due_on", Date, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("met_at", INSTANT),
    Column("lapsed_at", INSTANT),
    Column("ended_at", INSTANT),
    _one_of("kind", DeadlineKind),
    _positive("number"),
)

undertakings = Table(
    "undertakings",
    metadata,
    _reference(),
    Column("number", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("by", Date, nullable=False),
    Column("lapsed_at", INSTANT),
    Column("carried_out_at", INSTANT),
    _positive("number"),
)

letters = Table(
    "letters",
    metadata,
    *_of_event(),
    Column("occasion", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("owed_at", INSTANT, nullable=False),
    Column("detail", JSONB, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    *_of_event(),
    Column("kind", Text, nullable=False),
    Column("occasion", Text),  # of kind `alerted` only
    Column("recipients", ARRAY(Text), nullable=False),  # staff:ID or lead:TIER
    Column("owed_at", INSTANT, nullable=False),
    Column("what", Text, nullable=False),
    _one_of("kind", ALERTS),
)

deliveries = Table(
    "deliveries",
    metadata,
    *_of_event(),
    Column("to", Text, primary_key=True),  # complainant, staff:ID, lead:TIER or webhook
    Column("channel", Text, nullable=False),
    Column("owed_at", INSTANT, nullable=False),
    Column("sent_at", INSTANT),
    Column("held_at", INSTANT),  # since when it waits for somebody to put right why it cannot be sent
    Column("why", Text),
    _one_of("channel", CHANNELS),
    CheckConstraint("sent_at IS NULL OR held_at IS NULL", name="fate"),
    CheckConstraint("(held_at IS NULL) = (why IS NULL)", name="why"),
    Index("ix_deliveries_waiting", "owed_at", "reference", postgresql_where="sent_at IS NULL"),
)
"""Where each letter and alert is to go. `letters` and `alerts` say what it is."""
