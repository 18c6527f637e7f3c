"""How client, worker and replayer reach Temporal and write payloads: one place, where a codec can be added."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from temporalio.client import Client, Interceptor, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

DEFAULT_ADDRESS = "localhost:7233"
DATA_CONVERTER = pydantic_data_converter
TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""The variable that says where traces go; OpenTelemetry's other variables are read by its own libraries."""
ASK_AGAIN_AFTER = 0.05
"""Seconds."""

Answered = TypeVar("Answered")


class TemporalUnreachableError(Exception):
    """Temporal could not be reached, or not as configured."""


async def connect(
    environment: Mapping[str, str], interceptors: Sequence[Interceptor] = (), runtime: Runtime | None = None
) -> Client:
    """By Temporal's own configuration: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TLS, API key.

    Traced where OTEL_EXPORTER_OTLP_ENDPOINT is set. Raises TemporalUnreachableError.
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
    """For client and replayer; none where no traces are wanted, and then nothing of OpenTelemetry is imported."""
    if not environment.get(TRACES_ENDPOINT):
        return []
    from complaints.tracing import make_plugins

    return make_plugins(environment)


def _reason(error: Exception) -> str:
    """The innermost of what Temporal's client tells, one error wrapped in the next: `Connection refused`."""
    told = re.findall(r'(?:message|error): "([^"]+)"', str(error))
    return told[-1] if told else str(error)


async def ask(handle: WorkflowHandle[Any, Any], query: str, result_type: type[Answered]) -> Answered:
    """A query's answer. A run that has just continued as new cannot answer for an instant: it is asked again."""
    while True:
        try:
            answer: Answered = await handle.query(query, result_type=result_type)
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            await asyncio.sleep(ASK_AGAIN_AFTER)
        else:
            return answer
