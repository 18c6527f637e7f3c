"""What is changed of the bank holidays."""

from sqlalchemy import Column, Date, Integer, Table, Text

from complaints.records.tables.common import INSTANT, metadata, positive

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
    positive("number"),
)
"""What is added to each region's bank holidays and struck from them; append-only, as events are."""
