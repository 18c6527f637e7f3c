"""The record's tables, in PostgreSQL. Every instant is the complaint's own; none comes from the database's clock.

The migrations make them, and the trigger by which the database refuses to change or delete an event.
"""

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.delivery import WEBHOOK
from complaints.procedure.terms import Channel, DeadlineKind, EventKind, Status
from complaints.tombstone import TombstoneKind

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
    Index("ix_complaints_held", "holder", postgresql_where="status <> 'closed'"),  # how many somebody holds
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

tombstones = Table(
    "tombstones",
    metadata,
    _reference(),
    Column("kind", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("by", Text),  # None: by the policy's retention
    Column("why", Text, nullable=False),
    Column("done_at", INSTANT),
    _one_of("kind", TombstoneKind),
)
"""Whose people are no longer on the record, and who decided so."""

holds = Table(
    "holds",
    metadata,
    _reference(),
    Column("at", INSTANT, primary_key=True),
    Column("until", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
)
"""Complaints that are to be kept longer than the policy says; the latest one counts."""

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

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("leads", ARRAY(Text), nullable=False),
    Column("aspects", ARRAY(Text), nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("active_from", Date),
    Column("active_until", Date),
    CheckConstraint("active_from <= active_until", name="active"),
)

absences = Table(
    "absences",
    metadata,
    Column("staff", Text, ForeignKey("staff.id"), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date, primary_key=True),
    CheckConstraint("since <= until", name="days"),
)

staff_changes = Table(
    "staff_changes",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("staff", Text, ForeignKey("staff.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    Column("changed", JSONB, nullable=False),  # by field: what it was, and what it became
    Index(None, "staff", "number"),
)
"""Append-only, as events are: who changed the directory, when, and how."""

systems = Table(
    "systems",
    metadata,
    Column("name", Text, primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("revoked_at", INSTANT),  # for good: the name of an actor never becomes another's
    Column("revoked_by", Text),
    CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
)
"""Those which call the intake service. No row is ever deleted: acts on the record bear their names."""

system_keys = Table(
    "system_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("system", Text, ForeignKey("systems.name"), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the secret
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ends_at", INSTANT),  # once another has taken its place
    Column("last_used_at", INSTANT),
    CheckConstraint("length(digest) = 32", name="digest"),
    Index(None, "system"),
)

refused_requests = Table(
    "refused_requests",
    metadata,
    Column("day", Date, primary_key=True),  # in UTC
    Column("reason", Text, primary_key=True),
    Column("system", Text, primary_key=True),  # "" where it is not known
    Column(
        "request", Text, primary_key=True
    ),  # one of those that the service knows, such as GET /complaints/{reference}
    Column("times", BigInteger, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    _positive("times"),
)
"""Requests that were refused for want of a right, counted by day: however many come, there are few rows."""

calendar_amendments = Table(
    "calendar_amendments",
    metadata,
    Column("region", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("on", Date, nullable=False),
    Column("name", Text),  # of the holiday; NULL where the day is struck
    Column("by", Text, nullable=False),
    Column("at", INSTANT, nullable=False),  # the operator's clock: it is of no complaint
    Column("reason", Text, nullable=False),
    _positive("number"),
)
"""What is added to each region's bank holidays and struck from them; append-only, as events are."""
