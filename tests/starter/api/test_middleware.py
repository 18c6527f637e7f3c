"""Middleware of every request: internal errors stay hidden, and concurrency is limited."""

import logging

import httpx2
import pytest
from starlette.types import Receive, Scope, Send
from temporalio.common import MetricMeter

from complaints.runtime.draining import Drain, DrainState
from starter.api import middleware
from starter.api.metrics import RequestMetrics
from starter.api.middleware import RequestMiddleware

FREE_TEXT = "Quenby Thistlewood"


async def failing_app(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError(FREE_TEXT)


async def send_request(drain: Drain | None = None) -> httpx2.Response:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(
            RequestMiddleware(failing_app, RequestMetrics(MetricMeter.noop), drain or Drain())
        ),
        base_url="http://intake",
    ) as caller:
        return await caller.get("/complaints/C-1")


async def test_an_internal_error_shows_only_an_incident_number_that_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "starter"):
        answer = await send_request()
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert FREE_TEXT not in answer.text
    assert "Traceback" not in answer.text
    [failed] = [record for record in caplog.records if record.getMessage() == "failed"]
    assert str(vars(failed)["incident"]) in answer.json()["detail"]


async def test_a_request_above_the_concurrency_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "MAX_CONCURRENT", 0)
    answer = await send_request()
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "1")


async def test_a_service_that_is_closing_says_when_to_send_again() -> None:
    drain = Drain()
    drain.state = DrainState.CLOSING
    answer = await send_request(drain)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "draining", "1")
