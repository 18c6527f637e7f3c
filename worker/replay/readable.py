"""Print a history, decrypted, with its payloads as JSON.

Standard input is what `temporal workflow show --output json` prints.
"""

import asyncio
import json
import sys

from temporalio.client import WorkflowHistory

from complaints.encryption.key_ring import open_key_ring
from complaints.environment import read_environment
from complaints.runtime.service import StartupError
from complaints.settings import Settings
from complaints.temporal.client import connect
from worker.connections import startup_errors
from worker.replay.history_files import readable_payload
from worker.replay.plain_history import plain_history


async def decrypt(text: str) -> str:
    """Return the history as readable JSON. Raises StartupError."""
    history = WorkflowHistory.from_json("", text)
    workflow_id = history.events[0].workflow_execution_started_event_attributes.workflow_id
    environment = read_environment()
    with startup_errors():
        async with open_key_ring(Settings.read(environment)) as keys:
            client = await connect(environment, keys)
            plain = await plain_history(client, WorkflowHistory(workflow_id, history.events))
    return json.dumps(json.loads(plain.to_json(), object_hook=readable_payload), ensure_ascii=False, indent=2)


def main() -> int:
    """Return the exit code."""
    try:
        print(asyncio.run(decrypt(sys.stdin.read())))
    except StartupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
