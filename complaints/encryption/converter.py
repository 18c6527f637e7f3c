"""The data converters: of the services, which encrypts, and of plain recorded histories."""

from collections.abc import Sequence
from typing import Self

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter, SerializationContext

from complaints.encryption.codec import EncryptionCodec
from complaints.encryption.data_keys import KeyRing
from complaints.encryption.failures import EncryptedFailureConverter
from complaints.encryption.foreign import ForeignPayloadConverter
from complaints.temporal.summaries import SummaryPayloadConverter

CONVERTERS = (SummaryPayloadConverter(), ForeignPayloadConverter(), *PydanticPayloadConverter().converters.values())
"""Shared, with what Pydantic prepares for each type: the SDK makes a payload converter twice for each activation."""


class ComplaintsPayloadConverter(CompositePayloadConverter):
    """Pydantic's JSON, foreign payloads, and summaries for Temporal's page."""

    def __init__(self) -> None:
        super().__init__(*CONVERTERS)


class EncryptingDataConverter(DataConverter):
    """Encrypt and decrypt; cheap to give a context.

    It takes no reference to an external storage. We store no payload outside of Temporal. The SDK raises for such a
    reference, which anybody can send.
    """

    def with_context(self, context: SerializationContext) -> Self:
        assert isinstance(self.payload_codec, EncryptionCodec)
        clone = object.__new__(type(self))  # the SDK asks three times for each payload of an activity
        clone.__dict__.update(self.__dict__, payload_codec=self.payload_codec.with_context(context))
        return clone

    async def _decode_reference_payload_sequence(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def _external_retrieve_payload_sequence(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


PLAIN_DATA_CONVERTER = DataConverter(
    payload_converter_class=ComplaintsPayloadConverter, failure_converter_class=EncryptedFailureConverter
)
"""Of recorded histories, whose payloads are decoded."""


def data_converter(keys: KeyRing, namespace: str) -> DataConverter:
    """Return the data converter of clients and workers."""
    return EncryptingDataConverter(
        payload_converter_class=ComplaintsPayloadConverter,
        payload_codec=EncryptionCodec(keys, namespace),
        failure_converter_class=EncryptedFailureConverter,
    )
