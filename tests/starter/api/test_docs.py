"""The page that shows the service's description comes from the service alone."""

import re

import httpx2
import pytest

from starter.api.docs import KINDS
from tests.starter.api.service import Service

PATHS = ("/docs", "/docs/start.js", *(f"/docs/{name}" for name in KINDS))


async def get(service: Service, path: str) -> httpx2.Response:
    """Get it without a key or a sign-in."""
    async with httpx2.AsyncClient(base_url=service.url, timeout=30) as caller:
        return await caller.get(path)


async def test_the_page_and_all_that_it_loads_are_served_without_a_key(service: Service) -> None:
    page = await get(service, "/docs")
    loaded = {f"/{path}" for path in re.findall(r'(?:src|href)="([^"]*)"', page.text)}
    assert loaded == {*PATHS[1:], "/openapi.json"}
    for path in (*PATHS, "/openapi.json"):
        answer = await get(service, path)
        assert answer.status_code == 200, path
        assert answer.content


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_may_load_nothing_from_elsewhere_and_runs_no_script_of_its_own_text(
    service: Service, path: str
) -> None:
    answer = await get(service, path)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind == {"/docs": "text/html", "/docs/start.js": "text/javascript"}.get(path) or kind in KINDS.values()


async def test_another_form_of_a_path_is_no_redirect(service: Service) -> None:
    """A redirect would repeat the Host that the caller sent."""
    for path in ("/docs/", "/healthz/", "/complaints/", "//healthz", "/openapi.json/"):
        answer = await get(service, path)
        assert (answer.status_code, "location" in answer.headers) == (404, False), path
