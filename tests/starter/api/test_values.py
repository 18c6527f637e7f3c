"""Each door of the service refuses a value that could not be read again, with its field."""

import json

import httpx2
import pytest

from tests.admin.cli_runner import form
from tests.starter.api.test_batch import post_batch

JSON = {"Content-Type": "application/json"}


async def test_an_instant_at_the_edge_of_the_years_is_refused_or_lives(portal: httpx2.AsyncClient) -> None:
    before = await portal.post("/complaints", json=form(received_at="1900-01-01T00:30:00+01:00"))
    assert (before.status_code, before.json()["errors"]) == (
        422,
        [{"field": "received_at", "detail": "give a year from 1900 to 2199"}],
    )
    edge = form(received_at="1900-01-01T01:00:00+01:00", told_case_handler_on="1900-01-01")
    edge["communication"] = []
    opened = await portal.post("/complaints", json=edge)
    assert opened.status_code == 201, opened.text
    assert (await portal.get(f"/complaints/{edge['reference']}")).json()["received_at"] == "1900-01-01T00:00:00Z"


@pytest.mark.parametrize("act", ["case_closed", "case_reopened", "escalate", "ask_manager"])
@pytest.mark.parametrize("at", ["1900-01-01T00:30:00+01:00", "2199-12-31T23:30:00-01:00", "0001-01-01T00:00:00+01:00"])
async def test_an_act_of_such_an_instant_is_a_problem_of_its_field(
    portal: httpx2.AsyncClient, act: str, at: str
) -> None:
    field = "on" if act.startswith("case") else "received_at"
    refused = await portal.post(f"/complaints/C-1/acts/{act}", json={"id": "1", field: at})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_a_key_that_is_given_twice_is_refused_with_its_field(portal: httpx2.AsyncClient) -> None:
    text = json.dumps(form()).replace('"aspect":', '"aspect": "delay", "aspect":', 1)
    expected = [{"field": "concerns[1].aspect", "detail": "is given twice; give it once"}]
    refused = await portal.post("/complaints", content=text, headers=JSON)
    assert (refused.status_code, refused.json()["errors"]) == (422, expected)
    [result] = await post_batch(portal, text.encode())
    assert result["status"] == 422
    assert isinstance(result["problem"], dict)
    assert result["problem"]["errors"] == expected
    act = '{"id": "1", "id": "2"}'
    refused = await portal.post("/complaints/C-1/acts/resolve", content=act, headers=JSON)
    assert [error["field"] for error in refused.json()["errors"]] == ["id"]


async def test_an_idempotency_key_may_hold_what_an_acts_id_holds(portal: httpx2.AsyncClient) -> None:
    reference = (await portal.post("/complaints", json=form())).json()["reference"]
    for act_id in ("clôture 1", '"quoted"', "plain"):
        headers = {b"Idempotency-Key": act_id.encode()}
        answer = await portal.post(f"/complaints/{reference}/acts/case_closed", json={"id": act_id}, headers=headers)
        assert answer.status_code == 200, answer.text
