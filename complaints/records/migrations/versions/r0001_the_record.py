"""The record's first tables, and the trigger that keeps events as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""

EVENTS_ARE_APPEND_ONLY = """
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("reference", sa.Text),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("form_digest", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tier", sa.Text),
        sa.Column("holder", sa.Text),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("closing_reason", sa.Text),
        sa.Column("aspects", ARRAY(sa.Text), nullable=False),
        sa.Column("case_open", sa.Boolean, nullable=False),
        sa.Column("window_ends_at", INSTANT),
        sa.Column("next_due_at", INSTANT),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("view", JSONB, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_complaints"),
        sa.CheckConstraint(
            "status IN ('with_case_handler', 'awaiting_acknowledgement', 'awaiting_reply', 'awaiting_complainant', "
            "'awaiting_case_closing', 'awaiting_admission', 'awaiting_opinion', 'awaiting_recommendations', 'closed')",
            name=op.f("ck_complaints_status"),
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_complaints_sequence")),
        sa.CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name=op.f("ck_complaints_closing")),
    )
    op.create_index("ix_complaints_next_due_at_reference", "complaints", ["next_due_at", "reference"])
    op.create_index("ix_complaints_tier", "complaints", ["tier"])
    op.create_index("ix_complaints_status", "complaints", ["status"])
    op.create_index("ix_complaints_holder", "complaints", ["holder"])
    op.create_index("ix_complaints_overdue", "complaints", ["reference"], postgresql_where=sa.text("overdue"))
    op.create_table(
        "events",
        sa.Column("reference", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("reference", "sequence", name="pk_events"),
        sa.ForeignKeyConstraint(["reference"], ["complaints.reference"], name="fk_events_complaints"),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_events_sequence")),
    )
    op.execute(REFUSE_CHANGE)
    op.execute(EVENTS_ARE_APPEND_ONLY)
    op.create_table(
        "words",
        sa.Column("reference", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("field", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reference", "sequence", "field", name="pk_words"),
        _of_event("words"),
    )
    op.create_table(
        "deadlines",
        sa.Column("reference", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recommendation", sa.Integer),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("met_at", INSTANT),
        sa.Column("lapsed_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("reference", "number", name="pk_deadlines"),
        sa.ForeignKeyConstraint(["reference"], ["complaints.reference"], name="fk_deadlines_complaints"),
        sa.CheckConstraint(
            "kind IN ('acknowledgement', 'reply', 'opinion', 'recommendation_answer')", name=op.f("ck_deadlines_kind")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_deadlines_number")),
    )
    op.create_table(
        "undertakings",
        sa.Column("reference", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("by", sa.Date, nullable=False),
        sa.Column("lapsed_at", INSTANT),
        sa.Column("carried_out_at", INSTANT),
        sa.PrimaryKeyConstraint("reference", "number", name="pk_undertakings"),
        sa.ForeignKeyConstraint(["reference"], ["complaints.reference"], name="fk_undertakings_complaints"),
        sa.CheckConstraint("number > 0", name=op.f("ck_undertakings_number")),
    )
    op.create_table(
        "letters",
        sa.Column("reference", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("reference", "sequence", name="pk_letters"),
        _of_event("letters"),
    )
    op.create_table(
        "alerts",
        sa.Column("reference", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("occasion", sa.Text),
        sa.Column("recipients", ARRAY(sa.Text), nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reference", "sequence", name="pk_alerts"),
        _of_event("alerts"),
        sa.CheckConstraint("kind IN ('alerted', 'reminded', 'chased')", name=op.f("ck_alerts_kind")),
    )


def downgrade() -> None:
    for table in ("alerts", "letters", "undertakings", "deadlines", "words", "events", "complaints"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")


def _of_event(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["reference", "sequence"], ["events.reference", "events.sequence"], name=f"fk_{table}_events"
    )
