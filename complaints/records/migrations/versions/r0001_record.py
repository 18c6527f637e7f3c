"""Create all tables, and the triggers that keep histories append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.records.migrations.administration import ADMINISTRATION_EVENTS, create_administration_events
from complaints.records.migrations.answers import create_answers
from complaints.records.migrations.audit import AUDIT_TABLES, create_audit
from complaints.records.migrations.basis import BASIS_TABLES, create_basis, digest_of
from complaints.records.migrations.changes import create_changes
from complaints.records.migrations.columns import INSTANT, of_complaint, of_event
from complaints.records.migrations.messages import create_messages
from complaints.records.migrations.restores import create_restores
from complaints.records.migrations.runs import create_runs
from complaints.records.migrations.search_terms import create_search_terms
from complaints.records.migrations.sign_outs import create_signed_out

revision = "0001"
down_revision = None
compatible_from = "0001"

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def upgrade() -> None:
    op.add_column("alembic_version", sa.Column("compatible_from", sa.Text))
    op.execute(REFUSE_CHANGE)
    create_basis()
    for table in BASIS_TABLES:
        _make_append_only(table)
    _create_complaints()
    create_search_terms()
    create_answers()
    create_messages()
    create_changes()
    _create_retention()
    _create_staff_directory()
    _create_systems()
    _create_calendar()
    create_administration_events()
    _make_append_only(ADMINISTRATION_EVENTS)
    create_restores()
    create_signed_out()
    create_runs()
    create_audit()
    for table in AUDIT_TABLES:
        _make_append_only(table)
    _create_report_indexes()


def downgrade() -> None:
    op.execute(
        "DROP TABLE changes, readings, complaints, answers, events, free_text, deadlines, undertakings, letters, "
        "search_terms, alerts, deliveries, tombstones, holds, staff, absences, staff_changes, systems, system_keys, "
        "refused_requests, calendar_amendments, administration_events, access_confirmations, restores, signed_out, "
        "runs, policies, calendars, audit_leaves, audit_roots"
    )
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_column("alembic_version", "compatible_from")


def _make_append_only(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _create_complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("reference", sa.Text, primary_key=True),
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
        sa.Column("due_at", INSTANT),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("view", JSONB, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("encrypted_state", sa.LargeBinary),
        *(digest_of(table) for table in BASIS_TABLES),
        sa.CheckConstraint(
            "status IN ('with_case_handler', 'awaiting_acknowledgement', 'awaiting_reply', 'awaiting_complainant', "
            "'awaiting_case_closing', 'awaiting_admission', 'awaiting_opinion', 'awaiting_recommendations', 'closed')",
            name="status",
        ),
        sa.CheckConstraint("sequence > 0", name="sequence"),
        sa.CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name="closing"),
    )
    op.create_index("ix_complaints_due_at_reference", "complaints", ["due_at", "reference"])
    for column in ("next_due_at", "tier", "status", "holder", "received_at", "closed_at"):
        op.create_index(f"ix_complaints_{column}", "complaints", [column])
    op.create_index("ix_complaints_overdue", "complaints", ["reference"], postgresql_where=sa.text("overdue"))
    op.create_index("ix_complaints_held", "complaints", ["holder"], postgresql_where=sa.text("status <> 'closed'"))
    op.create_table(
        "events",
        of_complaint(),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("words_digest", sa.Text),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("sequence > 0", name="sequence"),
    )
    _make_append_only("events")
    op.create_table(
        "free_text",
        *of_event(),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("text", sa.LargeBinary),
    )
    op.create_table(
        "deadlines",
        of_complaint(),
        sa.Column("number", sa.Integer, primary_key=True),
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
        sa.CheckConstraint("kind IN ('acknowledgement', 'reply', 'opinion', 'recommendation_answer')", name="kind"),
        sa.CheckConstraint("number > 0", name="number"),
    )
    op.create_table(
        "undertakings",
        of_complaint(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("by", sa.Date, nullable=False),
        sa.Column("lapsed_at", INSTANT),
        *(sa.Column(end, INSTANT) for end in ("carried_out_at", "replaced_at")),
        sa.CheckConstraint("number > 0", name="number"),
    )
    still_open = sa.text("carried_out_at IS NULL AND replaced_at IS NULL")
    op.create_index("ix_undertakings_open", "undertakings", ["reference"], postgresql_where=still_open)


def _create_retention() -> None:
    op.create_table(
        "tombstones",
        of_complaint(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.CheckConstraint("kind IN ('anonymised', 'erased')", name="kind"),
    )
    op.create_table(
        "holds",
        of_complaint(),
        sa.Column("at", INSTANT, primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.LargeBinary),
    )


def _create_staff_directory() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("subject", sa.Text, unique=True),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("leads", ARRAY(sa.Text), nullable=False),
        sa.Column("aspects", ARRAY(sa.Text), nullable=False),
        sa.Column("teams", ARRAY(sa.Text), nullable=False),
        sa.Column("active_from", sa.Date),
        sa.Column("active_until", sa.Date),
        sa.CheckConstraint("active_from <= active_until", name="active"),
    )
    op.create_table(
        "absences",
        sa.Column("staff", sa.Text, sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("since", sa.Date, primary_key=True),
        sa.Column("until", sa.Date, primary_key=True),
        sa.CheckConstraint("since <= until", name="days"),
    )
    op.create_table(
        "staff_changes",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("staff", sa.Text, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed", JSONB, nullable=False),
    )
    op.create_index("ix_staff_changes_staff_number", "staff_changes", ["staff", "number"])
    _make_append_only("staff_changes")


def _create_systems() -> None:
    op.create_table(
        "systems",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_by", sa.Text),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )
    op.create_table(
        "system_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, sa.ForeignKey("systems.name"), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.Column("last_used_at", INSTANT),
        sa.CheckConstraint("length(digest) = 32", name="digest"),
    )
    op.create_index("ix_system_keys_system", "system_keys", ["system"])
    op.create_table(
        "refused_requests",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.CheckConstraint("times > 0", name="times"),
    )


def _create_calendar() -> None:
    op.create_table(
        "calendar_amendments",
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("number > 0", name="number"),
    )
    _make_append_only("calendar_amendments")


def _create_report_indexes() -> None:
    op.create_index(
        "ix_events_tier_reached",
        "events",
        [sa.text("(detail ->> 'tier')"), "at"],
        postgresql_where=sa.text("kind = 'tier_reached'"),
    )
    op.create_index(
        "ix_events_reported",
        "events",
        ["kind", "at"],
        postgresql_where=sa.text("kind IN ('reply', 'correct', 'escalated_on_lapse', 'lapse_withdrawn')"),
    )
