"""The gateway (Envoy): each client calls what its program needs, nothing else."""

import ast
import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.operatorservice.v1 import service_pb2 as operator_service
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.api.workflowservice.v1 import service_pb2 as workflow_service
from temporalio.service import RPCError, RPCStatusCode

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.encryption.key_ring import StoredKeys
from complaints.temporal.client import TemporalUnreachableError, connect
from local.ephemeral_stack import EphemeralStack
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import wait_until
from tests.deploy.test_compose import PARSED, run
from tests.fixtures.gateway import (
    CONFIGURATION,
    ENVOY,
    ROOT,
    Gateway,
    certificate,
    make_certificates,
    needs_envoy,
    needs_openssl,
    running_gateway,
    with_certificates,
)
from tests.starter.api.service import add_system, serving
from tests.starter.api.test_intake_requests import open_and_reply, open_complaint
from tests.worker.process import working

HEALTH = "/grpc.health.v1.Health/Check"
METHODS = {
    f"/{service.full_name}/{method.name}"
    for module in (workflow_service, operator_service)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
"""Every method of Temporal's API, as the installed SDK knows it."""
READS = re.compile(r"(Count|Describe|Get|List|Query)[A-Z]\w+")
CALLS = {
    "start_workflow": ["StartWorkflowExecution"],
    "execute_update": ["UpdateWorkflowExecution", "PollWorkflowExecutionUpdate"],
    "get_workflow_handle": ["DescribeWorkflowExecution", "GetWorkflowExecutionHistory"],
    "list_workflows": ["ListWorkflowExecutions"],
    "count_workflows": ["CountWorkflowExecutions"],
    "fetch_history_events": ["GetWorkflowExecutionHistory"],
    "create_schedule": ["CreateSchedule"],
    "get_schedule_handle": ["DescribeSchedule"],
    "terminate": ["TerminateWorkflowExecution"],
    "query": ["QueryWorkflow"],
    "signal": ["SignalWorkflowExecution"],
}
"""What a method of the SDK calls of those that our code uses."""
OF_THE_SDK = {
    "intake": ["GetSystemInfo"],
    "worker": [
        *("GetSystemInfo", "DescribeNamespace", "PollWorkflowTaskQueue", "RespondWorkflowTaskCompleted"),
        *("RespondWorkflowTaskFailed", "RespondQueryTaskCompleted", "PollActivityTaskQueue"),
        *("RespondActivityTaskCompleted", "RespondActivityTaskFailed", "RespondActivityTaskCanceled"),
        *("RecordActivityTaskHeartbeat", "RecordWorkerHeartbeat", "ShutdownWorker"),
    ],
}
"""What the SDK calls of its own accord."""
FOLDERS = {
    "intake": ("starter", "complaints/temporal", "complaints/runtime"),
    "worker": ("worker", "starter/client", "complaints"),
}
"""The code of a client. A worker uses the intake service's functions to start and read workflows."""
ONLY_LOCAL = {"UpdateWorkflowExecutionOptions"}
"""Virtual time, which no production has."""


BY_POST = {"name": "Ada Example", "capacity": "customer", "address": "1 High Street, Leeds", "prefers": "post"}

ABOUT_NO_SERVICE = [{"aspect": "outcome", "what_happened": "It is wrong."}]


def policies() -> dict[str, set[str]]:
    """Return the methods of `METHODS` and of the health check that each client may call."""
    [listener] = yaml.safe_load(CONFIGURATION.read_text())["static_resources"]["listeners"]
    [chain] = listener["filter_chains"]
    [manager] = chain["filters"]
    access, _ = manager["typed_config"]["http_filters"]
    rules = access["typed_config"]["rules"]
    assert rules["action"] == "ALLOW"
    found = {}
    for name, policy in rules["policies"].items():
        clients = [name, "controller"] if name == "worker" else [name]
        assert policy["principals"] == [
            {"authenticated": {"principal_name": {"exact": f"spiffe://complaints/{client}"}}} for client in clients
        ]
        found[name] = {method for rule in policy["permissions"] for method in _matched(rule["url_path"]["path"])}
    return found


def _matched(path: dict[str, Any]) -> set[str]:
    if "exact" in path:
        return {path["exact"]}
    return {method for method in METHODS if re.fullmatch(path["safe_regex"]["regex"], method)}


def short(methods: set[str]) -> set[str]:
    return {method.rpartition("/")[2] for method in methods}


def test_each_client_of_compose_has_a_policy_and_its_own_certificate() -> None:
    certificates = {
        name: secret["source"].removesuffix("-certificate")
        for name, service in PARSED.items()
        for secret in service.get("secrets", ())
        if isinstance(secret, dict) and secret["target"] == "client-certificate"
    }
    assert certificates == {
        "temporal-namespace": "operator",
        "temporal-ui": "page",
        "worker": "worker",
        "worker-next": "worker",
        "intake": "intake",
    }
    assert {*certificates.values(), "controller"} == set(policies())  # the controller is for Kubernetes


def test_every_method_that_is_allowed_exists() -> None:
    assert set.union(*policies().values()) - METHODS == {HEALTH}


def test_the_page_can_only_read() -> None:
    assert all(READS.fullmatch(method) for method in short(policies()["page"]))


@pytest.mark.parametrize("client", ["page", "operator", "intake"])
def test_only_the_worker_takes_tasks_and_only_services_end_workflows(client: str) -> None:
    own = {"PollWorkflowExecutionUpdate", "TerminateWorkflowExecution"} if client == "intake" else set()
    ends = re.compile(r"(Poll|Respond|Record|Terminate|Reset|Delete|Remove|Shutdown|StartBatch)\w+")
    assert {method for method in short(policies()[client]) - own if ends.fullmatch(method)} == set()


def test_no_client_can_reset_a_workflow_or_begin_a_batch() -> None:
    never = {"ResetWorkflowExecution", "StartBatchOperation", "DeleteNamespace", "SignalWithStartWorkflowExecution"}
    assert never & short(set.union(*policies().values())) == set()


@pytest.mark.parametrize("client", sorted(FOLDERS))
def test_a_client_may_call_what_its_code_calls(client: str) -> None:
    called = set(OF_THE_SDK[client])
    for folder in FOLDERS[client]:
        for file in (ROOT / folder).rglob("*.py"):
            called |= calls_in(ast.parse(file.read_text()))
    allowed = short(policies()[client])
    assert called - allowed - ONLY_LOCAL == set()


def test_a_client_may_call_no_more_than_its_code_calls() -> None:
    for client, folders in FOLDERS.items():
        files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
        called = set.union(*(calls_in(ast.parse(file.read_text())) for file in files))
        assert short(policies()[client]) - called == set(OF_THE_SDK[client]) - called


def calls_in(tree: ast.Module) -> set[str]:
    """Return the methods of Temporal's API that a module calls, through the SDK or directly."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.update(CALLS.get(node.attr, ()))
            if isinstance(node.value, ast.Attribute) and node.value.attr in ("workflow_service", "operator_service"):
                found.add("".join(word.capitalize() for word in node.attr.split("_")))
    return found


@needs_openssl
@needs_envoy
def test_envoy_accepts_the_configuration_and_is_the_image_s_version(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    file = tmp_path / "envoy.yaml"
    file.write_text(json.dumps(with_certificates(tmp_path)))
    done = run(str(ENVOY), "--mode", "validate", "--config-path", str(file), env={})
    assert done.returncode == 0, done.stderr
    image = PARSED["temporal-gateway"]["image"]
    version = re.fullmatch(r"envoyproxy/envoy:v([0-9.]+)@.*", image)
    assert version
    assert f"/{version[1]}/" in run(str(ENVOY), "--version", env={}).stdout


@pytest.fixture(scope="module")
def gateway(stack: EphemeralStack) -> Iterator[Gateway]:
    with running_gateway(stack.temporal_address) as gateway:
        yield gateway


@needs_openssl
@needs_envoy
async def test_a_caller_without_a_certificate_of_the_clients_authority_is_refused(
    gateway: Gateway, tmp_path: Path
) -> None:
    await connect(gateway.environment("page"), InMemoryKeys())
    plain = {"TEMPORAL_ADDRESS": gateway.address}
    no_certificate = {name: value for name, value in gateway.environment("page").items() if "_CLIENT_" not in name}
    make_certificates(tmp_path)
    strangers = {
        **gateway.environment("page"),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate(tmp_path, "page")),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(certificate(tmp_path, "page", "key")),
    }
    of_a_server = {
        **gateway.environment("page"),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate(gateway.folder, "gateway")),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(certificate(gateway.folder, "gateway", "key")),
    }
    for environment in (plain, no_certificate, strangers, of_a_server):
        with pytest.raises(TemporalUnreachableError):
            await connect(environment, InMemoryKeys())


@needs_openssl
@needs_envoy
@pytest.mark.parametrize("name", ["page", "operator", "intake"])
async def test_a_client_that_deletes_a_workflow_is_refused_and_logged(gateway: Gateway, name: str) -> None:
    client = await connect(gateway.environment(name), InMemoryKeys())
    request = DeleteWorkflowExecutionRequest(
        namespace="default", workflow_execution=WorkflowExecution(workflow_id="C-1")
    )
    with pytest.raises(RPCError) as refused:
        await client.workflow_service.delete_workflow_execution(request)
    assert refused.value.status is RPCStatusCode.PERMISSION_DENIED
    await assert_logged(gateway, (name, "DeleteWorkflowExecution"))


@needs_openssl
@needs_envoy
def test_the_namespace_script_needs_no_more_than_the_operators_certificate(gateway: Gateway) -> None:
    scripts = f"{ENVOY.parent}:{os.environ['PATH']}"
    env = {"PATH": scripts, "HOME": "/nonexistent", "TEMPORAL_NAMESPACE": "guarded", "TEMPORAL_RETENTION": "1d"}
    before = gateway.refused()
    for _ in range(2):
        done = run("deploy/temporal/set-up-namespace.sh", env={**env, **gateway.environment("operator")})
        assert done.returncode == 0, done.stderr
    assert gateway.refused() == before


@needs_openssl
@needs_envoy
async def test_a_complaint_runs_its_life_and_is_erased_through_the_gateway_and_no_call_is_refused(
    gateway: Gateway, stack: EphemeralStack, engine: AsyncEngine, keys: StoredKeys, tmp_path: Path
) -> None:
    before, queue, post_room = len(gateway.refused()), "guarded", tmp_path / "post"
    post_room.mkdir()
    environment = {
        **gateway.environment("worker"),
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        "COMPLAINTS_TASK_QUEUE": queue,
        **stack.key_settings,
        "COMPLAINTS_LETTERS": str(ROOT / "deploy" / "letters"),
        "COMPLAINTS_POST_ROOM": str(post_room),
        "COMPLAINTS_METRICS": f"{LOOPBACK}:{free_port()}",
    }
    client = await connect(gateway.environment("intake"), keys)
    async with (
        working(environment, tmp_path),
        serving(client, engine, await add_system(engine, queue), task_queue=queue) as service,
        service.client() as portal,
        service.as_staff("lead.manager") as lead,
    ):
        reference = await open_and_reply(client, engine, portal)
        looked = await portal.get(f"/complaints/{reference}")
        assert looked.status_code == 200, looked.text
        over = await open_complaint(portal, complainant=BY_POST, concerns=ABOUT_NO_SERVICE)
        assert await asyncio.to_thread(wait_until, lambda: any(post_room.glob(f"{over}-*.pdf")), patience=60.0)
        body = {"reference": over, "reason": "She asked us to."}
        erased = await lead.post(f"/complaints/{over}/erasure", json=body)
        assert erased.status_code in (200, 202), erased.text
        assert await asyncio.to_thread(wait_until, lambda: not any(post_room.glob(f"{over}-*.pdf")), patience=60.0)
        for program in ("verify", "reconcile"):
            done = await asyncio.to_thread(run, sys.executable, "-m", "worker", program, env=environment)
            assert done.returncode in (0, 1), done.stderr
    await asyncio.sleep(0.2)  # the log is written every 0.05 seconds
    assert gateway.refused()[before:] == []


async def assert_logged(gateway: Gateway, call: tuple[str, str]) -> None:
    assert await asyncio.to_thread(wait_until, lambda: call in gateway.refused(), patience=60.0)
