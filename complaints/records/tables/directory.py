"""The tables of the staff directory: `staff`, `absences` and `staff_changes`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.records.tables.common import INSTANT, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("subject", Text, unique=True),
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
    Column("changed", JSONB, nullable=False),  # by field: [old value, new value]
    Index(None, "staff", "number"),
)
"""Changes of the directory; append-only, as events are."""
