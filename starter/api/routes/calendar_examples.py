"""Examples of the calendar in the service's description."""

import json
from typing import Any

AMENDMENT = {"on": "2026-12-30", "name": "State funeral", "reason": "Announced.", "region": None}
ENTRY: dict[str, Any] = {
    "region": "england-and-wales",
    "number": 1,
    "on": "2026-12-30",
    "name": "State funeral",
    "by": "lead.manager",
    "at": "2026-12-09T10:00:00Z",
    "reason": "Announced.",
}
MADE = ENTRY | {"struck": None, "open_complaints_with_another_calendar": 3}
CALENDAR = {
    "region": "england-and-wales",
    "version": 1,
    "days": [{"on": "2026-12-30", "name": "State funeral", "counts": False, "from": "amendment 1"}],
    "amendments": [ENTRY],
}
DIFFERENCES = {
    "differences": [
        {
            "carried": "england-and-wales 2026",
            "in_force": "england-and-wales 2026, amendment 1",
            "complaints": 3,
            "days": [{"on": "2026-12-30", "was": None, "now": "State funeral"}],
        }
    ]
}
CLOCK = {
    "now": "2026-12-09T10:00:00Z",
    "today": "2026-12-09",
    "time_zone": "Europe/London",
    "day_first": True,
}
DUE_DATE = {
    "due_on": "2026-12-24",
    "deadline": "2026-12-25T00:00:00Z",
    "counted": ["2026-12-23", "2026-12-24"],
    "skipped": [],
    "allowance": "2 working days",
    "region": "england-and-wales",
    "is_elapsed": False,
}
PREVIEW = {
    "reference": "C-1001",
    "refused": None,
    "changes": [
        {
            "of": "manager: reply",
            "from_on": "2027-01-04",
            "to_on": "2027-01-05",
            "first_from": "2027-01-04",
            "first_to": "2027-01-05",
            "was_late": False,
            "is_late": False,
        }
    ],
    "affected": True,
}
PREVIEWS = f"{json.dumps(PREVIEW)}\n"
TALLY: dict[str, Any] = {"redated": 3, "refused": [], "gone": [], "unanswered": []}
PROGRESS = {
    "run": {
        "run": "recalendar/2026-12-10T09:00:00.000000Z",
        "by": "lead.manager",
        "total": 3,
        "affected": 3,
        "later": 0,
        "first": "C-1001",
        "after": "C-1003",
        "tally": TALLY,
        "is_finished": True,
    },
    "later": None,
    "failure": None,
    "later_failed": False,
}
