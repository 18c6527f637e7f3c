"""The record's tables, in PostgreSQL. Every instant is the complaint's own; none comes from the database's clock.

The migrations make them, and the trigger by which the database refuses to change or delete an event.
"""

from complaints.records.tables.amendments import calendar_amendments
from complaints.records.tables.common import INSTANT, metadata
from complaints.records.tables.complaints import complaints, deadlines, events, free_text, undertakings
from complaints.records.tables.directory import absences, staff, staff_changes
from complaints.records.tables.messages import ALERTS, alerts, deliveries, letters
from complaints.records.tables.retention import holds, tombstones
from complaints.records.tables.systems import refused_requests, system_keys, systems

__all__ = [
    "ALERTS",
    "INSTANT",
    "absences",
    "alerts",
    "calendar_amendments",
    "complaints",
    "deadlines",
    "deliveries",
    "events",
    "free_text",
    "holds",
    "letters",
    "metadata",
    "refused_requests",
    "staff",
    "staff_changes",
    "system_keys",
    "systems",
    "tombstones",
    "undertakings",
]
