"""A complaint that is open on the record, and whose workflow was terminated or lost."""

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from tests.fixtures.servers import delete_workflow
from tests.starter.api.test_intake_requests import open_complaint, wait_for_event


@pytest.mark.parametrize("is_deleted", [True, False])
async def test_requests_about_it_are_answered_with_a_code_of_its_own(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine, *, is_deleted: bool
) -> None:
    reference = await open_complaint(portal)
    await wait_for_event(engine, reference, "given_to")
    if is_deleted:
        await delete_workflow(client, reference)
    else:
        await client.get_workflow_handle(reference).terminate("by mistake")
    act = {"id": "1", "reason": "We have moved."}
    for answer in (
        await portal.get(f"/complaints/{reference}"),
        await portal.get(f"/complaints/{reference}?findings=true"),
        await portal.post(f"/complaints/{reference}/acts/withdraw", json=act),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_running"), answer.text
