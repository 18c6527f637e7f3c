"""The table `calendar_amendments`."""

from sqlalchemy import Column, Date, Integer, Table, Text

from complaints.records.tables.common import INSTANT, metadata, positive

calendar_amendments = Table(
    "calendar_amendments",
    metadata,
    Column("region", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("on", Date, nullable=False),
    Column("name", Text),  # of the holiday; NULL: the day is struck
    Column("by", Text, nullable=False),
    Column("at", INSTANT, nullable=False),  # by the operator's clock
    Column("reason", Text, nullable=False),
    positive("number"),
)
"""Bank holidays added to a region, or struck from it; append-only, as events are."""
