"""The routes of retention: list what has expired, anonymise it, hold or erase a complaint."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from complaints.procedure.field_types import Day
from complaints.procedure.permissions import OfficeRole
from complaints.records.tombstone import Tombstone
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, success
from starter.api.problems import translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.routes.parameters import Ref, as_json
from starter.service import retention
from starter.service.models import RequestModel
from starter.service.references import require_valid_reference
from starter.service.retention import Erasure, ErasurePreview, ExpiredList, Held, Hold, RetentionState

TAGS: list[Any] = ["retention"]
EXPIRED = {
    "on": "2033-04-01",
    "policy": "financial-ombudsman-service 1",
    "expired": [
        {
            "reference": "C-1001",
            "kind": "answered",
            "closed_on": "2027-01-29",
            "kept_until": "2033-01-29",
            "then": "anonymise",
        }
    ],
}
RUNNING = {"anonymised": 200, "total": 1240, "is_finished": False, "failure": None}
PREVIEW = {"lines": ["C-1001: Manager: closed, held by nobody", "Its personal data are erased for good."]}
TOMBSTONE = {
    "reference": "C-1001",
    "kind": "erased",
    "asked_at": "2027-02-01T10:00:00Z",
    "by": "lead.manager",
    "why": "She asked us to.",
    "done_at": "2027-02-01T10:00:02Z",
}
HOLD = {"until": "2034-01-01", "reason": "A claim is pending."}
ERASURE = {"reference": "C-1001", "reason": "She asked us to."}


class ExpiredQuery(RequestModel):
    """Which day."""

    on: Day | None = None
    """List as of this day; without it, of today."""


def add_routes(app: FastAPI, context: ApiContext) -> None:
    _add_runs(app, context)
    _add_complaint_routes(app, context)


def _add_runs(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]
    keeper = Annotated[StaffCaller, Depends(context.authorizer.require_staff(LEAD, OfficeRole.ADMINISTRATOR))]

    @app.get(
        "/retention",
        tags=TAGS,
        response_class=Response,
        summary="List closed complaints whose retention period has ended.",
        responses={200: success(ExpiredList, "First closed first.", EXPIRED), **failures(409, 422)},
        openapi_extra={**query_parameters(ExpiredQuery), **FOR_STAFF},
    )
    async def list_expired(request: Request, _: reader) -> Response:
        query = read_query(request, ExpiredQuery)
        with translate_errors():
            return as_json(await retention.read_expired(context.engine, context.policy, query.on))

    @app.post(
        "/retention/runs",
        tags=TAGS,
        response_class=Response,
        status_code=202,
        summary="Anonymise every complaint that is due for it; or join the run that continues.",
        responses={202: success(RetentionState, "It runs.", RUNNING), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def run_retention(caller: keeper) -> Response:
        with translate_errors():
            state = await retention.begin(context.client, context.engine, context.settings.task_queue, caller)
        return as_json(state, 202)

    @app.get(
        "/retention/runs/last",
        tags=TAGS,
        response_class=Response,
        summary="Ask how far the last run is.",
        responses={200: success(RetentionState, "Its progress.", RUNNING), **failures(404)},
        openapi_extra=dict(FOR_STAFF),
    )
    async def read_run(_: keeper) -> Response:
        with translate_errors():
            return as_json(await retention.read_run(context.client))


def _add_complaint_routes(app: FastAPI, context: ApiContext) -> None:
    keeper = Annotated[StaffCaller, Depends(context.authorizer.require_staff(LEAD, OfficeRole.ADMINISTRATOR))]

    @app.post(
        "/complaints/{reference}/hold",
        tags=TAGS,
        response_class=Response,
        summary="Hold a complaint: keep it unchanged for longer than the policy says.",
        responses={
            200: success(Held, "It is held.", {"reference": "C-1001", "until": "2034-01-01"}),
            **failures(404, 408, 409, 413, 415, 422),
        },
        openapi_extra={**json_body(Hold, HOLD), **FOR_STAFF},
    )
    async def hold(request: Request, reference: Ref, caller: keeper) -> Response:
        body = await read_json(request, Hold)
        require_valid_reference(reference)
        with translate_errors():
            return as_json(await retention.hold(context.engine, context.policy, reference, body, caller))

    @app.get(
        "/complaints/{reference}/erasure",
        tags=TAGS,
        response_class=Response,
        summary="Describe the complaint that would be erased.",
        responses={200: success(ErasurePreview, "The complaint.", PREVIEW), **failures(404, 422)},
        openapi_extra=dict(FOR_STAFF),
    )
    async def preview_erasure(reference: Ref, caller: keeper) -> Response:
        require_valid_reference(reference)
        with translate_errors():
            return as_json(await retention.preview_erasure(context.engine, reference, caller))

    @app.post(
        "/complaints/{reference}/erasure",
        tags=TAGS,
        response_class=Response,
        summary="Erase a closed complaint: personal data, letters and workflow runs.",
        responses={
            200: success(Tombstone, "It is erased.", TOMBSTONE),
            202: success(Tombstone, "A worker erases it once one runs.", {**TOMBSTONE, "done_at": None}),
            **failures(404, 408, 409, 413, 415, 422),
        },
        openapi_extra={**json_body(Erasure, ERASURE), **FOR_STAFF},
    )
    async def erase(request: Request, reference: Ref, caller: keeper) -> Response:
        body = await read_json(request, Erasure)
        require_valid_reference(reference)
        with translate_errors():
            tombstone = await retention.erase(
                context.client, context.engine, context.settings.task_queue, reference, body, caller
            )
        return as_json(tombstone, 200 if tombstone.done_at else 202)
