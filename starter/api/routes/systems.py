"""The routes that open complaints, and that read a complaint's status for systems."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response

from complaints.api_keys import Scope
from complaints.policies.loader import load_policy, read_policy, shipped_policies
from complaints.procedure.form import Form
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import POLICY_ID, Policy, PolicyError
from starter.api import examples
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.batch import MEDIA_TYPE, Batch, BatchResult, Results
from starter.api.context import ApiContext
from starter.api.json_body import read_json
from starter.api.middleware import LOG_FIELDS
from starter.api.openapi import FOR_BOTH, FOR_STAFF, FOR_SYSTEMS, failures, json_body, json_lines, lines_body, success
from starter.api.problems import invalid_fields, translate_errors
from starter.api.request_body import JSON_LINES, read_body, require_kind
from starter.api.responses import StatusView
from starter.api.routes.parameters import IdempotencyKey, Ref, as_json
from starter.api.service import Intake, require_same_key
from starter.client.open_complaint import Opened, read_form
from starter.service.models import RequestModel

POLICY_NAME = re.compile(POLICY_ID)
PolicyName = Annotated[
    str | None,
    Query(
        description="For staff: the name of the policy under which to open; else the service's own.",
        examples=["housing-complaint-handling-code"],
    ),
]


def add_routes(app: FastAPI, context: ApiContext) -> None:
    queue = context.settings.task_queue
    intake = Intake(context.client, context.engine, context.policy, queue, context.access, context.record)
    _add_open_routes(app, intake, context)
    _add_open_under_policy_route(app, intake, context)
    _add_status_route(app, intake, context)


def _add_open_routes(app: FastAPI, intake: Intake, context: ApiContext) -> None:
    opener = Annotated[Caller | StaffCaller, Depends(context.authorizer.require_caller(Scope.OPEN))]

    @app.post(
        "/complaints",
        response_class=Response,
        status_code=201,
        summary="Open a complaint.",
        responses={
            201: success(Opened, "A new complaint; it is durable.", examples.OPENED),
            200: success(Opened, "The same form again: its complaint, and how it closed.", examples.OPENED),
            **failures(408, 409, 413, 415, 422),
        },
        openapi_extra=json_body(Form, examples.FORM) | {**FOR_BOTH},
    )
    async def open_complaint(
        request: Request, caller: opener, idempotency_key: IdempotencyKey = None, policy: PolicyName = None
    ) -> Response:
        chosen = _policy_of(context, caller, policy)
        form = _read_form(await read_body(request))
        require_same_key(idempotency_key, "form's reference", form.reference)
        request.scope[LOG_FIELDS]["reference"] = form.reference
        opened = await intake.open(form, caller, chosen)
        status = HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK
        return as_json(opened, status, headers={"Location": f"/complaints/{opened.reference}"})

    @app.post(
        "/complaints/batch",
        response_class=Response,
        summary="Open many complaints: one form and one result on each line.",
        responses={
            200: {
                "description": "A result for each line, in the order of the lines, sent as they come.",
                "content": {MEDIA_TYPE: json_lines(BatchResult, examples.RESULTS)},
            },
            **failures(415, 422),
        },
        openapi_extra=lines_body(JSON_LINES, Form, examples.LINES) | {**FOR_BOTH},
    )
    async def open_batch(request: Request, caller: opener, policy: PolicyName = None) -> Response:
        require_kind(request, JSON_LINES)
        chosen = _policy_of(context, caller, policy)

        async def open_in_turn(form: Form) -> Opened:
            await context.limits.turn(caller.name)
            return await intake.open(form, caller, chosen)

        return Results(Batch(request, _read_form, open_in_turn))


class FormUnderPolicy(RequestModel):
    """A form, and the policy of your own under which it is opened."""

    toml: str
    """The policy, as TOML."""
    form: Form


def _add_open_under_policy_route(app: FastAPI, intake: Intake, context: ApiContext) -> None:
    roles = (OfficeRole.ADMINISTRATOR, LEAD)
    opener = Annotated[StaffCaller, Depends(context.authorizer.require_staff(*roles))]

    @app.post(
        "/complaints/under-policy",
        response_class=Response,
        status_code=201,
        summary="Open a complaint under a policy of your own.",
        responses={
            201: success(Opened, "A new complaint; it is durable.", examples.OPENED),
            200: success(Opened, "The same form again: its complaint, and how it closed.", examples.OPENED),
            **failures(408, 409, 413, 415, 422),
        },
        openapi_extra=json_body(FormUnderPolicy, {"toml": 'id = "example-council"', "form": examples.FORM})
        | {**FOR_STAFF},
    )
    async def open_under_policy(request: Request, caller: opener) -> Response:
        given = await read_json(request, FormUnderPolicy)
        try:
            policy = read_policy(given.toml)
        except PolicyError as error:
            raise invalid_fields(f"toml: {line}" for line in str(error).splitlines()) from None
        opened = await intake.open(given.form, caller, policy)
        request.scope[LOG_FIELDS]["reference"] = opened.reference
        return as_json(opened, HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK)


def _add_status_route(app: FastAPI, intake: Intake, context: ApiContext) -> None:
    reader = Annotated[Caller, Depends(context.authorizer.require_scope(Scope.READ))]

    @app.get(
        "/complaints/{reference}",
        response_class=Response,
        summary="Read a complaint's status.",
        responses={200: success(StatusView, "Its status.", examples.STATUS_EXAMPLE), **failures(404, 409, 422)},
        openapi_extra=dict(FOR_SYSTEMS),
    )
    async def status(
        request: Request,
        reference: Ref,
        caller: reader,
        include: Annotated[
            str | None,
            Query(
                description="Also the findings, if the key has the right to them.",
                json_schema_extra={"enum": ["findings"]},
            ),
        ] = None,
    ) -> Response:
        if include not in (None, "findings"):
            raise invalid_fields(["include: give findings, or leave it out"])
        if include:
            context.authorizer.require(request, caller, Scope.FINDINGS)
        await context.access.require_complaint(reference, caller)
        status_view = await intake.status(reference, with_findings=include is not None)
        request.scope[LOG_FIELDS]["reference"] = reference
        return as_json(status_view, exclude={"findings"} if include is None else set())


def _policy_of(context: ApiContext, caller: Caller | StaffCaller, name: str | None) -> Policy | None:
    """Return the policy of this name; None: the service's own. Raises ProblemError."""
    if name is None:
        return None
    if isinstance(caller, Caller):
        raise invalid_fields(["policy: is for staff; leave it out"])
    if not POLICY_NAME.fullmatch(name):  # a path would be read on the service's own disk
        raise invalid_fields([f"policy: give one of {', '.join(shipped_policies())}"])
    try:
        return context.policy if name == context.policy.id else load_policy(name)
    except PolicyError as error:
        raise invalid_fields([f"policy: {error}"]) from None


def _read_form(text: bytes) -> Form:
    with translate_errors():
        return read_form(text)
