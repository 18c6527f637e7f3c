"""Worker Versioning: which version this worker is, and whether Temporal gives it tasks."""

import asyncio
import logging

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import WorkerDeploymentConfig

ASK_EVERY = 2.0
"""Seconds; only until this version is the current one. Temporal has heard of a new version by then."""

log = logging.getLogger(__name__)


def deployment_config(version: WorkerDeploymentVersion) -> WorkerDeploymentConfig:
    """Open complaints go on with the current version, for they outlive every version."""
    return WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def tell_whether_current(client: Client, version: WorkerDeploymentVersion) -> None:
    """A line that says what to do until this version gets tasks, and one once it does."""
    facts = {"deployment": version.deployment_name, "build_id": version.build_id}
    command = (
        f"temporal worker deployment set-current-version --namespace {client.namespace}"
        f" --deployment-name {version.deployment_name} --build-id {version.build_id}"
    )
    await asyncio.sleep(ASK_EVERY)
    told = False
    while not await _is_current(client, version):
        if not told:
            log.warning("not the current version, so no tasks come", extra={**facts, "command": command})
            told = True
        await asyncio.sleep(ASK_EVERY)
    log.info("the current version", extra=facts)


async def _is_current(client: Client, version: WorkerDeploymentVersion) -> bool:
    """False also while Temporal does not answer, or has not heard of the deployment yet."""
    try:
        described = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=version.deployment_name)
        )
    except RPCError:
        return False
    current = described.worker_deployment_info.routing_config.current_deployment_version
    return (current.deployment_name, current.build_id) == (version.deployment_name, version.build_id)
