"""The routes of policies: check one, compare it with others, move a complaint to it."""

import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from complaints.procedure.acts import ChangePolicy
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.state import Answer
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.context import ApiContext
from starter.api.examples import PREVIEW as PREVIEW_EXAMPLE
from starter.api.examples import STAFF_ANSWER
from starter.api.json_body import lines_response, read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, lines_success, success
from starter.api.problems import translate_errors
from starter.api.routes.calendar_examples import PREVIEW
from starter.api.routes.parameters import Ref, as_json
from starter.service.acts import send_act
from starter.service.administration import policies
from starter.service.administration.policies import PolicyChecked, PolicyDiffLine, PolicyMove, PolicySource
from starter.service.preview import PreviewedAct, Previews

TAGS: list[Any] = ["policies"]
SOURCE = {"name": "financial-ombudsman-service"}
CHECKED = {
    "id": "financial-ombudsman-service",
    "version": "1",
    "name": "financial-ombudsman-service 1",
    "title": "Financial Ombudsman Service",
}
COMPARISON = {"policy": "financial-ombudsman-service 2", "kept": {}}
MOVE = {"id": "move-1001", "name": "financial-ombudsman-service", "reason": "It is to her advantage."}
LINES = f"{json.dumps({'complaint': PREVIEW})}\n{json.dumps({'comparison': COMPARISON})}\n"


def add_routes(app: FastAPI, context: ApiContext) -> None:
    _add_comparing(app, context)
    _add_moving(app, context)


def _add_comparing(app: FastAPI, context: ApiContext) -> None:
    engine, own = context.engine, context.policy
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.post(
        "/policies/check",
        tags=TAGS,
        response_class=Response,
        summary="Say that a policy is valid, or list every error with its key.",
        responses={200: success(PolicyChecked, "It is valid.", CHECKED), **failures(408, 413, 415, 422)},
        openapi_extra={**json_body(PolicySource, SOURCE), **FOR_STAFF},
    )
    async def check_policy(request: Request, _: reader) -> Response:
        return as_json(policies.check(policies.read_source(await read_json(request, PolicySource), own)))

    @app.post(
        "/policies/compare",
        tags=TAGS,
        response_class=Response,
        summary="Compare a policy with the versions of open complaints, and preview their dates under it.",
        responses={
            200: lines_success(PolicyDiffLine, "Each complaint's dates, then the figures that differ.", LINES),
            **failures(408, 413, 415, 422),
        },
        openapi_extra={**json_body(PolicySource, SOURCE), **FOR_STAFF},
    )
    async def compare_policy(request: Request, _: reader) -> Response:
        policy = policies.read_source(await read_json(request, PolicySource), own)
        return await lines_response(policies.compare(engine, policy))


def _add_moving(app: FastAPI, context: ApiContext) -> None:
    client, engine = context.client, context.engine
    member = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR, LEAD))]
    previews = Previews(client, engine, context.settings.letters, context.access)

    async def read_move(request: Request, reference: str, caller: StaffCaller) -> ChangePolicy:
        move = await read_json(request, PolicyMove)
        with translate_errors():
            return await policies.build_move(engine, reference, move, context.policy, by=caller.id)

    @app.post(
        f"/complaints/{{reference}}/acts/{ChangePolicy.name}",
        tags=TAGS,
        response_class=Response,
        summary=ChangePolicy.description,
        responses={200: success(Answer, "It is moved.", STAFF_ANSWER), **failures(404, 408, 409, 413, 415, 422)},
        openapi_extra={**json_body(PolicyMove, MOVE), **FOR_STAFF},
    )
    async def move_complaint(request: Request, reference: Ref, caller: member) -> Response:
        act = await read_move(request, reference, caller)
        return as_json(await send_act(client, engine, reference, act))

    @app.post(
        f"/complaints/{{reference}}/acts/{ChangePolicy.name}/preview",
        tags=TAGS,
        response_class=Response,
        summary="Preview what this act would do: change_policy.",
        responses={200: success(PreviewedAct, "What it would do.", PREVIEW_EXAMPLE), **failures(404, 408, 409, 422)},
        openapi_extra={**json_body(PolicyMove, MOVE), **FOR_STAFF},
    )
    async def preview_move(request: Request, reference: Ref, caller: member) -> Response:
        act = await read_move(request, reference, caller)
        return as_json(await previews.preview(reference, act, caller))
