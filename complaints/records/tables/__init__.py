"""The record's tables in PostgreSQL.

No instant comes from the database's clock, and only `events.recorded_at` from a worker's. The migrations create the
tables, and the triggers that keep `events`, `staff_changes`, `administration_events`, `calendar_amendments`,
`policies`, `calendars`, `audit_roots` and `audit_leaves` append-only.
"""

from complaints.records.tables.administration import administration_events
from complaints.records.tables.amendments import calendar_amendments
from complaints.records.tables.audit import audit_leaves, audit_roots
from complaints.records.tables.basis import calendars, policies
from complaints.records.tables.changes import FOLLOWED, changes, readings
from complaints.records.tables.common import INSTANT, metadata
from complaints.records.tables.complaints import (
    OPEN_UNDERTAKING,
    STATE_COLUMNS,
    WHOLE_STATE,
    answers,
    complaints,
    deadlines,
    events,
    free_text,
    search_terms,
    undertakings,
)
from complaints.records.tables.directory import absences, staff, staff_changes
from complaints.records.tables.messages import ALERTS, HELD_BY_HAND, alerts, deliveries, letters
from complaints.records.tables.restores import access_confirmations, restores
from complaints.records.tables.retention import holds, tombstones
from complaints.records.tables.runs import RunKind, runs
from complaints.records.tables.sign_outs import signed_out
from complaints.records.tables.systems import refused_requests, system_keys, systems

__all__ = [
    "ALERTS",
    "FOLLOWED",
    "HELD_BY_HAND",
    "INSTANT",
    "OPEN_UNDERTAKING",
    "STATE_COLUMNS",
    "WHOLE_STATE",
    "RunKind",
    "absences",
    "access_confirmations",
    "administration_events",
    "alerts",
    "answers",
    "audit_leaves",
    "audit_roots",
    "calendar_amendments",
    "calendars",
    "changes",
    "complaints",
    "deadlines",
    "deliveries",
    "events",
    "free_text",
    "holds",
    "letters",
    "metadata",
    "policies",
    "readings",
    "refused_requests",
    "restores",
    "runs",
    "search_terms",
    "signed_out",
    "staff",
    "staff_changes",
    "system_keys",
    "systems",
    "tombstones",
    "undertakings",
]
