"""Traces by OpenTelemetry: from intake, or an act, through the workflow to the record.

Import it only where traces are wanted: the libraries take their time. Spans bear references and names of acts, and
nothing that anybody wrote.
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

SENT_WITHIN = 2
"""Seconds. Nobody waits longer for a collector that is away."""


def make_plugins(endpoint: str, service_name: str) -> list[SimplePlugin]:
    """Make the plugins that trace a client and its workers.

    `endpoint` is the base URL of an OTLP collector (HTTP); spans bear `service_name`.
    """
    if not isinstance(opentelemetry.trace.get_tracer_provider(), ReplaySafeTracerProvider):
        opentelemetry.trace.set_tracer_provider(_provider(endpoint, service_name))
    return [
        OpenTelemetryPlugin(add_temporal_spans=True),
        SimplePlugin("complaints.followed", interceptors=[FollowToTheRecord()]),
    ]


def flush() -> None:
    """Send what was not sent yet."""
    provider = opentelemetry.trace.get_tracer_provider()
    if isinstance(provider, ReplaySafeTracerProvider):
        provider.force_flush(SENT_WITHIN * 1000)


def _provider(endpoint: str, service_name: str) -> ReplaySafeTracerProvider:
    logging.getLogger("opentelemetry").addHandler(logging.NullHandler())  # nothing to whoever runs a command
    provider = create_tracer_provider(
        resource=Resource.create({SERVICE_NAME: service_name}),
        shutdown_on_exit=False,
        span_limits=SpanLimits(max_events=0),  # exceptions, with their texts
    )
    url = endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(WithoutWords(OTLPSpanExporter(endpoint=url, timeout=SENT_WITHIN)))
    return provider


class WithoutWords(BatchSpanProcessor):
    """Tells that something failed, not why, which may quote what somebody wrote; nor what strangers call a signal."""

    def on_end(self, span: ReadableSpan) -> None:
        what, _, name = span.name.partition(":")
        if what == "HandleSignal" and name not in ACT_NAMES:
            span._name = f"{what}:unknown"  # noqa: SLF001 (an ended span has no setters)
        span._status = Status(span.status.status_code)  # noqa: SLF001
        super().on_end(span)


class FollowToTheRecord(Interceptor):
    """What is recorded belongs to the trace of what was last told to the complaint: the form, an act, a signal."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 (as Temporal names it)
    ) -> type[WorkflowInboundInterceptor]:
        return _Told


class _Told(WorkflowInboundInterceptor):
    """Inside OpenTelemetry's own interceptor, so that its span is the current one."""

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002 (as Temporal names it)
        super().__init__(next)
        self.last = Context()

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Recording(outbound, self))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        self.last = _above_the_run()
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        self.last = opentelemetry.context.get_current()
        await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        self.last = opentelemetry.context.get_current()
        return await super().handle_update_handler(input)


def _above_the_run() -> Context:
    """Intake's span: the run's own ends with the complaint, in months, and what hangs from it would hang in the air."""
    run: Any = opentelemetry.trace.get_current_span()
    return set_span_in_context(NonRecordingSpan(run.parent or INVALID_SPAN_CONTEXT), Context())


class _Recording(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, told: _Told) -> None:  # noqa: A002
        super().__init__(next)
        self._told = told

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        with self._following():
            return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        with self._following():
            return super().start_local_activity(input)

    @contextmanager
    def _following(self) -> Iterator[None]:
        token = opentelemetry.context.attach(self._told.last)
        try:
            yield
        finally:
            opentelemetry.context.detach(token)
