"""An example of each act's body, for the OpenAPI description."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

REMEDIES = [{"kind": "apology"}, {"kind": "compensation", "pence": 7_500}]
CLARIFIED = {"reason": "It was another file."}
ACT_EXAMPLES: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "acknowledge": {"id": "desk-1"},
        "reply": {"id": "desk-2", "outcome": "upheld", "findings": "We were slow.", "remedies": REMEDIES},
        "correct": {"id": "desk-3", "outcome": "not_upheld", "findings": "We were in time."} | CLARIFIED,
        "extend": {"id": "desk-4", "to": "2026-11-12", "explanation": "We wait for the file."},
        "escalate": {"id": "portal-771", "reason": "Still nobody rang.", "received_at": "2026-11-20T16:00:00Z"},
        "accept_late": {"id": "desk-5", "reason": "They were in hospital."},
        "classify": {"id": "desk-6", "concern": 1, "aspect": "delay", "reason": "It is about the wait."},
        "resolve": {"id": "portal-772"},
        "withdraw": {"id": "portal-773", "reason": "I have moved on."},
        "reassign": {"id": "desk-7", "to": "m.silva", "reason": "On leave."},
        "case_closed": {"id": "case-system-981", "on": "2026-11-20T16:00:00Z"},
        "case_reopened": {"id": "case-system-982", "on": "2026-11-23T09:30:00Z"},
        "ask_manager": {"id": "portal-774", "received_at": "2026-11-20T16:00:00Z"},
        "settle": {"id": "desk-8", "explanation": "We rang and put it right."},
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
        "accept_review": {"id": "desk-9"},
        "decline_review": {"id": "desk-10", "ground": "enquiry_only", "explanation": "You asked how."},
        "give_opinion": {
            "id": "desk-11",
            "satisfactory": False,
            "explanation": "You were kept waiting.",
            "recommendations": REMEDIES,
        },
        "answer_recommendation": {"id": "desk-12", "recommendation": 1, "accepted": True},
        "carry_out": {"id": "desk-13", "undertaking": 1},
        "not_carried_out": {"id": "desk-14", "undertaking": 1} | CLARIFIED,
        "reassign_undertaking": {"id": "desk-15", "undertaking": 1, "to": "m.silva", "reason": "She has left."},
        "close_in_error": {"id": "desk-16", "reason": "Opened twice."},
        "reopen": {"id": "desk-17", "reason": "They had withdrawn another complaint."},
        "letter_held": {"id": "desk-18", "letter": 7, "reason": "It came back."},
        "letter_sent": {"id": "desk-19", "letter": 7, "channel": "post"},
    }
)
