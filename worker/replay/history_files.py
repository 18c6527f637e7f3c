"""Histories as files: one event a line, payloads decoded, so that a person can read them and see what differs."""

import base64
import json
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseError
from temporalio.client import WorkflowHistory

JSON_PLAIN = "json/plain"
OF_THE_MACHINE = ("identity", "stackTrace")
"""What tells of the machine on which it was recorded, and a replay does not read. So does a sticky queue's name."""
STICKY = "TASK_QUEUE_KIND_STICKY"


class RecordedError(Exception):
    """A file that holds no history."""


def read_history(file: Path) -> WorkflowHistory:
    """Named as its file. Raises RecordedError."""
    try:
        events = [json.loads(line, object_hook=_encoded) for line in file.read_text(encoding="utf-8").splitlines()]
        if not events:
            raise ValueError("it is empty")
        return WorkflowHistory.from_json(file.stem, {"events": events})
    except (OSError, ValueError, ParseError) as error:
        raise RecordedError(f"{file} holds no history: {error}") from error


def write_history(history: WorkflowHistory, file: Path) -> None:
    """Its payloads must have come decoded, as they do from a client that has the codec."""
    events = json.loads(history.to_json(), object_hook=_decoded)["events"]
    lines = (json.dumps(event, ensure_ascii=False, sort_keys=True) for event in events)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _decoded(part: dict[str, Any]) -> dict[str, Any]:
    if part.get("kind") == STICKY:
        return {**part, "name": "sticky"}
    if not _is_payload(part):
        return {name: value for name, value in part.items() if name not in OF_THE_MACHINE}
    metadata = {name: base64.b64decode(value).decode() for name, value in part["metadata"].items()}
    if metadata["encoding"] != JSON_PLAIN:
        return {**part, "metadata": metadata}
    return {"metadata": metadata, "json": json.loads(base64.b64decode(part["data"]))}


def _encoded(part: dict[str, Any]) -> dict[str, Any]:
    if not _is_payload(part):
        return part
    metadata = {name: base64.b64encode(value.encode()).decode() for name, value in part["metadata"].items()}
    if "json" not in part:
        return {**part, "metadata": metadata}
    return {"metadata": metadata, "data": base64.b64encode(json.dumps(part["json"]).encode()).decode()}


def _is_payload(part: dict[str, Any]) -> bool:
    return isinstance(part.get("metadata"), dict) and "encoding" in part["metadata"]
