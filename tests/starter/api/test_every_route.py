"""No route answers without a valid key or token."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import NamedTuple

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.api_keys import ApiKey
from complaints.records.staff import update_members
from complaints.runtime.clock import now
from complaints.staff.members import Member
from starter.api.app import make_app
from starter.api.context import ApiContext
from starter.api.health import HealthEndpoints
from tests.starter.api.service import Service, add_system, serving
from tests.starter.api.tokens import INVALID

OPEN_TO_ALL = {
    *("/healthz", "/readyz", "/openapi.json", "/docs", "/docs/start.js"),
    *("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/favicon-32x32.png"),
}
"""They hold nothing of anybody."""
AT_ONCE = 8
LEFT = "left.the.day.before"


class Route(NamedTuple):
    method: str
    path: str
    security: tuple[str, ...]
    """Of the description: `key`, `staff` or both."""

    def send(self, http: httpx2.AsyncClient, headers: Mapping[str, str]) -> "asyncio.Future[httpx2.Response]":
        """Send a request without a body, to something that does not exist."""
        path = re.sub(r"\{.*?\}", "NEVER-1", self.path)
        return asyncio.ensure_future(http.request(self.method, path, headers=headers))


class Served(NamedTuple):
    service: Service
    routes: list[Route]


@pytest_asyncio.fixture(scope="module")
async def served(client: Client, engine: AsyncEngine) -> AsyncIterator[Served]:
    """Serve, and list the routes of the app that is served."""
    apps: list[FastAPI] = []

    def remember_app(context: ApiContext, health: HealthEndpoints) -> FastAPI:
        apps.append(make_app(context, health))
        return apps[0]

    left = Member(id=LEFT, name="Left", active_until=now().date() - timedelta(days=2))
    await update_members(engine, [LEFT], lambda _: [left], at=now(), by="tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("starter.run.make_app", remember_app)
        async with serving(client, engine, await add_system(engine, "of-every-route"), intake_rate=100_000) as service:
            yield Served(service, list_routes(apps[0]))


def list_routes(app: FastAPI) -> list[Route]:
    routes = [route for route in app.routes if getattr(route, "path", "") not in OPEN_TO_ALL]
    assert [route for route in routes if not isinstance(route, APIRoute)] == []
    return [
        Route(method, route.path, tuple(name for each in _security(route) for name in each))
        for route in routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def _security(route: APIRoute) -> list[dict[str, list[str]]]:
    described: list[dict[str, list[str]]] = (route.openapi_extra or {}).get("security", [])
    return described


async def codes(served: Served, token: str | None, routes: list[Route]) -> dict[Route, tuple[int, str]]:
    """Send a request to each route; return the status and the code of each answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limit = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(base_url=served.service.url, timeout=30) as http:

        async def answer(route: Route) -> tuple[int, str]:
            async with limit:
                answered = await route.send(http, headers)
            return answered.status_code, answered.json().get("code", "")

        return dict(zip(routes, await asyncio.gather(*map(answer, routes)), strict=True))


async def test_every_route_says_who_may_call_it(served: Served) -> None:
    assert [route for route in served.routes if not {*route.security} & {"key", "staff"}] == []
    assert len(served.routes) > 10


@pytest.mark.parametrize("kind", [None, *INVALID])
async def test_no_route_answers_without_a_valid_token(served: Served, kind: str | None) -> None:
    token = INVALID[kind].make(served.service) if kind else None
    answers = await codes(served, token, served.routes)
    assert {
        route: answer
        for route, answer in answers.items()
        if answer not in [(401, "no_key"), (401, "not_signed_in" if kind and "staff" in route.security else "no_key")]
    } == {}


async def test_no_route_answers_after_the_sign_out(served: Served) -> None:
    token = served.service.issuer.access_token("lead.manager")
    async with served.service.with_token(token) as lead:
        assert (await lead.post("/sign-out")).status_code == 204
    answers = await codes(served, token, served.routes)
    assert {answer for route, answer in answers.items() if "staff" in route.security} == {(401, "not_signed_in")}
    assert {answer[0] for answer in answers.values()} == {401}


@pytest.mark.parametrize(("staff", "code"), [("not.in.the.directory", "unknown_staff"), (LEFT, "inactive_staff")])
async def test_no_route_answers_a_stranger_or_one_who_has_left(served: Served, staff: str, code: str) -> None:
    answers = await codes(served, served.service.issuer.access_token(staff), served.routes)
    assert {answer for route, answer in answers.items() if "staff" in route.security} == {(403, code)}
    assert {answer for route, answer in answers.items() if "staff" not in route.security} <= {(401, "no_key")}


async def test_a_key_opens_no_route_of_staff_and_a_token_none_of_systems(served: Served) -> None:
    of_staff = [route for route in served.routes if route.security == ("staff",)]
    of_systems = [route for route in served.routes if route.security == ("key",)]
    assert {*(await codes(served, str(served.service.key), of_staff)).values()} == {(403, "no_such_right")}
    token = served.service.issuer.access_token("lead.manager")
    assert {*(await codes(served, token, of_systems)).values()} <= {(401, "no_key")}
    assert {*(await codes(served, str(ApiKey.new()), served.routes)).values()} == {(401, "no_key")}
