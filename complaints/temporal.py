"""How client, worker and replayer reach Temporal and write payloads: one place, where a codec can be added."""

from collections.abc import Mapping, Sequence

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

DATA_CONVERTER = pydantic_data_converter


class TemporalUnreachableError(Exception):
    """Temporal could not be reached, or not as configured."""


async def connect(environment: Mapping[str, str], interceptors: Sequence[Interceptor] = ()) -> Client:
    """By Temporal's own configuration: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TLS, API key."""
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=environment)
        return await Client.connect(**config, data_converter=DATA_CONVERTER, interceptors=list(interceptors))
    except (RPCError, RuntimeError, ValueError, OSError) as error:
        address = environment.get("TEMPORAL_ADDRESS", "localhost:7233")
        raise TemporalUnreachableError(f"Temporal at {address} cannot be reached: {error}") from error
