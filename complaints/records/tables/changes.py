"""The tables `changes`, which systems follow, and `readings` of people's words."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Table, Text

from complaints.procedure import acts
from complaints.procedure.enums import EventKind
from complaints.records.tables.common import INSTANT, metadata, of_event, positive

FOLLOWED = frozenset(
    {
        *(acts.Acknowledge.name, acts.Extend.name, acts.Reply.name, acts.Correct.name, acts.Settle.name),
        *(acts.AcceptReview.name, acts.DeclineReview.name, acts.GiveOpinion.name),
        *(EventKind.TIER_REACHED, EventKind.SIGNPOSTED, EventKind.CLOSED, EventKind.REOPENED),
        *(EventKind.WINDOW_OPENED, EventKind.WINDOW_MOVED, EventKind.WINDOW_ENDED),
    }
)
"""The kinds of event of which systems hear. Their codes reveal nothing of the findings."""

changes = Table(
    "changes",
    metadata,
    *of_event(),
    Column("id", BigInteger, Identity(always=True), nullable=False),  # grows with a complaint's events
    Column("opened_by", Text),  # of the complaint
    Column("number", BigInteger),  # NULL: not numbered yet
    Index("ix_changes_number", "number", unique=True),
    Index("ix_changes_opened_by", "opened_by", "number"),
    Index("ix_changes_unnumbered", "id", postgresql_where="number IS NULL"),
    positive("number"),
)
"""The events of which systems hear. Numbers are given after the commit, so that no lower one appears later."""

readings = Table(
    "readings",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("staff", Text, primary_key=True),
    Column("day", Date, primary_key=True),  # in UTC
    Column("times", BigInteger, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    positive("times"),
)
"""Who read people's words, counted by day. No foreign key: a complaint may be read before it is recorded."""
