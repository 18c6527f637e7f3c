"""The staff directory, and the trigger that keeps its history as it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)

CHANGES_ARE_APPEND_ONLY = """
CREATE TRIGGER staff_changes_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("leads", ARRAY(sa.Text), nullable=False),
        sa.Column("aspects", ARRAY(sa.Text), nullable=False),
        sa.Column("teams", ARRAY(sa.Text), nullable=False),
        sa.Column("active_from", sa.Date),
        sa.Column("active_until", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.CheckConstraint("active_from <= active_until", name=op.f("ck_staff_active")),
    )
    op.create_table(
        "absences",
        sa.Column("staff", sa.Text),
        sa.Column("since", sa.Date),
        sa.Column("until", sa.Date),
        sa.PrimaryKeyConstraint("staff", "since", "until", name="pk_absences"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_absences_staff"),
        sa.CheckConstraint("since <= until", name=op.f("ck_absences_days")),
    )
    op.create_table(
        "staff_changes",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_staff_changes"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_staff_changes_staff"),
    )
    op.create_index("ix_staff_changes_staff_number", "staff_changes", ["staff", "number"])
    op.execute(CHANGES_ARE_APPEND_ONLY)
    op.create_index("ix_complaints_held", "complaints", ["holder"], postgresql_where=sa.text("status <> 'closed'"))


def downgrade() -> None:
    op.drop_index("ix_complaints_held", "complaints")
    for table in ("staff_changes", "absences", "staff"):
        op.drop_table(table)
