"""The record's tables, in PostgreSQL. Every instant is the complaint's own; none comes from the database's clock.

The migrations make them, and the trigger by which the database refuses to change or delete an event.
"""

from complaints.records.tables.amendments import calendar_amendments
from complaints.records.tables.callers import refused_requests, system_keys, systems
from complaints.records.tables.directory import absences, staff, staff_changes
from complaints.records.tables.keeping import holds, tombstones
from complaints.records.tables.messages import ALERTS, alerts, deliveries, letters
from complaints.records.tables.record import complaints, deadlines, events, undertakings, words
from complaints.records.tables.schema import INSTANT, metadata

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
    "words",
]
