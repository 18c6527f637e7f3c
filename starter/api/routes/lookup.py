"""The routes by which staff read one complaint."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from pydantic import TypeAdapter

from complaints.procedure.dates.ledgers import LedgerView
from complaints.procedure.field_types import InputModel
from complaints.procedure.permissions import OfficeRole
from complaints.records.callers.readings import Readings
from starter.api import lookup_examples as examples
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.context import ApiContext
from starter.api.middleware import LOG_FIELDS
from starter.api.openapi import FOR_STAFF, failures, success, success_list
from starter.api.query_parameters import query_parameters, read_query
from starter.api.routes.parameters import Ref
from starter.service.lookup import HistoryToSee, Lookup, Source, to_json

SOURCE_HEADER = "Complaints-Source"
SOURCE: dict[str, Any] = {
    SOURCE_HEADER: {
        "description": "What answered. `workflow`: the complaint itself. `record`: its workflow has ended, or no "
        "worker answers. `lost`: the record, and the complaint is open, but its workflow does not run.",
        "schema": {"type": "string", "enum": list(Source)},
    }
}
LEDGERS, READINGS = TypeAdapter(list[LedgerView]), TypeAdapter(list[Readings])


class HistoryQuery(InputModel):
    """How to show a complaint."""

    words: bool = False
    """Also the form, and what people said and wrote. For those who have a part in the complaint, and auditors."""


def add_routes(app: FastAPI, context: ApiContext) -> None:
    lookup = Lookup(context.client, context.engine, context.access)
    staff = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]
    auditor_or_lead = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.AUDITOR, LEAD))]

    @app.get(
        "/complaints/{reference}/history",
        response_class=Response,
        tags=["looking up"],
        summary="Read a complaint with all that happened.",
        responses={
            200: success(HistoryToSee, "The complaint.", examples.HISTORY) | {"headers": SOURCE},
            **failures(404, 422),
        },
        openapi_extra={**FOR_STAFF, **query_parameters(HistoryQuery)},
    )
    async def history(request: Request, reference: Ref, caller: staff) -> Response:
        query = read_query(HistoryQuery, request)
        source, answer = await lookup.history(reference, caller, with_words=query.words)
        return _answer(request, reference, to_json(answer), source)

    @app.get(
        "/complaints/{reference}/deadlines",
        response_class=Response,
        tags=["looking up"],
        summary="Explain each deadline: the days counted and skipped, its moves, and how it ended.",
        responses={
            200: success_list(LedgerView, "A ledger for each deadline.", [examples.LEDGER]) | {"headers": SOURCE},
            **failures(404, 422),
        },
        openapi_extra={**FOR_STAFF},
    )
    async def deadlines(request: Request, reference: Ref, caller: staff) -> Response:
        source, ledgers = await lookup.deadlines(reference, caller)
        return _answer(request, reference, LEDGERS.dump_json(ledgers), source)

    @app.get(
        "/complaints/{reference}/readings",
        response_class=Response,
        tags=["looking up"],
        summary="List who read people's words in a complaint, by day; for auditors and leads.",
        responses={200: success_list(Readings, "Newest day first.", [examples.READING]), **failures(404, 422)},
        openapi_extra={**FOR_STAFF},
    )
    async def readings(request: Request, reference: Ref, _: auditor_or_lead) -> Response:
        return _answer(request, reference, READINGS.dump_json(await lookup.readings(reference)))


def _answer(request: Request, reference: str, body: str | bytes, source: Source | None = None) -> Response:
    request.scope[LOG_FIELDS]["reference"] = reference
    headers = {SOURCE_HEADER: source} if source else {}
    return Response(body, headers=headers, media_type="application/json")
