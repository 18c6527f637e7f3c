"""The systems that call the intake service, and what it refused."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from complaints.records.tables.common import INSTANT, metadata, positive

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
    Column("request", Text, primary_key=True),  # as the service knows it: GET /complaints/{reference}
    Column("times", BigInteger, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    positive("times"),
)
"""Requests that were refused for want of a right, counted by day: however many come, there are few rows."""
