"""Make a replayer of workflows, with the runner and the data converter of a worker."""

from collections.abc import Sequence

from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.worker import Interceptor, Replayer

from complaints.temporal.client import DATA_CONVERTER
from worker.workflow_runner import GuardedWorkflowRunner


def make_replayer(
    *workflows: type,
    interceptors: Sequence[Interceptor] = (),
    plugins: Sequence[SimplePlugin] = (),
    runtime: Runtime | None = None,
) -> Replayer:
    return Replayer(
        workflows=workflows,
        workflow_runner=GuardedWorkflowRunner(),
        data_converter=DATA_CONVERTER,
        interceptors=interceptors,
        plugins=plugins,
        runtime=runtime,
    )
