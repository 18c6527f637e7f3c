"""OpenTelemetry traces: from a form or act, through the workflow, to its activities.

Import this module only where traces are sent, as the libraries take long to import. Spans hold references and
names of acts, and nothing that anybody wrote.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import opentelemetry.context
import opentelemetry.trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import INVALID_SPAN_CONTEXT, NonRecordingSpan, Status, set_span_in_context
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, ReplaySafeTracerProvider, create_tracer_provider
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from complaints.procedure.acts import ACT_NAMES

EXPORT_TIMEOUT_SECONDS = 2
"""Then spans are dropped, so that an unavailable collector delays nobody."""


def make_plugins(endpoint: str, service_name: str) -> list[SimplePlugin]:
    """Make the plugins that trace a client and its workers.

    `endpoint` is the base URL of an OTLP collector (HTTP); spans bear `service_name`.
    """
    if not isinstance(opentelemetry.trace.get_tracer_provider(), ReplaySafeTracerProvider):
        opentelemetry.trace.set_tracer_provider(_provider(endpoint, service_name))
    return [
        OpenTelemetryPlugin(add_temporal_spans=True),
        SimplePlugin("complaints.activity-tracing", interceptors=[ActivityTracing()]),
    ]


def flush() -> None:
    """Export the spans that are still in memory."""
    provider = opentelemetry.trace.get_tracer_provider()
    if isinstance(provider, ReplaySafeTracerProvider):
        provider.force_flush(EXPORT_TIMEOUT_SECONDS * 1000)


def _provider(endpoint: str, service_name: str) -> ReplaySafeTracerProvider:
    logging.getLogger("opentelemetry").addHandler(logging.NullHandler())  # keep export errors out of a command's output
    provider = create_tracer_provider(
        resource=Resource.create({SERVICE_NAME: service_name}),
        shutdown_on_exit=False,
        span_limits=SpanLimits(max_events=0),  # events are exceptions, whose texts may be personal
    )
    url = endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(RedactingSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_SECONDS)))
    return provider


class RedactingSpanProcessor(BatchSpanProcessor):
    """Remove free text from spans: why something failed, and the names of unknown signals."""

    def on_end(self, span: ReadableSpan) -> None:
        operation, _, name = span.name.partition(":")
        if operation == "HandleSignal" and name not in ACT_NAMES:
            span._name = f"{operation}:unknown"  # noqa: SLF001 (an ended span has no setters)
        span._status = Status(span.status.status_code)  # noqa: SLF001
        super().on_end(span)


class ActivityTracing(Interceptor):
    """Put each activity into the trace of the latest input: the start, an update or a signal."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 (as Temporal names it)
    ) -> type[WorkflowInboundInterceptor]:
        return _InputTracking


class _InputTracking(WorkflowInboundInterceptor):
    """Remember the span of the latest input.

    It runs inside OpenTelemetry's own interceptor, whose span is the current one.
    """

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002 (as Temporal names it)
        super().__init__(next)
        self.latest = Context()

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_ActivityParenting(outbound, self))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        self.latest = _parent_of_run()
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        self.latest = opentelemetry.context.get_current()
        await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        self.latest = opentelemetry.context.get_current()
        return await super().handle_update_handler(input)


def _parent_of_run() -> Context:
    """Return the span that started the workflow.

    The run's own span is exported only when the complaint ends, in months; until then its children lack a parent.
    """
    run: Any = opentelemetry.trace.get_current_span()
    return set_span_in_context(NonRecordingSpan(run.parent or INVALID_SPAN_CONTEXT), Context())


class _ActivityParenting(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, inputs: _InputTracking) -> None:  # noqa: A002
        super().__init__(next)
        self._inputs = inputs

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        with self._in_latest_trace():
            return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        with self._in_latest_trace():
            return super().start_local_activity(input)

    @contextmanager
    def _in_latest_trace(self) -> Iterator[None]:
        token = opentelemetry.context.attach(self._inputs.latest)
        try:
            yield
        finally:
            opentelemetry.context.detach(token)
