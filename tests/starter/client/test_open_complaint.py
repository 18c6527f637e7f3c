"""Intake: a form becomes one complaint, whatever is sent again, at once or after it closed."""

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
from tests.starter.forms import form, no_record
from workflows import names

RECORDED_WITHIN = 10.0
"""Seconds."""

Open = Callable[..., Awaitable[Opened]]


@pytest.fixture
def open_(client: Client, engine: AsyncEngine, worker: Worker) -> Open:
    """Opens a form as an intake system does; `find` looks into the record."""

    async def open_(form: Form, **changes: Any) -> Opened:
        given: dict[str, Any] = {
            "policy": load_policy(),
            "now": now(),
            "opened_by": "intake",
            "find": lambda reference: queries.find_complaint(engine, reference),
            "amended": no_amendments,
            "task_queue": worker.task_queue,
        }
        return await open_complaint(client, form, **(given | changes))

    return open_


@pytest.fixture
def withdrawn(client: Client, engine: AsyncEngine) -> Callable[[str], Awaitable[None]]:
    """Withdraws a complaint, and waits until that is on the record."""

    async def withdrawn(reference: str) -> None:
        act = Withdraw(id="w", by="intake")
        await client.get_workflow_handle(reference).execute_update(act.name, act, id=act.id)
        async with asyncio.timeout(RECORDED_WITHIN):
            while True:
                known = await queries.find_complaint(engine, reference)
                if known and known.closed_at:
                    return
                await asyncio.sleep(0.02)

    return withdrawn


async def test_a_form_becomes_a_complaint(open_: Open, client: Client) -> None:
    given = form()
    assert await open_(given) == Opened(reference=given.reference, is_new=True)
    state = await query_workflow(client.get_workflow_handle(given.reference), names.STATE_QUERY, dict)
    assert state["reference"] == given.reference
    assert state["status"] == "awaiting_acknowledgement"
    assert state["events"][0]["by"] == "intake"


async def test_the_same_form_twice_is_one_complaint(open_: Open) -> None:
    given = form()
    await open_(given)
    for find in ({}, {"find": no_record}):
        assert await open_(given, **find) == Opened(reference=given.reference, is_new=False)


async def test_two_at_once_open_one(open_: Open) -> None:
    given = form()
    opened = await asyncio.gather(*(open_(given) for _ in range(5)))
    assert sorted(each.is_new for each in opened) == [False, False, False, False, True]


async def test_of_two_different_forms_at_once_one_is_refused(open_: Open) -> None:
    given = form()
    other = given.model_copy(update={"put_right": "Say sorry."})
    results = await asyncio.gather(open_(given), open_(other), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Opened", "ReferenceTakenError"]


async def test_another_form_under_the_same_reference_is_refused(open_: Open) -> None:
    given = form()
    await open_(given)
    other = given.model_copy(update={"put_right": "Say sorry."})
    for find in ({}, {"find": no_record}):
        with pytest.raises(ReferenceTakenError, match=f"reference: {given.reference} is taken by a complaint with an"):
            await open_(other, **find)


async def test_after_closing_it_answers_with_how_it_closed(
    open_: Open, withdrawn: Callable[[str], Awaitable[None]]
) -> None:
    given = form()
    await open_(given)
    await withdrawn(given.reference)
    from_record, from_temporal = await open_(given), await open_(given, find=no_record)
    assert from_record == from_temporal
    assert from_record.closing_reason is ClosingReason.WITHDRAWN
    assert from_record.closed_at


async def test_after_its_workflow_ended_it_answers_the_same(
    open_: Open, withdrawn: Callable[[str], Awaitable[None]], client: Client
) -> None:
    given = form()
    await open_(given)
    await withdrawn(given.reference)
    answer = await open_(given)
    await advance(client, given.reference, timedelta(days=250))
    await client.get_workflow_handle(given.reference).result()
    assert await open_(given, find=no_record) == answer


async def test_once_only_the_record_remembers_it_still_answers_the_same(
    open_: Open, withdrawn: Callable[[str], Awaitable[None]], client: Client
) -> None:
    given = form()
    await open_(given)
    await withdrawn(given.reference)
    answer = await open_(given)
    await delete_workflow(client, given.reference)
    assert await open_(given) == answer
    with pytest.raises(ReferenceTakenError):
        await open_(given.model_copy(update={"put_right": "Say sorry."}))


async def test_a_form_that_the_procedure_cannot_take_starts_nothing(open_: Open, client: Client) -> None:
    given = form(received_at=now() + timedelta(days=1))
    with pytest.raises(FormRefusedError) as refused:
        await open_(given)
    assert [mistake.split(":")[0] for mistake in refused.value.errors] == ["received_at"]
    assert await open_(given.model_copy(update={"received_at": now()})) == Opened(
        reference=given.reference, is_new=True
    )


async def test_intake_waits_for_no_worker(open_: Open, client: Client) -> None:
    given = form()
    assert (await open_(given, task_queue="nobody", find=no_record)).is_new
    assert not (await open_(given, task_queue="nobody", find=no_record)).is_new
    await client.get_workflow_handle(given.reference).terminate()


async def test_operators_find_it_before_any_worker_has_seen_it(open_: Open, client: Client) -> None:
    given = form()
    await open_(given, task_queue="nobody")
    description = await client.get_workflow_handle(given.reference).describe()
    attributes = {key.name: value for key, value in description.typed_search_attributes}
    assert attributes["ComplaintTier"] == "manager"
    assert attributes["ComplaintStatus"] == "awaiting_acknowledgement"
    assert attributes["ComplaintOverdue"] is False
    assert attributes["ComplaintAspects"] == ["delay"]
    assert "ComplaintDue" in attributes
    assert await description.static_summary() == "Financial Ombudsman Service: delay"
    details = await description.static_details()
    assert details
    assert f"`complaints explain {given.reference}`" in details
    await client.get_workflow_handle(given.reference).terminate()


def test_the_digest_is_of_the_form_and_not_of_its_layout() -> None:
    given = form(reference="I-0", received_at="2026-12-09T10:00:00Z")
    moved = given.model_dump(mode="json") | {"received_at": "2026-12-09T11:00:00+01:00", "put_right": None}
    assert digest_of(Form.model_validate(moved)) == digest_of(given)
    assert digest_of(given.model_copy(update={"put_right": "Say sorry."})) != digest_of(given)


def test_a_form_from_json_names_every_mistake() -> None:
    with pytest.raises(FormRefusedError) as refused:
        read_form(b'{"reference": "a b", "shoe_size": 9}')
    assert [mistake.split(":")[0] for mistake in refused.value.errors] == [
        "reference",
        "received_at",
        "complainant",
        "case",
        "concerns",
        "shoe_size",
    ]
    assert str(refused.value).splitlines() == refused.value.errors
