"""What must be there before the worker starts; each thing missing is one clear line."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from complaints.records.migrate import is_current
from complaints.temporal.search_attributes import SEARCH_ATTRIBUTES


async def missing(client: Client, engine: AsyncEngine) -> list[str]:
    """Empty if all is there. Raises RPCError or RecordUnreachableError where a server does not answer."""
    lines = await _missing_in_temporal(client)
    if not await is_current(engine):
        lines.append("the database is not at this version's migration: python -m complaints.records.migrate")
    return lines


async def _missing_in_temporal(client: Client) -> list[str]:
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return [f"the namespace {client.namespace}: temporal operator namespace create -n {client.namespace}"]
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [
        f"the search attribute {name}: temporal operator search-attribute create --name {name} --type {kind}"
        for name, kind in SEARCH_ATTRIBUTES.items()
        if known.custom_attributes.get(name) != _indexed(kind)
    ]


def _indexed(kind: str) -> "IndexedValueType.ValueType":
    snake = "".join(f"_{letter}" if letter.isupper() and place else letter for place, letter in enumerate(kind))
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{snake.upper()}")
