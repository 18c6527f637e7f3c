"""The page /docs in a real browser, under its policy: `make ui-check`."""

import pytest
from playwright.async_api import Page, expect

from tests.starter.api.service import Service

pytestmark = pytest.mark.browser


async def test_the_page_shows_every_route_and_breaks_no_rule_of_its_policy(page: Page, service: Service) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{service.url}/docs")
    routes = page.locator(".opblock")
    await expect(routes.first).to_be_visible()
    described = (await (await page.request.get(f"{service.url}/openapi.json")).json())["paths"]
    assert await routes.count() == sum(len(methods) for methods in described.values())
    await routes.first.click()
    await page.locator(".opblock-summary-path", has_text="/complaints/{reference}").first.click()
    await expect(page.locator(".opblock-body").first).to_be_visible()
    assert said == []
