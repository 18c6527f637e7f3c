"""Examples of what staff look up, for the OpenAPI description."""

import json
from typing import Any

from starter.api.examples import EXAMPLE_REFERENCE, STATUS_EXAMPLE

DEADLINE: dict[str, Any] = {
    "number": 2,
    "tier": "manager",
    "kind": "reply",
    "recommendation": None,
    "due_on": "2026-10-20",
    "at": "2026-10-20T23:00:00Z",
    "first_on": "2026-10-20",
    "first_at": "2026-10-20T23:00:00Z",
    "met_at": None,
    "lapsed_at": None,
    "ended_at": None,
}
VIEW: dict[str, Any] = {
    "reference": EXAMPLE_REFERENCE,
    "policy": "crown-estate 1",
    "time_zone": "Europe/London",
    "status": "awaiting_reply",
    "tier": "manager",
    "holder": "m.hughes",
    "opened_at": "2026-10-06T07:21:14Z",
    "received_at": "2026-10-06T07:20:00Z",
    "closed_at": None,
    "closing_reason": None,
    "aspects": ["not_kept_updated"],
    "case_open": False,
    "deadlines": [DEADLINE],
    "window_ends_at": None,
    "next_due_at": "2026-10-20T23:00:00Z",
    "next_due": "the reply of Manager lapses",
    "due": "reply",
    "due_on": "2026-10-20",
    "due_at": "2026-10-20T23:00:00Z",
    "overdue": False,
    "held_letters": [],
    "recommendations": [],
    "undertakings": [],
    "sequence": 9,
}
VIEW_LINE = json.dumps(VIEW) + "\n"
EVENT = {"sequence": 1, "at": "2026-10-06T07:21:14Z", "kind": "opened", "by": "intake", "what": "opened"}
HISTORY = {**VIEW, "events": [EVENT]}
LEDGER: dict[str, Any] = {
    "deadline": DEADLINE,
    "time_zone": "Europe/London",
    "rule": "R4",
    "allowance": "10 working days",
    "counting": "working_days",
    "set_at": "2026-10-06T07:21:14Z",
    "day_0": "2026-10-06",
    "days": [{"on": "2026-10-07", "skipped": None, "number": 1, "source": None}],
    "days_late": [],
    "moves": [],
    "lapses": [],
    "ending": "running",
    "to_spare": None,
    "to_spare_at_first": None,
    "policy": "crown-estate 1",
    "calendar": "england 2026",
}
READING = {
    "reference": EXAMPLE_REFERENCE,
    "staff": "m.hughes",
    "day": "2026-10-07",
    "times": 3,
    "first_at": "2026-10-07T08:02:11Z",
    "last_at": "2026-10-07T15:40:09Z",
}
SEARCH = {"text": "zielinska", "limit": 50}
FOUND = {
    "reference": EXAMPLE_REFERENCE,
    "name": "Maja Zielinska",
    "capacity": "representative",
    "represents": "Tomasz Zielinski",
    "case": "CASE-45590",
    "tier": "manager",
    "status": "awaiting_reply",
    "closing_reason": None,
    "holder": "m.hughes",
    "received_at": "2026-10-06T07:20:00Z",
    "time_zone": "Europe/London",
}
TASK: dict[str, Any] = {
    "reference": EXAMPLE_REFERENCE,
    "tier": "manager",
    "status": "awaiting_reply",
    "holder": "m.hughes",
    "due": "reply",
    "due_on": "2026-10-20",
    "due_at": "2026-10-20T23:00:00Z",
    "overdue": False,
    "time_zone": "Europe/London",
    "next": "reply",
    "command": f"complaints reply {EXAMPLE_REFERENCE} --as m.hughes --outcome OUTCOME --findings TEXT",
    "also": ["extend"],
}
WORKLIST = {"version": "9f86d081884c7d65", "tasks": [TASK]}
CHANGES = {
    "changes": [
        {
            "reference": EXAMPLE_REFERENCE,
            "sequence": 14,
            "change": "reply",
            "tier": "manager",
            "at": "2026-10-19T14:03:00Z",
        }
    ],
    "complaints": [{**STATUS_EXAMPLE, "status": "awaiting_complainant", "may_do": ["escalate", "resolve", "withdraw"]}],
    "cursor": "NDIuMTQuQy0xMDAz",
    "more": False,
}
