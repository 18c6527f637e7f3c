"""Logging without personal data: JSON for programs, columns and colours for a terminal.

A line has the build of its process, and the trace in which it was logged. It names a complaint by its reference and
holds nothing that anybody wrote. So an exception's text is left out,
unless its class is known to be impersonal, and a library's message is cut to one short line.
"""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from traceback import format_tb
from typing import Any

import structlog
from structlog.typing import EventDict, Processor
from temporalio.service import RPCError

from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.messages.key import MessageKey
from complaints.records.database import RecordError

OWN_PACKAGES = ("worker", "starter", "codec", "workflows", "activities", "complaints")
LIMITS = (
    "workflow_pollers",
    "workflow_tasks",
    "activity_pollers",
    "cached_complaints",
    "sticky_timeout",
    "recording_connections",
    "delivery_connections",
)
"""The settings of a worker that it logs at its start."""
FIELDS = (
    "reference",
    "sequence",
    "act",
    "code",
    "kind",
    "further",
    "why",
    "task_queue",
    "deployment",
    "build_id",
    "command",
    "system",
    "address",
    "request",
    "status",
    "milliseconds",
    "times",
    "incident",
    "refused",
    "of",
    "tier",
    "to_do",
    *LIMITS,
)
"""The only `extra` fields that a line shows."""
IMPERSONAL_ERRORS = (RecordError, RPCError, OSError, ChannelUnavailableError, ChannelRefusedError)
MAX_LIBRARY_MESSAGE = 300
"""Characters."""


def configure_logging(level: str, build: str | None = None) -> None:
    """Log to standard error: our packages from `level` on, libraries from warnings on.

    `build` is in each line; None: the product's version.
    """
    own_level = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[partial(_select_fields, build or version("complaints")), _renderer()]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(own_level, logging.WARNING))
    for name in OWN_PACKAGES:
        logging.getLogger(name).setLevel(own_level)
    logging.getLogger("alembic").setLevel(logging.ERROR)  # its only use is to check for migrations
    logging.captureWarnings(capture=True)


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def temporal_context(record: logging.LogRecord) -> dict[str, Any]:
    """Return Temporal's context of a line that a workflow or an activity logged, else nothing."""
    return getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {}


def _select_fields(build: str, _logger: Any, level: str, line: EventDict) -> EventDict:
    record: logging.LogRecord = line["_record"]
    event = str(line["event"])
    selected: EventDict = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "logger": record.name,
        "event": event if record.name.startswith(OWN_PACKAGES) else event.partition("\n")[0][:MAX_LIBRARY_MESSAGE],
    }
    selected.update(_subject(temporal_context(record).get("workflow_id", "")))
    selected["build"] = build
    if trace := _trace_id():
        selected["trace"] = trace
    selected.update({field: getattr(record, field) for field in FIELDS if hasattr(record, field)})
    if exc_info := line.get("exc_info"):
        selected["exception"] = "\n".join(_format_chain(exc_info[1]))
    return selected


def _subject(workflow_id: str) -> EventDict:
    """Return the complaint's reference, and for a delivery its event's number.

    Of a workflow that is no complaint's, return the id.
    """
    kind, _, name = workflow_id.rpartition("/")
    try:
        key = MessageKey.read(name)
    except ValueError:
        return {"reference": name} if name else {}
    return {"reference": key.reference, "sequence": key.sequence} if kind else {"reference": name}


def _trace_id() -> str | None:
    """Return the id of the current trace, where traces are sent."""
    if "complaints.temporal.tracing" not in sys.modules:
        return None
    context = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _format_chain(error: BaseException) -> Iterator[str]:
    """Yield the class and the traceback of each exception in the chain, the latest first."""
    current: BaseException | None = error
    while current:
        text = f": {current}" if isinstance(current, IMPERSONAL_ERRORS) else ""
        yield f"{type(current).__name__}{text}"
        yield from (line.rstrip() for line in format_tb(current.__traceback__))
        current = current.__cause__ or current.__context__
