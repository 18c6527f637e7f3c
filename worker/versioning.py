"""Worker Versioning: this worker's version, and whether Temporal gives it tasks."""

import asyncio
import logging
import shlex
from typing import TypedDict

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import WorkerDeploymentConfig

POLL_SECONDS = 2.0
"""Polls until this version is current. Temporal knows a new version after the first interval."""

log = logging.getLogger(__name__)


UNVERSIONED = "unversioned"
"""The build id of a worker without one. Left out, Temporal's library hashes every loaded module (0.4 s)."""


class VersionOptions(TypedDict, total=False):
    """Arguments of a worker."""

    deployment_config: WorkerDeploymentConfig
    build_id: str


def version_options(version: WorkerDeploymentVersion | None) -> VersionOptions:
    """Return a worker's arguments. Complaints outlive versions, so they move to each new one."""
    if version is None:
        return VersionOptions(build_id=UNVERSIONED)
    return VersionOptions(
        deployment_config=WorkerDeploymentConfig(
            version=version,
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
        )
    )


async def report_deployment_status(client: Client, version: WorkerDeploymentVersion) -> None:
    """Log the command that makes this version current, and a line once it is."""
    facts = {"deployment": version.deployment_name, "build_id": version.build_id}
    options = (
        *("--namespace", client.namespace),
        *("--deployment-name", version.deployment_name),
        *("--build-id", version.build_id),
    )
    command = shlex.join(("temporal", "worker", "deployment", "set-current-version", *options))
    await asyncio.sleep(POLL_SECONDS)
    has_warned = False
    while not await _is_current(client, version):
        if not has_warned:
            log.warning("not the current version, so no tasks come", extra={**facts, "command": command})
            has_warned = True
        await asyncio.sleep(POLL_SECONDS)
    log.info("the current version", extra=facts)


async def _is_current(client: Client, version: WorkerDeploymentVersion) -> bool:
    """Return whether it is. False also while Temporal does not answer or know the deployment."""
    try:
        described = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=version.deployment_name)
        )
    except RPCError:
        return False
    current = described.worker_deployment_info.routing_config.current_deployment_version
    return (current.deployment_name, current.build_id) == (version.deployment_name, version.build_id)
