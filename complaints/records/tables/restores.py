"""The tables `restores` and `access_confirmations`."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from complaints.records.tables.common import INSTANT, metadata, one_of

ACCESS_KINDS = ("staff", "system")

restores = Table(
    "restores",
    metadata,
    Column("found_at", INSTANT, primary_key=True),
    Column("recorded_until", INSTANT),  # the newest instant that the record had; NULL: it was empty
    Column("reconciled_at", INSTANT),  # NULL: reconcile has not come to its end
)
"""Each restore of the record to an older state, as `reconcile` found it."""

access_confirmations = Table(
    "access_confirmations",
    metadata,
    Column("restored_at", INSTANT, ForeignKey("restores.found_at"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("confirmed_at", INSTANT),
    Column("confirmed_by", Text),
    one_of("kind", ACCESS_KINDS),
    CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
    Index("ix_access_confirmations_name", "name", postgresql_where="confirmed_at IS NULL"),
)
"""Members of staff and systems that a restored record has. Refused until a person confirms them."""
