"""The Temporal client, for commands, services and workers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client, Interceptor
from temporalio.converter import WorkflowSerializationContext
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from complaints.encryption.converter import data_converter
from complaints.encryption.data_keys import KeyRing

DEFAULT_ADDRESS, DEFAULT_NAMESPACE = "localhost:7233", "default"
TRACES_ENDPOINT, SERVICE_NAME = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"
"""Variables that say where traces go, and under which name. OpenTelemetry reads its other variables."""


class TemporalUnreachableError(Exception):
    """Temporal cannot be reached with the configuration given."""


async def connect(
    environment: Mapping[str, str],
    keys: KeyRing,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """Connect as Temporal's own variables say, such as TEMPORAL_ADDRESS and TEMPORAL_PROFILE.

    All payloads are encrypted with `keys`. Calls are traced if OTEL_EXPORTER_OTLP_ENDPOINT is set.
    Raises TemporalUnreachableError.
    """
    address = environment.get("TEMPORAL_ADDRESS") or DEFAULT_ADDRESS
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=environment)
        address = config.setdefault("target_host", address)
        namespace = config.setdefault("namespace", DEFAULT_NAMESPACE)
        return await Client.connect(
            **config,
            data_converter=data_converter(keys, namespace),
            interceptors=list(interceptors),
            plugins=tracing_plugins(environment),
            runtime=runtime,
        )
    except (RPCError, RuntimeError, ValueError, OSError) as error:
        raise TemporalUnreachableError(f"Temporal at {address} cannot be reached: {_reason(error)}") from error


async def decode_payloads(
    client: Client, workflow_id: str, payloads: Sequence[Payload], types: list[Any] | None = None
) -> list[Any]:
    """Decode payloads of a workflow's history as the workflow does.

    What another key encrypted is foreign.
    Raises KeysUnreachableError, KeyDestroyedError, and what the payload converter raises for other types.
    """
    context = WorkflowSerializationContext(namespace=client.namespace, workflow_id=workflow_id)
    return await client.data_converter.with_context(context).decode(payloads, types)


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
