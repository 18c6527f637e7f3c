"""Fetch one complaint from the service, and say where the answer came from the record alone."""

from typing import Any

from admin.shared.api import Api
from admin.shared.output import print_error

SOURCE_HEADER = "Complaints-Source"
NOTES = {
    "record": "{0}: its workflow has ended, or no worker answers; this is what the record has",
    "lost": "{0} is open on the record, but has no running workflow in Temporal, so nothing of it goes on; "
    "run python -m worker revive {0}. This is what the record has",
}
"""What staff are to know of an answer, by its source."""


def fetch(api: Api, reference: str, part: str, **params: Any) -> Any:
    """Fetch a part of a complaint, such as `history`. Raises CommandError."""
    with api.stream("GET", f"/complaints/{reference}/{part}", params=params) as answer:
        answer.read()
        if note := NOTES.get(answer.headers.get(SOURCE_HEADER, "")):
            print_error(note.format(reference))
        return answer.json()
