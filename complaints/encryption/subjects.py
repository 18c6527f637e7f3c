"""Whose key a payload is encrypted with: a complaint's, or the services' own."""

import re

from complaints.procedure.field_types import REFERENCE_PATTERN

SERVICES = "*"
"""The subject of workflows that outlive complaints, or concern many. Their payloads hold references only."""

_COMPLAINT = re.compile(REFERENCE_PATTERN)
_DELIVERY = re.compile(rf"delivery/({REFERENCE_PATTERN})\.\d+\.[^/]*")


def subject_of(workflow_id: str) -> str:
    """Return the reference of the complaint that a workflow serves, or `SERVICES`."""
    if _COMPLAINT.fullmatch(workflow_id):
        return workflow_id
    delivery = _DELIVERY.fullmatch(workflow_id)
    return delivery[1] if delivery else SERVICES
