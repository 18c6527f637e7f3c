"""Encrypt what a failure says, and authenticate its type.

Anybody who reaches Temporal can fail an activity, with a failure of any type. So its type, and whether a retry may
succeed, are also in the encrypted part, and count only from there.
"""

from typing import Any

from pydantic import BaseModel, ValidationError
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError

from complaints.encryption.foreign import FOREIGN_FAILURE, is_foreign

ENCODED = "Encoded failure"
"""The message that everybody may read."""


class EncodedAttributes(BaseModel):
    """The encrypted part of a failure.

    The first two fields are those of Temporal's own convention.
    """

    message: str
    stack_trace: str
    kind: str | None
    type: str
    non_retryable: bool


class EncryptedFailureConverter(DefaultFailureConverter):
    """Convert failures of our services; any other application failure is `FOREIGN_FAILURE`."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)
        failure.encoded_attributes.CopyFrom(payload_converter.to_payload(_attributes_of(failure)))
        failure.message, failure.stack_trace = ENCODED, ""

    def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
        is_typed = failure.HasField("application_failure_info")
        if is_typed and not _is_ours(failure, payload_converter):
            return ApplicationError("a failure that none of our services made", type=FOREIGN_FAILURE)
        return super().from_failure(failure, payload_converter)


def _attributes_of(failure: Failure) -> EncodedAttributes:
    info = failure.application_failure_info
    return EncodedAttributes(
        message=failure.message,
        stack_trace=failure.stack_trace,
        kind=failure.WhichOneof("failure_info"),
        type=info.type,
        non_retryable=info.non_retryable,
    )


def _is_ours(failure: Failure, payload_converter: PayloadConverter) -> bool:
    if not failure.HasField("encoded_attributes") or is_foreign(failure.encoded_attributes):
        return False
    try:
        attributes: Any = payload_converter.from_payload(failure.encoded_attributes, EncodedAttributes)
    except (ValidationError, KeyError, RuntimeError):
        return False
    info = failure.application_failure_info
    kind = failure.WhichOneof("failure_info")
    return (attributes.kind, attributes.type, attributes.non_retryable) == (kind, info.type, info.non_retryable)
