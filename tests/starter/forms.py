"""Build forms as intake systems send them."""

import itertools
from datetime import timedelta
from typing import Any

from complaints.procedure.form import Form
from complaints.runtime.clock import now

references = (f"I-{number}" for number in itertools.count(1))


def form(**changes: Any) -> Form:
    """Return a customer's form about a delay, received a minute ago; the case is open."""
    fields = {
        "reference": next(references),
        "received_at": now() - timedelta(minutes=1),
        "complainant": {"name": "Ada Example", "capacity": "customer", "email": "ada@example.org", "prefers": "email"},
        "case": {"reference": "K-1", "open": True, "handler": "h.lee"},
        "concerns": [{"aspect": "delay", "what_happened": "Nobody rang me back."}],
        "told_case_handler_on": (now() - timedelta(days=3)).date(),
    }
    return Form.model_validate(fields | changes)


async def no_record(reference: str) -> None:
    """Find no complaint, as when the record has none yet."""
