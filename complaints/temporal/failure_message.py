"""The message of a failure, as people read it."""

from pydantic import ValidationError
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client

from complaints.encryption.data_keys import KeyDestroyedError, KeysUnreachableError
from complaints.encryption.failures import EncodedAttributes
from complaints.encryption.foreign import ForeignPayloadError
from complaints.temporal.client import decode_payloads


async def failure_message(client: Client, workflow_id: str, failure: Failure) -> str:
    """Return a failure's message, decrypted if it is one of ours and its key can be had."""
    if not failure.HasField("encoded_attributes"):
        return failure.message
    try:
        [attributes] = await decode_payloads(client, workflow_id, [failure.encoded_attributes], [EncodedAttributes])
    except (ForeignPayloadError, KeyDestroyedError, KeysUnreachableError, ValidationError):
        return failure.message
    assert isinstance(attributes, EncodedAttributes)
    return attributes.message
