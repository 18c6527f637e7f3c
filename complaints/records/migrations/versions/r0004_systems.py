"""The systems that call the intake service, their keys, and the requests that were refused for want of a right."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "systems",
        sa.Column("name", sa.Text),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_by", sa.Text),
        sa.PrimaryKeyConstraint("name", name="pk_systems"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_systems_revoked")),
    )
    op.create_table(
        "system_keys",
        sa.Column("id", sa.Text),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("ends_at", INSTANT),
        sa.Column("last_used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_system_keys"),
        sa.ForeignKeyConstraint(["system"], ["systems.name"], name="fk_system_keys_systems"),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_system_keys_digest")),
    )
    op.create_index("ix_system_keys_system", "system_keys", ["system"])
    op.create_table(
        "refused_requests",
        sa.Column("day", sa.Date),
        sa.Column("reason", sa.Text),
        sa.Column("system", sa.Text),
        sa.Column("request", sa.Text),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", "system", "request", name="pk_refused_requests"),
        sa.CheckConstraint("times > 0", name=op.f("ck_refused_requests_times")),
    )


def downgrade() -> None:
    for table in ("refused_requests", "system_keys", "systems"):
        op.drop_table(table)
