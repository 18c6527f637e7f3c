"""Temporal's own command with the codec server: an operator looks, and cannot act."""

import asyncio
import json

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from chaos.temporal_cli import TEMPORAL
from complaints.encryption.key_ring import StoredKeys
from complaints.procedure import acts
from local.ephemeral_stack import EphemeralStack
from local.sign_in.server import serve_sign_in
from tests.codec.codec_server import serving_codec
from tests.starter.api.service import sign_in_settings
from tests.workflows.complaint_driver import ComplaintOpener

WORDS = "Zanzibar never rang me back."
ACT = json.dumps({"id": "by-hand", "by": "m.okafor", "reason": "It is no use."})


async def test_an_operator_reads_and_queries_and_cannot_act(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, worker: Worker, keys: StoredKeys
) -> None:
    opener = ComplaintOpener(client, engine, worker.task_queue)
    complaint = await opener.open(concerns=[{"aspect": "delay", "what_happened": WORDS}])
    acknowledged = await complaint.do(acts.Acknowledge)
    of_it = ("--workflow-id", complaint.reference)
    with serve_sign_in() as issuer:
        async with serving_codec(engine, keys, **sign_in_settings(issuer)) as server:

            async def temporal(*arguments: str, staff: str = "au.ditor") -> tuple[int, str]:
                token = ("--codec-auth", f"Bearer {issuer.access_token(staff)}")
                process = await asyncio.create_subprocess_exec(
                    *(str(TEMPORAL), *arguments, "--address", stack.temporal_address),
                    *("--codec-endpoint", server.url, *token),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                )
                output, _ = await process.communicate()
                return process.returncode or 0, output.decode()

            shown = await temporal("workflow", "show", *of_it, "--detailed")
            assert WORDS in shown[1]
            _, hidden = await temporal("workflow", "show", *of_it, "--detailed", staff="m.silva")
            assert WORDS not in hidden
            assert "not yours to read" in hidden
            answer = ("workflow", "query", *of_it, "--name", "answer", "--input", json.dumps(acknowledged.id))
            assert f'"{acknowledged.id}"' in (await temporal(*answer))[1]
            assert "m.okafor" in (await temporal("workflow", "metadata", *of_it))[1]
            act = (*of_it, "--name", "withdraw", "--input", ACT)
            assert (await temporal("workflow", "update", "execute", *act))[0] != 0
            assert await temporal("workflow", "signal", *act) == (0, "Signal workflow succeeded\n")
            erasure = ("--workflow-id", f"erasure/{complaint.reference}", "--type", "Erasure", "--input", ACT)
            await temporal("workflow", "start", *erasure, "--task-queue", f"{worker.task_queue}-operations")
    with pytest.raises(WorkflowFailureError):
        await client.get_workflow_handle(f"erasure/{complaint.reference}").result()
    counted = await complaint.count_events()
    assert (counted["refused"], counted["withdraw"]) == (1, 0)
