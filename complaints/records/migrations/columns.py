"""Columns that the tables of a complaint share."""

import sqlalchemy as sa

INSTANT = sa.DateTime(timezone=True)


def of_complaint() -> sa.Column[str]:
    return sa.Column("reference", sa.Text, sa.ForeignKey("complaints.reference"), primary_key=True)


def of_event() -> tuple[sa.Column[str], sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.ForeignKeyConstraint(["reference", "sequence"], ["events.reference", "events.sequence"]),
    )
