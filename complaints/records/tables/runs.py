"""The table `runs`: runs over many complaints, or of one day, that somebody asked for."""

from enum import StrEnum

from sqlalchemy import Column, Table, Text

from complaints.records.tables.common import INSTANT, metadata, one_of


class RunKind(StrEnum):
    RECALENDAR = "recalendar"
    RETENTION = "retention"
    DIGEST = "digest"
    CALENDAR_CHECK = "calendar_check"
    AUDIT_ROOT = "audit_root"


runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("by", Text),  # NULL: its Schedule
    Column("workflow_run", Text),  # Temporal's id of the run that carries it out; NULL: none has begun
    Column("finished_at", INSTANT),
    one_of("kind", RunKind),
)
"""A worker carries out a run only if it has a row here: anybody who reaches Temporal can start a workflow."""
