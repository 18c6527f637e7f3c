"""Make a replayer of workflows, with the runner and the data converter of a worker."""

from collections.abc import Sequence

from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.worker import Interceptor, Replayer

from complaints.encryption.converter import PLAIN_DATA_CONVERTER
from complaints.temporal.client import DEFAULT_NAMESPACE
from worker.workflow_runner import GuardedWorkflowRunner


def make_replayer(
    *workflows: type,
    client: Client | None = None,
    interceptors: Sequence[Interceptor] = (),
    plugins: Sequence[SimplePlugin] = (),
    runtime: Runtime | None = None,
) -> Replayer:
    """Make a replayer of histories that `client` has fetched; None: of plain recorded ones."""
    return Replayer(
        workflows=workflows,
        workflow_runner=GuardedWorkflowRunner(),
        data_converter=client.data_converter if client else PLAIN_DATA_CONVERTER,
        namespace=client.namespace if client else DEFAULT_NAMESPACE,
        interceptors=interceptors,
        plugins=plugins,
        runtime=runtime,
    )
