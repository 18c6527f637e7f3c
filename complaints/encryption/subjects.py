"""Whose key a payload is encrypted with: a complaint's, or the services' own."""

import re

from complaints.messages.key import MessageKey
from complaints.procedure.field_types import REFERENCE_PATTERN

SERVICES = "*"
"""The subject of workflows that outlive complaints, or concern many. Their payloads hold references only."""
DELIVERY_PREFIX = "delivery/"
QUERIES = "?"
"""The subject of what the codec server encrypts: arguments of queries, and a workflow takes them for nothing else."""

_COMPLAINT = re.compile(REFERENCE_PATTERN)


def subject_of(workflow_id: str) -> str:
    """Return the reference of the complaint that a workflow serves, or `SERVICES`."""
    if _COMPLAINT.fullmatch(workflow_id):
        return workflow_id
    if not workflow_id.startswith(DELIVERY_PREFIX):
        return SERVICES
    try:
        return MessageKey.read(workflow_id.removeprefix(DELIVERY_PREFIX)).reference
    except ValueError:
        return SERVICES
