"""The routes of reports and exports."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from complaints.procedure.permissions import OfficeRole
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, success
from starter.api.problems import translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.routes.parameters import as_json
from starter.service import reports
from starter.service.export import ExportQuery, export_record, record_export
from starter.service.reports import AnnualFiles, AnnualRequest, NamedTimeliness, TimelinessQuery

TAGS: list[Any] = ["reports"]
MEDIA_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
SVG = {"example": "<svg></svg>"}
EXPORTS = {
    "application/jsonl": {"example": '{"reference": "C-1001"}\n'},
    "text/csv": {"example": "reference,policy\nC-1001,financial-ombudsman-service 1\n"},
    "application/vnd.apache.parquet": {"example": "PAR1"},
}
ANNUAL = {"year": 2026, "cases_resolved": 210000}
FILES = {
    "files": {"annual-2026.csv": "ZmlndXJl"},
    "last": "2027-03-31",
    "is_running": False,
    "last_year_mismatch": None,
}
TIMELINESS = {
    "report": {
        "policy": "financial-ombudsman-service",
        "first": "2026-04-01",
        "last": "2026-06-30",
        "by": "tier",
        "groups": [],
        "all": None,
    },
    "names": [],
    "columns": ["received", "open", "answered"],
}
READERS = (LEAD, OfficeRole.AUDITOR, OfficeRole.ADMINISTRATOR)
WORDS_READERS = (OfficeRole.AUDITOR, OfficeRole.ADMINISTRATOR)


def add_routes(app: FastAPI, context: ApiContext) -> None:
    _add_reports(app, context)
    _add_export(app, context)


def _add_reports(app: FastAPI, context: ApiContext) -> None:
    engine, own = context.report_engine, context.policy
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff(*READERS))]

    @app.get(
        "/reports/timeliness",
        tags=TAGS,
        response_class=Response,
        summary="Report how timely complaints are acknowledged and answered, and their outcomes.",
        responses={200: success(NamedTimeliness, "The figures, from one snapshot.", TIMELINESS), **failures(422)},
        openapi_extra={**query_parameters(TimelinessQuery), **FOR_STAFF},
    )
    async def timeliness(request: Request, _: reader) -> Response:
        query = read_query(request, TimelinessQuery)
        with translate_errors():
            return as_json(await reports.build_timeliness(engine, own, query))

    @app.get(
        "/reports/timeliness/chart",
        tags=TAGS,
        response_class=Response,
        summary="Draw the report on timeliness.",
        responses={
            200: {
                "description": "SVG; empty where there is no complaint.",
                "content": {"image/svg+xml": SVG},
            },
            **failures(422, 501),
        },
        openapi_extra={**query_parameters(TimelinessQuery), **FOR_STAFF},
    )
    async def chart(request: Request, _: reader) -> Response:
        query = read_query(request, TimelinessQuery)
        with translate_errors():
            svg = await reports.draw_timeliness(engine, own, query)
        return Response(svg, media_type="image/svg+xml")

    @app.post(
        "/reports/annual",
        tags=TAGS,
        response_class=Response,
        summary="Build the Independent Assessor's annual report to the Board, as a page, a PDF and data.",
        responses={200: success(AnnualFiles, "The files.", FILES), **failures(408, 413, 415, 422, 501)},
        openapi_extra={**json_body(AnnualRequest, ANNUAL), **FOR_STAFF},
    )
    async def annual(request: Request, _: reader) -> Response:
        body = await read_json(request, AnnualRequest)
        with translate_errors():
            return as_json(await reports.build_annual(engine, own, body))


def _add_export(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff(*READERS))]

    @app.get(
        "/export",
        tags=TAGS,
        response_class=Response,
        summary="Export the record of all complaints received from the first day to the last.",
        description="It comes from one snapshot, and is sent as it is read. A connection that ends early means that it "
        "is not complete. With `words`, it needs the role auditor or administrator, and is recorded.",
        responses={
            200: {
                "description": "The record.",
                "content": EXPORTS,
            },
            **failures(422, 501),
        },
        openapi_extra={**query_parameters(ExportQuery), **FOR_STAFF},
    )
    async def export(request: Request, caller: reader) -> Response:
        query = read_query(request, ExportQuery)
        if query.words:
            context.authorizer.require_role(request, caller, *WORDS_READERS)
        chunks = export_record(context.report_engine, context.policy, query)
        with translate_errors():
            if query.words:
                await record_export(context.engine, query, caller)
            first = await anext(chunks, b"")  # so that an error is a problem of its own
        return StreamingResponse(_all(first, chunks), media_type=MEDIA_TYPES[query.format])


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async with aclosing(rest):
        async for chunk in rest:
            yield chunk
