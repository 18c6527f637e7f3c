"""The routes of acts: send, preview, and find out what became of one."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, Header, Path, Request, Response

from complaints.api_keys import Scope
from complaints.procedure.acts import Act
from complaints.procedure.state import Answer
from starter.api import examples
from starter.api.act_bodies import BODIES, STAFF_ACTS, SYSTEM_ACTS, read_act
from starter.api.act_examples import ACT_EXAMPLES
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.middleware import LOG_FIELDS
from starter.api.openapi import FOR_BOTH, FOR_STAFF, failures, json_body, ref, success
from starter.api.request_body import read_body
from starter.api.responses import Done
from starter.api.routes.parameters import IdempotencyKey, Ref, as_json
from starter.api.service import require_same_key
from starter.service.acts import (
    ActOutcome,
    ActState,
    SentAct,
    find_outcome,
    refuse_unknown_staff,
    send_act,
    signal_act,
)
from starter.service.clock import ComplaintClock, read_complaint_clock
from starter.service.preview import PreviewedAct, Previews

RESPOND_ASYNC = "respond-async"
SYSTEM_ACT_NAMES = frozenset(act.name for act in SYSTEM_ACTS)
STAFF_PARTS = ("holder", "next_due_at", "due", "due_on", "due_at")
"""Parts of an answer that a system does not get; it reads the complaint's status."""

ActId = Annotated[str, Path(description="The act's id.", examples=["portal-771"])]
Prefer = Annotated[
    str | None,
    Header(description="`respond-async` (RFC 7240): answer 202 once the act has been sent, before it takes effect."),
]


def add_routes(app: FastAPI, context: ApiContext) -> None:
    for act in STAFF_ACTS:
        _add_act_route(app, context, act)
        _add_preview_route(app, context, act)
    _add_outcome_route(app, context)
    _add_clock_route(app, context)


def _add_act_route(app: FastAPI, context: ApiContext, act_type: type[Act]) -> None:
    is_for_systems = act_type in SYSTEM_ACTS
    authorizer = context.authorizer
    check = authorizer.require_caller(Scope.ACT) if is_for_systems else authorizer.require_staff()
    sender = Annotated[Caller | StaffCaller, Depends(check)]

    @app.post(
        f"/complaints/{{reference}}/acts/{act_type.name}",
        name=act_type.name,
        response_class=Response,
        summary=act_type.description,
        tags=["acts"],
        responses={
            200: _answer(is_for_systems=is_for_systems),
            202: success(SentAct, "The act was sent. `Location` says what became of it.", examples.SENT),
            **failures(404, 408, 409, 413, 415, 422),
        },
        openapi_extra=json_body(BODIES[act_type], ACT_EXAMPLES[act_type.name])
        | {**(FOR_BOTH if is_for_systems else FOR_STAFF)},
    )
    async def send(
        request: Request,
        reference: Ref,
        caller: sender,
        idempotency_key: IdempotencyKey = None,
        prefer: Prefer = None,
    ) -> Response:
        act = read_act(act_type, await read_body(request), caller)
        require_same_key(idempotency_key, "act's id", act.id)
        await context.access.require_complaint(reference, caller)
        await refuse_unknown_staff(context.engine, act)
        request.scope[LOG_FIELDS].update(act=act.name)
        if _wants_no_answer(prefer):
            sent = await signal_act(context.client, context.engine, reference, act)
            request.scope[LOG_FIELDS].update(reference=reference)
            location = f"/complaints/{reference}/acts/{quote(act.id, safe='')}"
            headers = {"Location": location, "Preference-Applied": RESPOND_ASYNC}
            return as_json(sent, HTTPStatus.ACCEPTED, headers=headers)
        answer = await send_act(context.client, context.engine, reference, act)
        request.scope[LOG_FIELDS].update(reference=reference)
        return as_json(Done.model_validate(answer.model_dump()) if isinstance(caller, Caller) else answer)


def _add_preview_route(app: FastAPI, context: ApiContext, act_type: type[Act]) -> None:
    member = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]
    previews = Previews(context.client, context.engine, context.settings.letters, context.access)

    @app.post(
        f"/complaints/{{reference}}/acts/{act_type.name}/preview",
        name=f"preview_{act_type.name}",
        response_class=Response,
        summary=f"Preview what this act would do: {act_type.name}.",
        tags=["acts"],
        responses={
            200: success(PreviewedAct, "What the act would do. Nothing is sent or recorded.", examples.PREVIEW),
            **failures(404, 408, 409, 413, 415, 422),
        },
        openapi_extra=json_body(BODIES[act_type], ACT_EXAMPLES[act_type.name]) | {**FOR_STAFF},
    )
    async def preview(request: Request, reference: Ref, caller: member) -> Response:
        act = read_act(act_type, await read_body(request), caller)
        await refuse_unknown_staff(context.engine, act)
        return as_json(await previews.preview(reference, act, caller))


def _add_outcome_route(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[Caller | StaffCaller, Depends(context.authorizer.require_caller(Scope.ACT))]

    @app.get(
        "/complaints/{reference}/acts/{act_id:path}",
        response_class=Response,
        summary="Find out what became of an act.",
        tags=["acts"],
        responses={
            200: success(ActOutcome, "What became of it. A system sees the acts of systems only.", examples.OUTCOME),
            **failures(404, 409, 422),
        },
        openapi_extra=dict(FOR_BOTH),
    )
    async def outcome(request: Request, reference: Ref, act_id: ActId, caller: reader) -> Response:
        await context.access.require_complaint(reference, caller)
        found = await find_outcome(context.client, context.engine, reference, act_id)
        request.scope[LOG_FIELDS].update(reference=reference)
        return as_json(_as_system_sees(found) if isinstance(caller, Caller) else found)


def _add_clock_route(app: FastAPI, context: ApiContext) -> None:
    member = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/complaints/{reference}/clock",
        response_class=Response,
        summary="Read the time on a complaint's clock, by which typed dates are read.",
        tags=["acts"],
        responses={200: success(ComplaintClock, "Its clock.", examples.CLOCK), **failures(404, 409, 422)},
        openapi_extra=dict(FOR_STAFF),
    )
    async def clock(reference: Ref, _: member) -> Response:
        return as_json(await read_complaint_clock(context.client, context.engine, reference, context.policy))


def _answer(*, is_for_systems: bool) -> dict[str, Any]:
    """Describe the answer: a system's has less than that of staff."""
    described = success(Answer, "The act has taken effect, now or when it was sent before.", examples.STAFF_ANSWER)
    if is_for_systems:
        schemas = [ref(Done, "serialization"), ref(Answer, "serialization")]
        described["content"]["application/json"] |= {"schema": {"anyOf": schemas}, "example": examples.ANSWER}
    return described


def _as_system_sees(outcome: ActOutcome) -> ActOutcome:
    """Hide an act of staff, whose answer may reveal findings, and who holds the complaint."""
    answer = outcome.answer
    if answer and answer.act not in SYSTEM_ACT_NAMES:
        return outcome.model_copy(update={"state": ActState.UNKNOWN, "answer": None})
    shown = answer and answer.model_copy(update=dict.fromkeys(STAFF_PARTS) | {"needs": ()})
    return outcome.model_copy(update={"answer": shown})


def _wants_no_answer(prefer: str | None) -> bool:
    preferences = (prefer or "").lower().split(",")
    return any(each.partition(";")[0].strip() == RESPOND_ASYNC for each in preferences)
