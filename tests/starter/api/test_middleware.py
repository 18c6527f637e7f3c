"""What stands around every request: no fault of ours is laid open, and there are never too many at once."""

import logging

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from starter.api import middleware
from starter.api.middleware import RequestMiddleware

WORDS = "Quenby Thistlewood"


async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError(WORDS)


async def asked() -> httpx2.Response:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(RequestMiddleware(faulty)), base_url="http://intake"
    ) as caller:
        return await caller.get("/complaints/C-1")


async def test_a_fault_of_ours_is_told_by_a_number_that_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "starter"):
        answer = await asked()
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert WORDS not in answer.text
    assert "Traceback" not in answer.text
    [failed] = [record for record in caplog.records if record.getMessage() == "failed"]
    assert str(vars(failed)["incident"]) in answer.json()["detail"]


async def test_more_requests_than_can_be_answered_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "MAX_CONCURRENT", 0)
    answer = await asked()
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "1")
