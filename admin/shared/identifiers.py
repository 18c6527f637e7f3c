"""Check references and staff ids as they are typed, before anything is sent."""

import re

from complaints.formatting.limits import REFERENCE_EXAMPLE, REFERENCE_PATTERN, STAFF_ID, STAFF_ID_EXAMPLE


def reference_errors(reference: str, argument: str = "REF") -> list[str]:
    """List what is wrong with the form of a complaint's reference."""
    if not reference:
        return [f"{argument}: is needed"]
    return _errors(argument, reference, REFERENCE_PATTERN, REFERENCE_EXAMPLE)


def staff_id_errors(option: str, staff: str | None) -> list[str]:
    """List what is wrong with the form of a staff id; of None, nothing."""
    return [] if staff is None else _errors(option, staff, STAFF_ID, STAFF_ID_EXAMPLE)


def _errors(option: str, value: str, pattern: str, example: str) -> list[str]:
    return [] if re.fullmatch(pattern, value) else [f"{option}: give {example}"]
