"""The Temporal client and its data converter, for commands, services, workers and replay."""

import dataclasses
import re
from collections.abc import Mapping, Sequence

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from complaints.temporal.payload_codec import Compression, StepsCodec

DEFAULT_ADDRESS = "localhost:7233"
CODEC = StepsCodec(Compression())
DATA_CONVERTER = dataclasses.replace(pydantic_data_converter, payload_codec=CODEC)
TRACES_ENDPOINT, SERVICE_NAME = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"
"""Variables that say where traces go, and under which name. OpenTelemetry reads its other variables."""


class TemporalUnreachableError(Exception):
    """Temporal cannot be reached with the configuration given."""


async def connect(
    environment: Mapping[str, str], interceptors: Sequence[Interceptor] = (), runtime: Runtime | None = None
) -> Client:
    """Connect as Temporal's own variables say, such as TEMPORAL_ADDRESS and TEMPORAL_PROFILE.

    Calls are traced if OTEL_EXPORTER_OTLP_ENDPOINT is set. Raises TemporalUnreachableError.
    """
    address = environment.get("TEMPORAL_ADDRESS") or DEFAULT_ADDRESS
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=environment)
        address = config.setdefault("target_host", address)
        return await Client.connect(
            **config,
            data_converter=DATA_CONVERTER,
            interceptors=list(interceptors),
            plugins=tracing_plugins(environment),
            runtime=runtime,
        )
    except (RPCError, RuntimeError, ValueError, OSError) as error:
        raise TemporalUnreachableError(f"Temporal at {address} cannot be reached: {_reason(error)}") from error


def tracing_plugins(environment: Mapping[str, str]) -> list[SimplePlugin]:
    """Make the tracing plugins for a client or a replayer; none unless a traces endpoint is set.

    OpenTelemetry takes long to import, so it is imported only where it is needed.
    """
    endpoint = environment.get(TRACES_ENDPOINT)
    if not endpoint:
        return []
    from complaints.temporal.tracing import make_plugins

    return make_plugins(endpoint, environment.get(SERVICE_NAME) or "complaints")


def _reason(error: Exception) -> str:
    """Extract the innermost of the client's nested messages: `Connection refused`."""
    messages = re.findall(r'(?:message|error): "([^"]+)"', str(error))
    return messages[-1] if messages else str(error)
