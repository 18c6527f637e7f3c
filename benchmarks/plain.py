"""The product without encryption of payloads, to compare: its client and its worker.

Run as a worker: `python -m benchmarks.plain`.
"""

import dataclasses
from collections.abc import Sequence
from unittest.mock import patch

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import PayloadCodec

from complaints.encryption.compression import compress, decompress
from complaints.encryption.converter import PLAIN_DATA_CONVERTER
from complaints.runtime.exit import exit_process
from complaints.temporal.summaries import as_readable


class Compression(PayloadCodec):
    """What the product's codec does before it encrypts."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [as_readable(payload) or compress(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [decompress(payload) for payload in payloads]


PLAIN = dataclasses.replace(PLAIN_DATA_CONVERTER, payload_codec=Compression())


def without_encryption(client: Client) -> Client:
    """Return a client of the same server whose payloads are compressed only."""
    config = client.config()
    config["data_converter"] = PLAIN
    return Client(**config)


def main() -> int:
    """Run the product's worker; return its exit code."""
    with patch("complaints.temporal.client.data_converter", lambda *_: PLAIN):
        from local.servers.migrated_worker import main as work

        return work()


if __name__ == "__main__":
    exit_process(main())
