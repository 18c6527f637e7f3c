"""The runner drops headers, which nobody encrypts, where tracing could not read them."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob

from worker.workflow_runner import _drop_unreadable_headers

TRACE = Payload(metadata={"encoding": b"json/plain"}, data=b'{"traceparent": "00-1-2-01"}')
UNREADABLE = (
    Payload(),
    Payload(metadata={"encoding": b"binary/odd"}, data=TRACE.data),
    Payload(metadata=TRACE.metadata, data=b"no JSON"),
    Payload(metadata=TRACE.metadata, data=b"[1]"),
    Payload(metadata=TRACE.metadata, data=b'{"traceparent": 1}'),
)


@pytest.mark.parametrize("kind", ["initialize_workflow", "signal_workflow", "do_update", "query_workflow"])
def test_a_header_that_is_no_trace_is_dropped(kind: str) -> None:
    job = WorkflowActivationJob()
    headers = getattr(job, kind).headers
    headers["trace"].CopyFrom(TRACE)
    for number, header in enumerate(UNREADABLE):
        headers[f"odd-{number}"].CopyFrom(header)
    _drop_unreadable_headers(job)
    assert dict(headers) == {"trace": TRACE}
