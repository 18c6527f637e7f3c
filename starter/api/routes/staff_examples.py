"""Examples of the staff directory in the service's description."""

from typing import Any

ABSENCE = {"since": "2026-12-21", "until": "2027-01-02"}
MEMBER: dict[str, Any] = {
    "id": "m.okafor",
    "name": "Mary Okafor",
    "email": "mary.okafor@example.org",
    "roles": ["manager"],
    "leads": [],
    "aspects": ["delay"],
    "teams": ["Banking"],
    "active_from": "2024-04-02",
    "active_until": None,
    "absences": [ABSENCE],
}
CHANGE = {"roles": ["case_handler", "manager"], "teams": []}
LAST_DAY = {"on": "2027-01-29"}
CHANGES: dict[str, Any] = {
    "changes": [
        {
            "staff": "m.okafor",
            "at": "2026-12-09T10:00:00Z",
            "by": "a.keller",
            "changed": {"roles": [["manager"], ["case_handler", "manager"]]},
        }
    ],
    "unchanged": 0,
    "holds": None,
}
LISTED = MEMBER | {"holds": 3, "availability": "available", "availability_day": None}
DETAILS = MEMBER | {"holds": 3, "changes": CHANGES["changes"]}
CSV_FILE = "id,name,roles\nm.okafor,Mary Okafor,manager; case_handler\n"
