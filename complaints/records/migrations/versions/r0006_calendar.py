"""What is added to each region's bank holidays and struck from them; only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"

ARE_APPEND_ONLY = """
CREATE TRIGGER calendar_amendments_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_amendments
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "calendar_amendments",
        sa.Column("region", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("region", "number", name="pk_calendar_amendments"),
        sa.CheckConstraint("number > 0", name=op.f("ck_calendar_amendments_number")),
    )
    op.execute(ARE_APPEND_ONLY)


def downgrade() -> None:
    op.drop_table("calendar_amendments")
