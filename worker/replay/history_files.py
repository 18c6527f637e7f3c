"""Plain histories as files: one event a line, so that people can read a diff."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

JSON_PLAIN = "json/plain"
MACHINE_FIELDS = ("identity", "stackTrace")
"""Fields that name the recording machine; no replay reads them. A sticky queue's name does so, too."""
STICKY = "TASK_QUEUE_KIND_STICKY"


class HistoryFileError(Exception):
    """A file is no history."""


@dataclass(frozen=True)
class RecordedHistory(WorkflowHistory):
    """A history from a file. Several files may have one workflow id, which a complaint checks."""

    name: str
    """The file's, without its ending."""


def read_history(file: Path) -> RecordedHistory:
    """Read a history. Raises HistoryFileError."""
    try:
        events = [json.loads(line, object_hook=_encoded) for line in file.read_text(encoding="utf-8").splitlines()]
        if not events:
            raise ValueError("it is empty")
        read = WorkflowHistory.from_json(file.stem, {"events": events})
        workflow_id = read.events[0].workflow_execution_started_event_attributes.workflow_id
        return RecordedHistory(workflow_id or file.stem, read.events, file.stem)
    except (OSError, ValueError, ParseError) as error:
        raise HistoryFileError(f"{file} holds no history: {error}") from error


def write_history(history: WorkflowHistory, file: Path) -> None:
    """Write a plain history: see `plain_history`."""
    events = json.loads(history.to_json(), object_hook=_readable)["events"]
    lines = (json.dumps(event, ensure_ascii=False, sort_keys=True) for event in events)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _readable(part: dict[str, Any]) -> dict[str, Any]:
    if part.get("kind") == STICKY:
        return {**part, "name": "sticky"}
    if not _is_payload(part):
        return {name: value for name, value in part.items() if name not in MACHINE_FIELDS}
    return readable_payload(part)


def readable_payload(part: dict[str, Any]) -> dict[str, Any]:
    """Show what is in a payload of a plain history in JSON. Any other part stays as it is."""
    if not _is_payload(part):
        return part
    payload = ParseDict(part, Payload())
    metadata = {name: value.decode(errors="replace") for name, value in payload.metadata.items()}
    if metadata.get("encoding") == JSON_PLAIN:
        with suppress(ValueError):  # somebody else may have sent it
            return {"metadata": metadata, "json": json.loads(payload.data)}
    return {**MessageToDict(payload), "metadata": metadata}


def _encoded(part: dict[str, Any]) -> dict[str, Any]:
    if not _is_payload(part):
        return part
    metadata = {name: base64.b64encode(value.encode()).decode() for name, value in part["metadata"].items()}
    if "json" not in part:
        return {**part, "metadata": metadata}
    return {"metadata": metadata, "data": base64.b64encode(_as_sent(part["json"])).decode()}


def _as_sent(content: object) -> bytes:
    """Write JSON as the data converter does, so that a history weighs as much as on the server."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _is_payload(part: dict[str, Any]) -> bool:
    return isinstance(part.get("metadata"), dict) and "encoding" in part["metadata"]
