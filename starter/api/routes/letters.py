"""The routes of letters and alerts: list them, and send them again."""

import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import lines_response, read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, lines_success, success
from starter.api.problems import translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.routes.parameters import as_json
from starter.service.letters import LetterFilters, Letters, ListedDelivery, SendAgain, SentAgain

TAGS: list[Any] = ["letters"]
LISTED = {
    "key": {"reference": "C-1003", "sequence": 7, "to": "complainant"},
    "channel": "email",
    "owed_at": "2026-12-09T10:00:00Z",
    "sent_at": None,
    "held_at": "2026-12-09T10:00:03Z",
    "why": "550 5.1.1 no such mailbox",
    "kind": "letter",
    "occasion": "acknowledged",
    "what": "letter to the complainant",
    "waits": None,
}
AGAIN = {"ids": ["C-1003.7.complainant"], "channel": "post"}


def add_routes(app: FastAPI, context: ApiContext) -> None:
    letters = Letters(context.client, context.engine, context.policy, context.settings.task_queue, context.access)
    staff = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/letters",
        tags=TAGS,
        response_class=Response,
        summary="List letters and alerts, oldest first.",
        responses={
            200: lines_success(ListedDelivery, "One on each line.", f"{json.dumps(LISTED)}\n"),
            **failures(422),
        },
        openapi_extra={**query_parameters(LetterFilters), **FOR_STAFF},
    )
    async def list_letters(request: Request, caller: staff) -> Response:
        return await lines_response(letters.matching(read_query(request, LetterFilters), caller))

    @app.post(
        "/letters/again",
        tags=TAGS,
        response_class=Response,
        status_code=202,
        summary="Send held letters and alerts again, or letters by another channel: all of them, or none.",
        responses={
            202: success(SentAgain, "They are on the way.", {"again": AGAIN["ids"]}),
            **failures(408, 409, 413, 415, 422),
        },
        openapi_extra={**json_body(SendAgain, AGAIN), **FOR_STAFF},
    )
    async def send_again(request: Request, caller: staff) -> Response:
        body = await read_json(request, SendAgain)
        with translate_errors():
            return as_json(await letters.send_again(body, caller), 202)
