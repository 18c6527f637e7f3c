"""Intake opens one complaint per form, also when the form is sent again or after closing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.calendars.amendments import no_amendments
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Withdraw
from complaints.procedure.enums import ClosingReason
from complaints.procedure.form import Form
from complaints.records import queries
from complaints.runtime.clock import now
from complaints.temporal.calls import query_workflow
from complaints.temporal.virtual_time import advance
from starter.client.open_complaint import (
    FormRefusedError,
    Opened,
    ReferenceTakenError,
    digest_of,
    open_complaint,
    read_form,
)
from tests.fixtures.servers import delete_workflow
from tests.fixtures.temporal_plain_text import readable_summary
from tests.starter.forms import form, no_record
from workflows import names

RECORDED_WITHIN = 60.0
"""Seconds."""

Open = Callable[..., Awaitable[Opened]]


@pytest.fixture
def open_(client: Client, engine: AsyncEngine, worker: Worker) -> Open:
    """Return a function that opens a form as an intake system does; `find` reads the record."""

    async def open_(form: Form, **changes: Any) -> Opened:
        options: dict[str, Any] = {
            "policy": load_policy(),
            "now": now(),
            "opened_by": "intake",
            "find": lambda reference: queries.find_complaint(engine, reference),
            "amended": no_amendments,
            "task_queue": worker.task_queue,
        }
        return await open_complaint(client, form, **(options | changes))

    return open_


@pytest.fixture
def withdraw(client: Client, engine: AsyncEngine) -> Callable[[str], Awaitable[None]]:
    """Return a function that withdraws a complaint and waits until the record has it closed."""

    async def withdraw(reference: str) -> None:
        act = Withdraw(id="w", by="intake")
        await client.get_workflow_handle(reference).execute_update(act.name, act, id=act.id)
        async with asyncio.timeout(RECORDED_WITHIN):
            while True:
                complaint = await queries.find_complaint(engine, reference)
                if complaint and complaint.closed_at:
                    return
                await asyncio.sleep(0.02)

    return withdraw


async def test_a_form_becomes_a_complaint(open_: Open, client: Client) -> None:
    complaint_form = form()
    assert await open_(complaint_form) == Opened(reference=complaint_form.reference, is_new=True)
    state = await query_workflow(client.get_workflow_handle(complaint_form.reference), names.STATE_QUERY, dict)
    assert state["reference"] == complaint_form.reference
    assert state["status"] == "awaiting_acknowledgement"
    assert state["events"][0]["by"] == "intake"


async def test_the_same_form_twice_is_one_complaint(open_: Open) -> None:
    complaint_form = form()
    await open_(complaint_form)
    for find in ({}, {"find": no_record}):
        assert await open_(complaint_form, **find) == Opened(reference=complaint_form.reference, is_new=False)


async def test_concurrent_equal_forms_open_one_complaint(open_: Open) -> None:
    complaint_form = form()
    opened = await asyncio.gather(*(open_(complaint_form) for _ in range(5)))
    assert sorted(each.is_new for each in opened) == [False, False, False, False, True]


async def test_of_two_concurrent_different_forms_one_is_refused(open_: Open) -> None:
    complaint_form = form()
    other = complaint_form.model_copy(update={"put_right": "Say sorry."})
    results = await asyncio.gather(open_(complaint_form), open_(other), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Opened", "ReferenceTakenError"]


async def test_another_form_under_the_same_reference_is_refused(open_: Open) -> None:
    complaint_form = form()
    await open_(complaint_form)
    other = complaint_form.model_copy(update={"put_right": "Say sorry."})
    for find in ({}, {"find": no_record}):
        with pytest.raises(
            ReferenceTakenError, match=f"reference: {complaint_form.reference} is taken by a complaint with an"
        ):
            await open_(other, **find)


async def test_a_closed_complaint_is_answered_with_its_closing_reason(
    open_: Open, withdraw: Callable[[str], Awaitable[None]]
) -> None:
    complaint_form = form()
    await open_(complaint_form)
    await withdraw(complaint_form.reference)
    from_record, from_temporal = await open_(complaint_form), await open_(complaint_form, find=no_record)
    assert from_record == from_temporal
    assert from_record.closing_reason is ClosingReason.WITHDRAWN
    assert from_record.closed_at


async def test_the_answer_is_the_same_after_the_workflow_has_ended(
    open_: Open, withdraw: Callable[[str], Awaitable[None]], client: Client
) -> None:
    complaint_form = form()
    await open_(complaint_form)
    await withdraw(complaint_form.reference)
    answer = await open_(complaint_form)
    await advance(client, complaint_form.reference, timedelta(days=250))
    await client.get_workflow_handle(complaint_form.reference).result()
    assert await open_(complaint_form, find=no_record) == answer


async def test_the_answer_is_the_same_after_temporal_has_deleted_the_workflow(
    open_: Open, withdraw: Callable[[str], Awaitable[None]], client: Client
) -> None:
    complaint_form = form()
    await open_(complaint_form)
    await withdraw(complaint_form.reference)
    answer = await open_(complaint_form)
    await delete_workflow(client, complaint_form.reference)
    assert await open_(complaint_form) == answer
    with pytest.raises(ReferenceTakenError):
        await open_(complaint_form.model_copy(update={"put_right": "Say sorry."}))


async def test_a_form_that_the_procedure_refuses_starts_no_workflow(open_: Open, client: Client) -> None:
    complaint_form = form(received_at=now() + timedelta(days=1))
    with pytest.raises(FormRefusedError) as refused:
        await open_(complaint_form)
    assert [error.split(":")[0] for error in refused.value.errors] == ["received_at"]
    assert await open_(complaint_form.model_copy(update={"received_at": now()})) == Opened(
        reference=complaint_form.reference, is_new=True
    )


async def test_a_form_is_opened_without_a_worker(open_: Open, client: Client) -> None:
    complaint_form = form()
    assert (await open_(complaint_form, task_queue="nobody", find=no_record)).is_new
    assert not (await open_(complaint_form, task_queue="nobody", find=no_record)).is_new
    await client.get_workflow_handle(complaint_form.reference).terminate()


async def test_a_new_complaint_has_its_search_attributes_without_a_worker(open_: Open, client: Client) -> None:
    complaint_form = form()
    await open_(complaint_form, task_queue="nobody")
    description = await client.get_workflow_handle(complaint_form.reference).describe()
    attributes = {key.name: value for key, value in description.typed_search_attributes}
    assert attributes["ComplaintTier"] == "manager"
    assert attributes["ComplaintStatus"] == "awaiting_acknowledgement"
    assert attributes["ComplaintOverdue"] is False
    assert attributes["ComplaintAspects"] == ["delay"]
    assert "ComplaintDue" in attributes
    assert readable_summary(description) == "Financial Ombudsman Service: delay"
    details = await description.static_details()
    assert details
    assert f"`complaints explain {complaint_form.reference}`" in details
    await client.get_workflow_handle(complaint_form.reference).terminate()


def test_the_digest_depends_on_the_form_and_not_on_its_layout() -> None:
    complaint_form = form(reference="I-0", received_at="2026-12-09T10:00:00Z")
    other_layout = complaint_form.model_dump(mode="json") | {
        "received_at": "2026-12-09T11:00:00+01:00",
        "put_right": None,
    }
    assert digest_of(Form.model_validate(other_layout)) == digest_of(complaint_form)
    assert digest_of(complaint_form.model_copy(update={"put_right": "Say sorry."})) != digest_of(complaint_form)


def test_a_form_from_json_names_every_invalid_field() -> None:
    with pytest.raises(FormRefusedError) as refused:
        read_form(b'{"reference": "a b", "shoe_size": 9}')
    assert [error.split(":")[0] for error in refused.value.errors] == [
        "reference",
        "received_at",
        "complainant",
        "case",
        "concerns",
        "shoe_size",
    ]
    assert str(refused.value).splitlines() == refused.value.errors
