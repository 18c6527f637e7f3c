"""The routes of systems: open complaints, read their status, send acts."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from pydantic import BaseModel

from complaints.api_keys import Scope
from complaints.procedure.acts import Act
from complaints.procedure.field_types import REFERENCE_PATTERN
from complaints.procedure.form import Form
from starter.api import examples
from starter.api.act_bodies import BODIES, SYSTEM_ACTS, read_act
from starter.api.auth.key_cache import Caller
from starter.api.batch import MEDIA_TYPE, Batch, BatchResult, Results
from starter.api.context import ApiContext
from starter.api.middleware import LOG_FIELDS
from starter.api.openapi import failures, json_body, json_lines, lines_body, success
from starter.api.problems import invalid_fields, translate_errors
from starter.api.request_body import JSON_LINES, read_body, require_kind
from starter.api.responses import Done, StatusView
from starter.api.service import Intake, require_same_key
from starter.client.open_complaint import Opened, read_form

Ref = Annotated[
    str,
    Path(
        description="The form's reference.",
        examples=[examples.EXAMPLE_REFERENCE],
        json_schema_extra={"pattern": f"^{REFERENCE_PATTERN}$"},
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(description="Optional. If given, it repeats the form's reference, or the act's id."),
]
KEYED: dict[str, Any] = {"security": [{"key": []}]}


def add_routes(app: FastAPI, context: ApiContext) -> None:
    intake = Intake(context.client, context.engine, context.policy, context.settings.task_queue)
    _add_open_routes(app, intake, context)
    _add_status_route(app, intake, context)
    for act in SYSTEM_ACTS:
        _add_act_route(app, intake, context, act)


def _add_open_routes(app: FastAPI, intake: Intake, context: ApiContext) -> None:
    opener = Annotated[Caller, Depends(context.authorizer.require_scope(Scope.OPEN))]

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
        openapi_extra=json_body(Form, examples.FORM) | KEYED,
    )
    async def open_complaint(request: Request, caller: opener, idempotency_key: IdempotencyKey = None) -> Response:
        form = _read_form(await read_body(request))
        require_same_key(idempotency_key, "form's reference", form.reference)
        request.scope[LOG_FIELDS]["reference"] = form.reference
        opened = await intake.open(form, caller)
        status = HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK
        return _json(opened, status, headers={"Location": f"/complaints/{opened.reference}"})

    @app.post(
        "/complaints/batch",
        response_class=Response,
        summary="Open many complaints: one form and one result on each line.",
        responses={
            200: {
                "description": "A result for each line, in the order of the lines, sent as they come.",
                "content": {MEDIA_TYPE: json_lines(BatchResult, examples.RESULTS)},
            },
            **failures(415),
        },
        openapi_extra=lines_body(JSON_LINES, Form, examples.LINES) | KEYED,
    )
    async def open_batch(request: Request, caller: opener) -> Response:
        require_kind(request, JSON_LINES)

        async def open_in_turn(form: Form) -> Opened:
            await context.limits.turn(caller.name)
            return await intake.open(form, caller)

        return Results(Batch(request, _read_form, open_in_turn))


def _add_status_route(app: FastAPI, intake: Intake, context: ApiContext) -> None:
    reader = Annotated[Caller, Depends(context.authorizer.require_scope(Scope.READ))]

    @app.get(
        "/complaints/{reference}",
        response_class=Response,
        summary="Read a complaint's status.",
        responses={200: success(StatusView, "Its status.", examples.STATUS_EXAMPLE), **failures(404, 409, 422)},
        openapi_extra=KEYED,
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
        status_view = await intake.status(reference, with_findings=include is not None)
        request.scope[LOG_FIELDS]["reference"] = reference
        return _json(status_view, exclude={"findings"} if include is None else set())


def _add_act_route(app: FastAPI, intake: Intake, context: ApiContext, act_type: type[Act]) -> None:
    sender = Annotated[Caller, Depends(context.authorizer.require_scope(Scope.ACT))]

    @app.post(
        f"/complaints/{{reference}}/acts/{act_type.name}",
        name=act_type.name,
        response_class=Response,
        summary=act_type.description,
        responses={
            200: success(Done, "The act has taken effect, now or when it was sent before.", examples.ANSWER),
            **failures(404, 408, 409, 413, 415, 422),
        },
        openapi_extra=json_body(BODIES[act_type], examples.ACT_EXAMPLES[act_type.name]) | KEYED,
    )
    async def send(
        request: Request, reference: Ref, caller: sender, idempotency_key: IdempotencyKey = None
    ) -> Response:
        act = read_act(act_type, await read_body(request), caller)
        require_same_key(idempotency_key, "act's id", act.id)
        answer = await intake.send(reference, act)
        request.scope[LOG_FIELDS].update(reference=reference, act=act.name)
        return _json(Done.model_validate(answer.model_dump()))


def _read_form(text: bytes) -> Form:
    with translate_errors():
        return read_form(text)


def _json(
    model: BaseModel, status: int = 200, *, headers: dict[str, str] | None = None, exclude: set[str] | None = None
) -> Response:
    return Response(model.model_dump_json(exclude=exclude), status, headers=headers, media_type="application/json")
