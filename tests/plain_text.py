"""What anybody can read of Temporal's messages: every text outside payloads, and the payloads that its page shows."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from google.protobuf.message import Message
from temporalio.api.common.v1 import Header, Memo, Payload, SearchAttributes
from temporalio.api.sdk.v1 import UserMetadata

SHOWN = (UserMetadata, Memo, SearchAttributes, Header)
"""Summaries and details, memos, search attributes and headers are read without opening an input or a result."""


def texts_in(message: Message, *, is_shown: bool = False) -> Iterator[str]:
    """Every text of a message and of its parts. Of payloads, only those that are shown."""
    if isinstance(message, Payload):
        if is_shown:
            yield message.data.decode(errors="replace")
        return
    is_shown = is_shown or isinstance(message, SHOWN)
    for _, value in message.ListFields():
        for part in _parts(value):
            if isinstance(part, Message):
                yield from texts_in(part, is_shown=is_shown)
            elif isinstance(part, bytes):
                yield part.decode(errors="replace")
            elif isinstance(part, str):
                yield part


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return chain(value.keys(), value.values())
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return value
    return (value,)
