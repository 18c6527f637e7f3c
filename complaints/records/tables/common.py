"""Columns, constraints and naming that the tables share."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, ForeignKeyConstraint, Integer, MetaData, Text

INSTANT = DateTime(timezone=True)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(repr(str(value)) for value in values)})", name=name)


def positive(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} > 0", name=name)


def reference() -> Column[str]:
    return Column("reference", Text, ForeignKey("complaints.reference"), primary_key=True)


def of_event() -> tuple[Column[str], Column[int], ForeignKeyConstraint]:
    return (
        Column("reference", Text, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        ForeignKeyConstraint(["reference", "sequence"], ["events.reference", "events.sequence"]),
    )
