"""The tables `letters`, `alerts` and `deliveries`, the outbox."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.messages.key import WEBHOOK
from complaints.procedure.enums import Channel, EventKind
from complaints.records.tables.common import INSTANT, metadata, of_event, one_of

ALERTS = (EventKind.ALERTED, EventKind.REMINDED, EventKind.CHASED)
"""Kinds of event that owe staff a message."""

CHANNELS = (*Channel, WEBHOOK)
"""Letters go by email or post, alerts by email and to the webhook."""

HELD_BY_HAND = "held by hand"
"""Why a letter is held that somebody has held. Their reason is in `free_text`, at the event `letter_held`."""

letters = Table(
    "letters",
    metadata,
    *of_event(),
    Column("occasion", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("owed_at", INSTANT, nullable=False),
    Column("detail", JSONB, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    *of_event(),
    Column("kind", Text, nullable=False),
    Column("occasion", Text),  # of kind `alerted` only
    Column("recipients", ARRAY(Text), nullable=False),  # staff:ID, lead:TIER or role:TIER
    Column("owed_at", INSTANT, nullable=False),
    Column("what", Text, nullable=False),
    one_of("kind", ALERTS),
)

deliveries = Table(
    "deliveries",
    metadata,
    *of_event(),
    Column("to", Text, primary_key=True),  # complainant, staff:ID, lead:TIER, role:TIER or webhook
    Column("channel", Text, nullable=False),
    Column("owed_at", INSTANT, nullable=False),
    Column("sent_at", INSTANT),
    Column("held_at", INSTANT),  # cannot be sent until somebody corrects the cause
    Column("again_at", INSTANT),  # a held one goes again once somebody has asked for it since it was held
    Column("again_by", Text),
    Column("why", Text),  # in the product's own words; a person's reason is in `free_text`
    one_of("channel", CHANNELS),
    CheckConstraint("sent_at IS NULL OR held_at IS NULL", name="status"),
    CheckConstraint("(held_at IS NULL) = (why IS NULL)", name="why"),
    CheckConstraint("(again_at IS NULL) = (again_by IS NULL)", name="again"),
    Index("ix_deliveries_waiting", "owed_at", "reference", postgresql_where="sent_at IS NULL"),
)
"""The outbox: a row for each message and recipient. The message is in `letters` or `alerts`."""
