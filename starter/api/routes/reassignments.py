"""The routes that give all that somebody has to others: preview it, and do it."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Request, Response

from complaints.procedure.field_types import STAFF_ID
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import lines_response, read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, lines_success
from starter.service.reassign_all import (
    BulkReassignment,
    PlannedReassignment,
    Reassigned,
    ReassignmentPlan,
    ReassignmentRequest,
    read_plan,
    reassign_all,
)

EXAMPLE = {"to": "m.silva", "reason": "She has left."}
PLAN_LINE = '{"reference":"C-1003","undertaking":null,"to":"m.silva"}\n'
DONE_LINE = '{"reference":"C-1003","undertaking":null,"code":"done","sentence":"given to m.silva","id":"r.7"}\n'
Leaving = Annotated[
    str,
    Path(
        description="Whose complaints they are.", examples=["m.okafor"], json_schema_extra={"pattern": f"^{STAFF_ID}$"}
    ),
]


def add_routes(app: FastAPI, context: ApiContext) -> None:
    member = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    async def plan_of(request: Request, leaving: str, caller: StaffCaller) -> ReassignmentPlan:
        given = await read_json(request, ReassignmentRequest)
        reassignment = BulkReassignment(leaving.lower(), given.to, caller.id, given.reason, given.id)
        return await read_plan(context.engine, reassignment)

    @app.post(
        "/staff/{leaving}/reassign-all/preview",
        response_class=Response,
        summary="Preview who would get each complaint and undertaking of a member of staff.",
        tags=["acts"],
        responses={
            200: lines_success(PlannedReassignment, "The complaints, then the undertakings.", PLAN_LINE),
            **failures(408, 413, 415, 422),
        },
        openapi_extra={**json_body(ReassignmentRequest, EXAMPLE), **FOR_STAFF},
    )
    async def preview(request: Request, leaving: Leaving, caller: member) -> Response:
        return await lines_response((await plan_of(request, leaving, caller)).lines())

    @app.post(
        "/staff/{leaving}/reassign-all",
        response_class=Response,
        summary="Give every open complaint and undertaking of a member of staff to others.",
        tags=["acts"],
        responses={
            200: lines_success(Reassigned, "What became of each. Sent again, it goes on where it stopped.", DONE_LINE),
            **failures(408, 413, 415, 422),
        },
        openapi_extra={**json_body(ReassignmentRequest, EXAMPLE), **FOR_STAFF},
    )
    async def reassign(request: Request, leaving: Leaving, caller: member) -> Response:
        return await lines_response(reassign_all(context.client, await plan_of(request, leaving, caller)))
