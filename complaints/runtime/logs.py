"""One form for every line that is logged, whoever logs it: JSON for programs, columns and colours for people.

What is told of a complaint is its reference, never what anybody wrote. Hence the exceptions' texts are left out, but
for those that are known to hold nothing of it, and of the libraries' lines what they say at length.
"""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

import structlog
from structlog.typing import EventDict, Processor
from temporalio.service import RPCError

from complaints.channels.errors import ChannelAwayError, ChannelRefusedError
from complaints.records.database import RecordError

OURS = ("worker", "starter", "workflows", "activities", "complaints")
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
)
"""What a line may tell besides its event; nothing else comes through."""
TELLS_NOTHING_PERSONAL = (RecordError, RPCError, OSError, ChannelAwayError, ChannelRefusedError)
SHOWN = 300
"""Characters of a library's line."""


def set_up(level: str) -> None:
    """To standard error. `level` is for the product's own lines; of the libraries only warnings are shown."""
    wanted = logging.getLevelNamesMapping()[level.upper()]
    is_for_people = sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_what_may_be_told, _renderer(is_for_people)]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(wanted, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    logging.getLogger("alembic").setLevel(logging.ERROR)  # it is only asked whether there is anything to migrate
    logging.captureWarnings(capture=True)


def _renderer(is_for_people: bool) -> Processor:
    return structlog.dev.ConsoleRenderer() if is_for_people else structlog.processors.JSONRenderer(ensure_ascii=False)


def of_temporal(record: logging.LogRecord) -> dict[str, Any]:
    """What Temporal knows of where a line comes from."""
    return getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {}


def _what_may_be_told(_logger: Any, level: str, line: EventDict) -> EventDict:
    record: logging.LogRecord = line["_record"]
    event = str(line["event"])
    told: EventDict = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "logger": record.name,
        "event": event if record.name.startswith(OURS) else event.partition("\n")[0][:SHOWN],
    }
    if reference := of_temporal(record).get("workflow_id"):
        told["reference"] = reference
    told.update({field: getattr(record, field) for field in FIELDS if hasattr(record, field)})
    if exc_info := line.get("exc_info"):
        told["exception"] = "\n".join(_told_of(exc_info[1]))
    return told


def _told_of(error: BaseException) -> Iterator[str]:
    """Where each exception of the chain came from, the latest first."""
    following: BaseException | None = error
    while following:
        text = f": {following}" if isinstance(following, TELLS_NOTHING_PERSONAL) else ""
        yield f"{type(following).__name__}{text}"
        yield from (line.rstrip() for line in format_tb(following.__traceback__))
        following = following.__cause__ or following.__context__
