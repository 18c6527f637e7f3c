"""What systems read and act on, and what they hear of their complaints' progress."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.api_keys import ApiKey, Scope
from complaints.procedure.acts import Acknowledge
from tests.admin.cli_runner import form
from tests.starter.api.service import Service, add_system
from tests.starter.api.test_intake_requests import open_and_reply, open_complaint, send_act, wait_for_event

OWN = [scope for scope in Scope if scope is not Scope.ALL]


async def new_system(engine: AsyncEngine, *scopes: Scope) -> tuple[str, ApiKey]:
    name = f"shop-{ApiKey.new().id}"
    return name, await add_system(engine, name, scopes or OWN)


@pytest_asyncio.fixture
async def shop(service: Service, engine: AsyncEngine) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of a new system without the scope `all`."""
    _, key = await new_system(engine)
    async with service.client(key) as caller:
        yield caller


async def changes_of(caller: httpx2.AsyncClient, **parameters: Any) -> dict[str, Any]:
    answer = await caller.get("/complaints", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def follow(caller: httpx2.AsyncClient, reference: str, kind: str) -> list[dict[str, Any]]:
    """Follow the changes from the beginning until one of this kind; return all."""
    seen: list[dict[str, Any]] = []
    cursor = None
    async with asyncio.timeout(60):
        while not any((each["reference"], each["change"]) == (reference, kind) for each in seen):
            page = await changes_of(caller, wait=5, **({"changed_since": cursor} if cursor else {}))
            seen += page["changes"]
            cursor = page["cursor"]
    return seen


async def test_a_system_reads_and_acts_on_what_it_opened_alone(
    service: Service, engine: AsyncEngine, shop: httpx2.AsyncClient, portal: httpx2.AsyncClient
) -> None:
    own, foreign = await open_complaint(shop), await open_complaint(portal)
    assert (await shop.get(f"/complaints/{own}")).status_code == 200  # also before it is recorded
    for reference in (own, foreign):
        await wait_for_event(engine, reference, "given_to")
    assert (await shop.get(f"/complaints/{own}")).status_code == 200
    assert (await shop.post(f"/complaints/{own}/acts/case_closed", json={"id": "1"})).status_code == 200
    for answer, unknown in (
        (await shop.get(f"/complaints/{foreign}"), await shop.get("/complaints/NEVER-1")),
        (
            await shop.post(f"/complaints/{foreign}/acts/resolve", json={"id": "1"}),
            await shop.post("/complaints/NEVER-1/acts/resolve", json={"id": "1"}),
        ),
    ):
        assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text) == (404, unknown.text)
    _, key = await new_system(engine, Scope.READ, Scope.ALL)
    async with service.client(key) as reader:
        assert (await reader.get(f"/complaints/{foreign}")).status_code == 200


async def test_a_taken_reference_reveals_nothing_of_another_systems_complaint(
    shop: httpx2.AsyncClient, portal: httpx2.AsyncClient
) -> None:
    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    answers = [
        await shop.post("/complaints", json=each) for each in (complaint_form, complaint_form | {"put_right": "Sorry."})
    ]
    assert {answer.status_code for answer in answers} == {409}
    [answer] = {answer.text for answer in answers}
    assert "is not free; give one of your own, such as shop-" in answer


async def test_references_that_begin_with_a_systems_name_are_its_own(
    service: Service, engine: AsyncEngine, portal: httpx2.AsyncClient
) -> None:
    name, key = await new_system(engine)
    complaint_form = form(reference=f"{name.upper()}-1")
    async with service.client(key) as shop:
        await shop.get("/complaints/NEVER-1")  # so that the service knows the system
        refused = await portal.post("/complaints", json=complaint_form)
        assert (refused.status_code, refused.json()["code"]) == (409, "reference_taken")
        assert (await shop.post("/complaints", json=complaint_form)).status_code == 201
    again = await portal.post("/complaints", json=complaint_form)
    assert (again.status_code, again.text) == (409, refused.text)


async def test_a_system_hears_what_became_of_its_complaints_in_order_and_what_it_may_do(
    client: Client, engine: AsyncEngine, shop: httpx2.AsyncClient, portal: httpx2.AsyncClient
) -> None:
    await open_complaint(portal)
    reference = await open_and_reply(client, engine, shop)
    seen = await follow(shop, reference, "window_opened")
    assert {each["reference"] for each in seen} == {reference}
    kinds = [each["change"] for each in seen]
    assert kinds == ["tier_reached", "reply", "window_opened"]
    assert [each["sequence"] for each in seen] == sorted(each["sequence"] for each in seen)
    page = await changes_of(shop)
    [complaint] = page["complaints"]
    assert (complaint["reference"], complaint["status"]) == (reference, "awaiting_complainant")
    assert {"escalate", "resolve", "withdraw"} <= set(complaint["may_do"])
    for word in ("rota", "upheld", "okafor", "Ada"):
        assert word not in str(page)
    assert await changes_of(shop, changed_since=page["cursor"]) == {
        "changes": [],
        "complaints": [],
        "cursor": page["cursor"],
        "more": False,
    }
    first = await changes_of(shop, limit=1)
    assert ([each["change"] for each in first["changes"]], first["more"]) == (["tier_reached"], True)


async def test_a_system_that_waits_hears_at_once(client: Client, shop: httpx2.AsyncClient) -> None:
    reference = await open_complaint(shop)
    await follow(shop, reference, "tier_reached")
    cursor = (await changes_of(shop))["cursor"]
    waiting = asyncio.create_task(changes_of(shop, changed_since=cursor, wait=30))
    await send_act(client, reference, Acknowledge(id="a", by="m.okafor"))
    assert [each["change"] for each in (await waiting)["changes"]] == ["acknowledge"]


@pytest.mark.parametrize("cursor", ["x", "é", "MS4x", "YWJj" * 50])
async def test_a_cursor_that_is_none_is_an_error(shop: httpx2.AsyncClient, cursor: str) -> None:
    answer = await shop.get("/complaints", params={"changed_since": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "changed_since")


async def test_a_cursor_that_the_record_does_not_have_is_gone(
    shop: httpx2.AsyncClient, portal: httpx2.AsyncClient
) -> None:
    reference = await open_complaint(portal)
    await follow(portal, reference, "tier_reached")
    foreign = (await changes_of(portal))["cursor"]
    answer = await shop.get("/complaints", params={"changed_since": foreign})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_gone")
