"""Decrypt a whole history, to read it or to record it."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Header, Payload, SearchAttributes
from temporalio.api.history.v1 import MarkerRecordedEventAttributes
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import PayloadCodec, WithSerializationContext, WorkflowSerializationContext

NOT_ENCRYPTED = (SearchAttributes.DESCRIPTOR.full_name, Header.DESCRIPTOR.full_name)
"""Search attributes, and the headers of traces."""

RESULT = "result"
"""Of a local activity, in its marker. The marker's other details are the SDK's own, which it does not encrypt."""


async def plain_history(client: Client, history: WorkflowHistory) -> WorkflowHistory:
    """Return the history with plain payloads.

    What a stranger made is empty, as for the workflow. Raises KeysUnreachableError, KeyDestroyedError.
    """
    codec = client.data_converter.payload_codec
    assert codec
    assert isinstance(codec, WithSerializationContext)
    codec = codec.with_context(
        WorkflowSerializationContext(namespace=client.namespace, workflow_id=history.workflow_id)
    )
    events = []
    for event in history.events:
        plain = type(event)()
        plain.CopyFrom(event)
        await _decode(plain, codec)
        events.append(plain)
    return WorkflowHistory(history.workflow_id, events)


async def _decode(message: Message, codec: PayloadCodec) -> None:
    """Decode, in place, every payload in a message."""
    if isinstance(message, Payload):
        [decoded] = await codec.decode([message])
        message.CopyFrom(decoded)
        return
    if isinstance(message, MarkerRecordedEventAttributes):
        if RESULT in message.details:
            await _decode(message.details[RESULT], codec)
        await _decode(message.failure, codec)
        return
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.full_name in NOT_ENCRYPTED:
            continue
        if isinstance(message, UserMetadata) and field.name == "summary":
            continue
        for part in _messages_in(value):
            await _decode(part, codec)


def _messages_in(value: Any) -> Iterable[Message]:
    """Yield the message, or those of a list or a map."""
    if isinstance(value, Message):
        return [value]
    values = value.values() if hasattr(value, "values") else value
    return [part for part in values if isinstance(part, Message)]
