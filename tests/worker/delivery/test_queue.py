"""Deliveries have a queue of their own: however many wait, complaints go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError

from activities.delivery import delivery_workflow_id
from activities.task_queues import delivery_queue
from complaints.messages.key import COMPLAINANT, DeliveryStatus
from complaints.procedure import acts
from complaints.temporal.search_attributes import REFERENCE
from tests.channels.faults import Silence
from tests.fixtures.temporal_plain_text import readable_summary
from tests.worker.delivery.delivery_worker import SETTLED_WITHIN, Office, open_office
from worker.composition import MAX_CONCURRENT_DELIVERIES

ALERTED = range(MAX_CONCURRENT_DELIVERIES + 2)
"""Members of staff who get an alert, more than there are slots."""


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(client, engine, record_url, tmp_path / "post", f"queue-{tmp_path.name}") as office:
        yield office


async def test_complaints_go_on_while_a_silent_mail_server_blocks_every_delivery(office: Office) -> None:
    complaint = await office.open()
    office.mail.inject("greeting", Silence.HANG)
    for number in ALERTED:
        await complaint.do(acts.Reassign, "lead", to=f"m.{number}", reason="On leave.")
    await until_all_slots_are_blocked(office)

    other = await office.opener.open()
    assert (await other.do(acts.Acknowledge)).code == "done"
    await other.advance_to(datetime(2031, 3, 18, tzinfo=UTC))
    kinds = {event.kind for event in (await other.wait_until_recorded()).events}
    assert {"acknowledge", "letter", "reminded", "lapsed"} <= kinds
    assert office.mail.open_connection_count == MAX_CONCURRENT_DELIVERIES

    office.mail.clear_faults()
    await office.mail.stop()
    await office.mail.start()
    assert {delivery.status for delivery in await office.settled(complaint)} == {DeliveryStatus.SENT}


async def test_a_delivery_is_on_a_queue_of_its_own_and_names_its_complaint(office: Office) -> None:
    complaint = await office.opener.open()
    await complaint.do(acts.Acknowledge)
    deliveries = {delivery.key: delivery for delivery in await office.settled(complaint)}
    [letter] = [key for key in deliveries if key.to == COMPLAINANT]
    client = office.opener.client
    described = {key: await client.get_workflow_handle(delivery_workflow_id(key)).describe() for key in deliveries}
    assert {each.task_queue for each in described.values()} == {delivery_queue(office.opener.task_queue)}
    assert {each.typed_search_attributes[REFERENCE] for each in described.values()} == {complaint.reference}
    summaries = {key: readable_summary(each) for key, each in described.items()}
    assert summaries[letter] == f"Acknowledgement, by email, to the complainant of {complaint.reference}"
    assert summaries == {key: delivery.summary for key, delivery in deliveries.items()}


async def test_a_versioned_worker_sends_letters_once_it_is_current(
    client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path
) -> None:
    version = WorkerDeploymentVersion("delivers", "1")
    async with open_office(
        client, engine, record_url, tmp_path / "post", f"versioned-{tmp_path.name}", version=version
    ) as office:
        await make_current(client, version)
        complaint = await office.opener.open()
        await complaint.do(acts.Acknowledge)
        assert {delivery.status for delivery in await office.settled(complaint)} == {DeliveryStatus.SENT}
        letter = (await office.settled_letters(complaint))[0].key
        described = await client.get_workflow_handle(delivery_workflow_id(letter)).describe()
        assert described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id == "1"


async def make_current(client: Client, version: WorkerDeploymentVersion) -> None:
    """Make a version current, once Temporal knows all its task queues."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=version.deployment_name, build_id=version.build_id
    )
    described = DescribeWorkerDeploymentVersionRequest(
        namespace=client.namespace, version=f"{version.deployment_name}.{version.build_id}"
    )
    async with asyncio.timeout(SETTLED_WITHIN):
        while True:
            with suppress(RPCError):
                known = await client.workflow_service.describe_worker_deployment_version(described)
                if len({queue.name for queue in known.worker_deployment_version_info.task_queue_infos}) == 3:
                    await client.workflow_service.set_worker_deployment_current_version(request)
                    return
            await asyncio.sleep(0.1)


async def until_all_slots_are_blocked(office: Office) -> None:
    async with asyncio.timeout(SETTLED_WITHIN):
        while True:
            if office.mail.open_connection_count == MAX_CONCURRENT_DELIVERIES:
                return
            await asyncio.sleep(0.05)
