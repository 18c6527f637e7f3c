"""Each migration says which versions run on it, and makes no index under a lock."""

from pathlib import Path

import pytest

from tests.house.migrations import faults

HEAD = """
import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.indexes import create_index, drop_index

revision = "0002"
down_revision = "0001"
"""
BAD = {
    "compatible_from names no revision up to its own": ("", "pass"),
    "compatible_from names no revision": ('compatible_from = "0003"', "pass"),
    "an index without CONCURRENTLY: CREATE INDEX": (
        'compatible_from = "0001"',
        'op.create_index("ix_events_by", "events", ["by"])',
    ),
    "an index without CONCURRENTLY: CREATE UNIQUE INDEX": (
        'compatible_from = "0001"',
        'op.execute("CREATE UNIQUE INDEX ix ON events (by)")',
    ),
    "an index without CONCURRENTLY: DROP INDEX": (
        'compatible_from = "0001"',
        'op.drop_index("ix_complaints_tier", "complaints")',
    ),
    "a constraint that builds its index under a lock": (
        'compatible_from = "0001"',
        'op.create_unique_constraint("uq_events", "events", ["at"])',
    ),
    "more than indexes in a migration that makes one concurrently: ALTER TABLE": (
        'compatible_from = "0001"',
        'op.add_column("complaints", sa.Column("team", sa.Text)); create_index("ix", "complaints", ["team"])',
    ),
}


def write(folder: Path, marking: str, statement: str) -> Path:
    (folder / "r0002_change.py").write_text(f"{HEAD}{marking}\n\n\ndef upgrade():\n    {statement}\n")
    return folder


def test_the_migrations_have_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize("fault", BAD)
def test_a_migration_with_a_fault_is_refused(fault: str, tmp_path: Path) -> None:
    [found] = faults(write(tmp_path, *BAD[fault]))
    assert found.startswith(f"0002: {fault}")


@pytest.mark.parametrize(
    "statement",
    [
        'create_index("ix_complaints_team", "complaints", ["tier", "holder"], unique=True)',
        'drop_index("ix_complaints_tier", "complaints")',
        'op.create_table("teams", sa.Column("id", sa.Text)); op.create_index("ix_teams_id", "teams", ["id"])',
        'op.add_column("complaints", sa.Column("team", sa.Text))',
    ],
)
def test_a_migration_that_lets_the_service_write_is_accepted(statement: str, tmp_path: Path) -> None:
    assert faults(write(tmp_path, 'compatible_from = "0001"', statement)) == []


def test_revisions_are_numbers_in_a_row(tmp_path: Path) -> None:
    text = f"{HEAD}".replace('"0002"', '"add_team"') + 'compatible_from = "0001"\n\n\ndef upgrade():\n    pass\n'
    (tmp_path / "add_team.py").write_text(text)
    assert faults(tmp_path) == ["add_team.py: its revision is not 0002, or not in its file's name"]
