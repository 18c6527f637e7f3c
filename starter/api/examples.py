"""Examples for the OpenAPI description."""

import json
from typing import Any

EXAMPLE_REFERENCE = "C-1003"
FORM: dict[str, Any] = {
    "reference": EXAMPLE_REFERENCE,
    "received_at": "2026-10-06T08:20:00+01:00",
    "complainant": {
        "name": "Maja Zielinska",
        "capacity": "representative",
        "represents": "Tomasz Zielinski",
        "authority": "a letter of authority",
        "email": "m.zielinska@example.org",
        "prefers": "email",
        "needs": {"large_print": True, "language": "Polish", "telephone": False, "other": "an interpreter"},
    },
    "case": {"reference": "CASE-45590", "open": False, "answered_on": "2026-09-11", "handler": "h.sato"},
    "concerns": [{"aspect": "not_kept_updated", "what_happened": "Six times somebody promised to ring us back."}],
    "communication": [{"on": "2026-09-02", "channel": "phone", "summary": "Promised a call by Friday."}],
    "put_right": "Tell us who was meant to ring and why they didn't.",
    "told_case_handler_on": "2026-09-18",
}
OPENED = {"reference": EXAMPLE_REFERENCE, "is_new": True, "closed_at": None, "closing_reason": None}
ANSWER = {
    "id": "portal-771",
    "act": "escalate",
    "reference": EXAMPLE_REFERENCE,
    "sentence": "escalated",
    "status": "awaiting_reply",
    "tier": "customer_complaints_team",
}
STAFF_ANSWER = ANSWER | {
    "code": "done",
    "holder": "t.abara",
    "next_due_at": "2026-11-24T09:00:00Z",
    "due": "acknowledgement",
    "due_on": "2026-11-24",
    "due_at": "2026-11-25T00:00:00Z",
    "needs": ["large_print"],
}
SENT = {"id": "portal-771", "reference": EXAMPLE_REFERENCE, "code": "sent"}
OUTCOME = {"id": "portal-771", "reference": EXAMPLE_REFERENCE, "state": "done", "answer": STAFF_ANSWER}
CLOCK = {
    "reference": EXAMPLE_REFERENCE,
    "now": "2026-10-20T09:30:00Z",
    "time_zone": "Europe/London",
    "day_first": True,
    "tiers": [{"tier": "manager", "started_at": "2026-10-06T07:20:00Z"}],
}
PREVIEW = {
    "reference": EXAMPLE_REFERENCE,
    "act": "acknowledge",
    "refused": None,
    "code": None,
    "is_recorded": False,
    "letters": [
        {
            "occasion": "acknowledgement",
            "channel": "email",
            "to": "Maja Zielinska, m.zielinska@example.org",
            "subject": "Your complaint C-1003",
            "text": "Dear Maja Zielinska ...",
            "sent_on": "2026-10-07",
            "problem": None,
        }
    ],
    "contact": [],
    "changes": [],
    "status": "awaiting_reply",
    "tier": "manager",
    "needs": ["large_print"],
    "warning": None,
    "complaint": ["Manager: awaiting acknowledgement, held by m.okafor"],
    "fields": [{"label": "by", "value": "m.okafor"}],
    "effects": [{"label": "then", "value": "Manager, awaiting reply"}],
}
STATUS_EXAMPLE = {
    "reference": EXAMPLE_REFERENCE,
    "status": "awaiting_reply",
    "tier": "manager",
    "received_at": "2026-10-06T07:20:00Z",
    "opened_at": "2026-10-06T07:21:14Z",
    "closed_at": None,
    "closing_reason": None,
    "case_open": False,
    "aspects": ["not_kept_updated"],
    "due": [
        {
            "tier": "manager",
            "what": "reply",
            "due_on": "2026-10-20",
            "at": "2026-10-20T23:00:00Z",
            "first_on": "2026-10-20",
            "met_at": None,
            "overdue": False,
        }
    ],
    "may_go_on_until": None,
    "time_zone": "Europe/London",
}
LINES = json.dumps(FORM) + "\n"
RESULTS = '{"line":1,"status":201,"opened":{"reference":"C-1003","is_new":true}}\n'
