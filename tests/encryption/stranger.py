"""A client of Temporal without keys."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter


def stranger_of(client: Client) -> Client:
    """Return a client of the same server and namespace that knows Temporal's own encodings only."""
    return Client(**{**client.config(), "data_converter": pydantic_data_converter, "interceptors": [], "plugins": []})  # type: ignore[arg-type]
