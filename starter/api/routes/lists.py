"""The routes of lists, searches and worklists for staff, and of changes for systems."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, TypeAdapter

from complaints.api_keys import Scope
from complaints.procedure.field_types import InputModel, StaffId
from complaints.procedure.validation_messages import InvalidFieldsError, parse_json
from complaints.procedure.views.views import ComplaintView, RecordedView
from complaints.records.search import FoundComplaint
from complaints.staff.worklist import Task
from starter.api import lookup_examples as examples
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import StaffCaller
from starter.api.batch import MEDIA_TYPE
from starter.api.context import ApiContext
from starter.api.openapi import FOR_BOTH, FOR_STAFF, failures, json_body, json_lines, success, success_list
from starter.api.problems import ProblemError, invalid_fields
from starter.api.query_parameters import query_parameters, read_query
from starter.api.request_body import read_body
from starter.service.lists import ListFilters, Lists, SearchRequest, WorklistVersion
from starter.service.polling import MAX_WAIT_SECONDS, poll
from starter.service.progress import ChangesPage, Progress, ProgressRequest

WORKLIST_SECONDS = 2.0
"""Between two readings of the worklist of somebody who waits."""
FOUND, TASKS = TypeAdapter(list[FoundComplaint]), TypeAdapter(list[Task])


class WorklistQuery(InputModel):
    """Whose worklist."""

    staff: StaffId | None = None
    """Somebody with a role of a tier that the caller leads; for auditors, anybody. Without it, the caller."""


class WorklistChangesQuery(WorklistQuery):
    """What the caller knows of the worklist."""

    version: str | None = None
    """The `version` of the answer before; without it, the answer comes at once."""
    wait: Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS, allow_inf_nan=False)] = MAX_WAIT_SECONDS
    """Seconds to wait for a change."""


def add_routes(app: FastAPI, context: ApiContext) -> None:
    lists = Lists(context.engine, context.policy, context.access)
    _add_list_route(app, context, lists)
    _add_search_route(app, context, lists)
    _add_worklist_routes(app, context, lists)


def _add_list_route(app: FastAPI, context: ApiContext, lists: Lists) -> None:
    progress = Progress(context.engine, context.stopping)
    reader = Annotated[Caller | StaffCaller, Depends(context.authorizer.require_caller(Scope.READ))]
    page = success(ChangesPage, "", examples.CHANGES)["content"]

    @app.get(
        "/complaints",
        response_class=Response,
        tags=["looking up"],
        summary="List complaints, for staff; say what became of complaints, for systems.",
        description="Staff give filters, and get a complaint on each line, those due first on top. A last line with "
        "`problem` says that the list is not complete. Systems give `changed_since`, `wait` and `limit`, and get what "
        "became of the complaints that they opened, in the order of recording, and which acts they may send now.",
        responses={
            200: {
                "description": "Lines for staff; a page of changes for systems.",
                "content": {MEDIA_TYPE: json_lines(ComplaintView, examples.VIEW_LINE), **page},
            },
            **failures(410, 422),
        },
        openapi_extra={**FOR_BOTH, **query_parameters(ProgressRequest, ListFilters)},
    )
    async def list_complaints(request: Request, caller: reader) -> Response:
        if isinstance(caller, Caller):
            changes = await progress.since(read_query(ProgressRequest, request), caller)
            return Response(changes.model_dump_json(), media_type="application/json")
        views = lists.matching(read_query(ListFilters, request), caller)
        first = await anext(views, None)  # so that an error is a problem of its own
        return StreamingResponse(_lines(first, views), media_type=MEDIA_TYPE)


def _add_search_route(app: FastAPI, context: ApiContext, lists: Lists) -> None:
    staff = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.post(
        "/search",
        response_class=Response,
        tags=["looking up"],
        summary="Search complaints by who complains, their case or the reference.",
        description="Finds those in which the caller has a part; for auditors, all. The text is in the body, because "
        "proxies log addresses.",
        responses={
            200: success_list(FoundComplaint, "The best matches first.", [examples.FOUND]),
            **failures(408, 413, 415, 422),
        },
        openapi_extra={**json_body(SearchRequest, examples.SEARCH), **FOR_STAFF},
    )
    async def search(request: Request, caller: staff) -> Response:
        try:
            wanted = parse_json(SearchRequest, await read_body(request))
        except InvalidFieldsError as error:
            raise invalid_fields(error.errors) from None
        return Response(FOUND.dump_json(await lists.search(wanted, caller)), media_type="application/json")


def _add_worklist_routes(app: FastAPI, context: ApiContext, lists: Lists) -> None:
    staff = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/worklist",
        response_class=Response,
        tags=["looking up"],
        summary="List somebody's work: complaints due first on top, with the next step of each.",
        responses={200: success_list(Task, "The tasks.", [examples.TASK]), **failures(422)},
        openapi_extra={**FOR_STAFF, **query_parameters(WorklistQuery)},
    )
    async def worklist(request: Request, caller: staff) -> Response:
        query = read_query(WorklistQuery, request)
        return Response(TASKS.dump_json(await lists.worklist(caller, query.staff)), media_type="application/json")

    @app.get(
        "/worklist/changes",
        response_class=Response,
        tags=["looking up"],
        summary="Wait until a worklist differs from the version that the caller knows.",
        responses={200: success(WorklistVersion, "The worklist as of now.", examples.WORKLIST), **failures(422)},
        openapi_extra={**FOR_STAFF, **query_parameters(WorklistChangesQuery)},
    )
    async def worklist_changes(request: Request, caller: staff) -> Response:
        query = read_query(WorklistChangesQuery, request)

        async def read() -> WorklistVersion:
            return WorklistVersion.of(await lists.worklist(caller, query.staff))

        answer = await poll(
            read,
            lambda read: read.version != query.version,
            wait_seconds=query.wait,
            interval_seconds=WORKLIST_SECONDS,
            stopping=context.stopping,
        )
        return Response(answer.model_dump_json(), media_type="application/json")


async def _lines(first: RecordedView | None, rest: AsyncGenerator[RecordedView]) -> AsyncIterator[str]:
    """Yield a line for each view. A problem is the last line."""
    if first is None:
        return
    yield _line(first)
    try:
        async with aclosing(rest):
            async for view in rest:
                yield _line(view)
    except ProblemError as error:
        yield f'{{"problem":{error.problem.model_dump_json()}}}\n'


def _line(view: RecordedView) -> str:
    return view.model_dump_json(exclude={"readers"}) + "\n"
