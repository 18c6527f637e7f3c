"""The Worker Controller's certificate at the gateway: it routes versions, workers cannot."""

from collections.abc import Iterator

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentManagerRequest
from temporalio.service import RPCError, RPCStatusCode

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack
from tests.deploy.test_gateway import policies, short
from tests.fixtures.gateway import Gateway, needs_envoy, needs_openssl, running_gateway

ROUTES = {
    "DeleteWorkerDeployment",
    "DeleteWorkerDeploymentVersion",
    "SetWorkerDeploymentCurrentVersion",
    "SetWorkerDeploymentManager",
    "SetWorkerDeploymentRampingVersion",
    "UpdateWorkerDeploymentVersionMetadata",
}
"""What the controller changes in Temporal. It reads as the page does."""


@pytest.fixture(scope="module")
def gateway(stack: EphemeralStack) -> Iterator[Gateway]:
    with running_gateway(stack.temporal_address) as gateway:
        yield gateway


def test_of_its_own_it_may_read_and_route_versions() -> None:
    assert short(policies()["controller"]) - short(policies()["page"]) == {*ROUTES, "Check"}


def test_an_operator_may_take_over_the_routing_of_versions_and_give_it_back() -> None:
    assert short(policies()["operator"]) >= ROUTES - {
        "DeleteWorkerDeployment",
        "DeleteWorkerDeploymentVersion",
        "UpdateWorkerDeploymentVersionMetadata",
    }


def test_neither_a_worker_nor_the_intake_service_may_route_versions() -> None:
    assert ROUTES & short(policies()["worker"] | policies()["intake"]) == set()


@needs_openssl
@needs_envoy
@pytest.mark.parametrize(
    ("name", "status"), [("controller", "NOT_FOUND"), ("operator", "NOT_FOUND"), ("worker", "PERMISSION_DENIED")]
)
async def test_envoy_passes_its_calls_on_and_refuses_a_workers(gateway: Gateway, name: str, status: str) -> None:
    client = await connect(gateway.environment(name), InMemoryKeys())
    request = SetWorkerDeploymentManagerRequest(namespace="default", deployment_name="complaints/none", identity="us")
    with pytest.raises(RPCError) as answer:
        await client.workflow_service.set_worker_deployment_manager(request)
    assert answer.value.status is RPCStatusCode[status]
