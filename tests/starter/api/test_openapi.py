"""The OpenAPI description: schemathesis generates requests from it and checks the answers."""

import asyncio
from functools import partial
from typing import Any

import httpx2

from starter.api import examples
from starter.api.act_examples import ACT_EXAMPLES
from tests.admin.cli_runner import form
from tests.starter.api.service import Service

REQUESTS = 90
STAFF_REQUESTS = 60


async def read_openapi(portal: httpx2.AsyncClient) -> Any:
    return (await portal.get("/openapi.json")).json()


async def test_every_request_is_answered_as_described(service: Service, portal: httpx2.AsyncClient) -> None:
    from load.generated_requests import RequestFuzzer  # schemathesis, which every process would import

    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    fuzzer = RequestFuzzer(service.url, str(service.key), complaint_form["reference"])
    await asyncio.to_thread(fuzzer.run, REQUESTS, 3, 7)
    assert fuzzer.answers.total() >= REQUESTS
    assert {200, 201, 404, 422} <= fuzzer.answers.keys()


def is_read_only(operation: Any) -> bool:
    """Choose what changes nothing.

    Another test's recalculation may have no worker that says how far it is.
    """
    return bool(operation.method == "get" and operation.path != "/recalendar")


async def test_what_staff_read_is_answered_as_described(service: Service, portal: httpx2.AsyncClient) -> None:
    """`make fuzz` also sends what changes the directory and the calendar, which tests share."""
    from load.generated_requests import RequestFuzzer

    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    staff = [partial(service.issuer.access_token, each) for each in ("op", "au.ditor", "mark")]
    fuzzer = RequestFuzzer(service.url, str(service.key), complaint_form["reference"], staff, is_read_only)
    await asyncio.to_thread(fuzzer.run, STAFF_REQUESTS, 1, 7)
    assert {200, 404, 422} <= fuzzer.answers.keys()


async def test_every_failure_of_every_request_is_documented_with_an_example(portal: httpx2.AsyncClient) -> None:
    for path, methods in (await read_openapi(portal))["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                assert path in ("/healthz", "/readyz")
                continue
            assert {"401", "403", "429", "500", "503"} <= operation["responses"].keys(), (method, path)
            for status, answer in operation["responses"].items():
                for content in answer["content"].values() if status != "204" else ():
                    assert content["example"], (method, path, status)


async def test_the_examples_are_valid_requests(service: Service, portal: httpx2.AsyncClient) -> None:
    reference = form()["reference"]
    answer = await portal.post("/complaints", json={**examples.FORM, "reference": reference})
    assert answer.status_code == 201
    paths = (await read_openapi(portal))["paths"]
    async with service.as_staff("op") as staff:
        await send_examples(staff, reference, paths)
    shown = (await portal.get(f"/complaints/{reference}")).json()
    assert shown.keys() == examples.STATUS_EXAMPLE.keys()


async def send_examples(staff: httpx2.AsyncClient, reference: str, paths: Any) -> None:
    for act, example in ACT_EXAMPLES.items():
        body = paths[f"/complaints/{{reference}}/acts/{act}"]["post"]["requestBody"]
        assert body["content"]["application/json"]["example"] == example
        answer = await staff.post(f"/complaints/{reference}/acts/{act}", json=example)
        assert answer.status_code in (200, 409), answer.text  # the procedure may refuse it, but its body is valid
