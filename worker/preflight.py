"""Check that Temporal and PostgreSQL are set up for the worker."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from complaints.records.migrate import list_missing_grants
from complaints.records.migrations.revisions import schema_problem
from complaints.runtime.service import not_granted
from complaints.temporal.search_attribute_types import SEARCH_ATTRIBUTES


async def missing_prerequisites(client: Client, engine: AsyncEngine) -> list[str]:
    """Return one line for each thing that is missing, with the command that creates it.

    Raises RPCError or RecordUnreachableError where a server does not answer.
    """
    lines = await _missing_in_temporal(client)
    if missing := await list_missing_grants(engine):
        lines.append(not_granted(missing))
    elif problem := await schema_problem(engine):
        lines.append(problem)
    return lines


async def _missing_in_temporal(client: Client) -> list[str]:
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        create = f"temporal operator namespace create -n {client.namespace}"
        return [f"Temporal namespace {client.namespace}: not found; run: {create}"]
    existing = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    create = "temporal operator search-attribute create"
    return [
        f"search attribute {name}: not found; run: {create} --name {name} --type {kind}"
        for name, kind in SEARCH_ATTRIBUTES.items()
        if existing.custom_attributes.get(name) != _indexed(kind)
    ]


def _indexed(kind: str) -> "IndexedValueType.ValueType":
    snake = "".join(f"_{letter}" if letter.isupper() and position else letter for position, letter in enumerate(kind))
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{snake.upper()}")
