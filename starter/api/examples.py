"""Examples for the OpenAPI description."""

import json
from types import MappingProxyType
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
ACT_EXAMPLES = MappingProxyType(
    {
        "escalate": {"id": "portal-771", "reason": "Still nobody rang.", "received_at": "2026-11-20T16:00:00Z"},
        "resolve": {"id": "portal-772"},
        "withdraw": {"id": "portal-773", "reason": "I have moved on."},
        "ask_manager": {"id": "portal-774", "received_at": "2026-11-20T16:00:00Z"},
        "add_information": {
            "id": "portal-775",
            "concern": {"aspect": "delay", "what_happened": "The file took another five weeks."},
            "note": "They rang again today.",
        },
        "change_contact": {
            "id": "portal-776",
            "address": "12 Mill Lane\nLeeds\nLS1 1AA",
            "prefers": "post",
            "needs": {"large_print": True},
        },
        "case_closed": {"id": "case-system-981", "on": "2026-11-20T16:00:00Z"},
        "case_reopened": {"id": "case-system-982", "on": "2026-11-23T09:30:00Z"},
    }
)
OPENED = {"reference": EXAMPLE_REFERENCE, "is_new": True, "closed_at": None, "closing_reason": None}
ANSWER = {
    "id": "portal-771",
    "act": "escalate",
    "reference": EXAMPLE_REFERENCE,
    "sentence": "escalated",
    "status": "awaiting_reply",
    "tier": "customer_complaints_team",
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
