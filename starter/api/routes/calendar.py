"""The routes of the calendar, of its recalculation, and of due dates."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from pydantic import Field

from complaints.procedure.field_types import EARLIEST_YEAR, LATEST_YEAR, Integer
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.views.date_preview import DatePreview
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import lines_response, read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, lines_success, success
from starter.api.problems import translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.routes import calendar_examples as examples
from starter.api.routes.parameters import as_json
from starter.service.administration import calculation, calendar, recalendar
from starter.service.administration.calculation import Calculation, DueDate
from starter.service.administration.calendar import (
    AmendmentMade,
    CalendarDifferences,
    CalendarView,
    NewAmendment,
    Region,
)
from starter.service.administration.recalendar import RecalendarProgress
from starter.service.administration.service_clock import ServiceClock, read_service_clock
from starter.service.models import AnswerModel, RequestModel

TAGS: list[Any] = ["calendar"]


class CalendarQuery(RequestModel):
    """Which holidays to show."""

    region: Region | None = None
    """None: the region of the policy."""
    year: Annotated[Integer, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] | None = None
    """The holidays of this year; none: of the present year and the next."""


class Started(AnswerModel):
    """A run continues in the background."""

    run: str
    """Its id."""


def add_routes(app: FastAPI, context: ApiContext) -> None:
    _add_dates(app, context)
    _add_calendar(app, context)
    _add_recalendar(app, context)


def _add_dates(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/clock",
        tags=TAGS,
        response_class=Response,
        summary="Read the service's clock, its time zone, and how dates are written.",
        responses={200: success(ServiceClock, "The clock.", examples.CLOCK), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def clock(_: reader) -> Response:
        return as_json(read_service_clock(context.policy))

    @app.get(
        "/calculate",
        tags=TAGS,
        response_class=Response,
        summary="Calculate a due date, and list each day counted or skipped.",
        responses={200: success(DueDate, "The due date.", examples.DUE_DATE), **failures(422)},
        openapi_extra={**query_parameters(Calculation), **FOR_STAFF},
    )
    async def calculate(request: Request, _: reader) -> Response:
        query = read_query(request, Calculation)
        with translate_errors():
            return as_json(await calculation.calculate(context.engine, context.policy, query))


def _add_calendar(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]
    amender = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR, LEAD))]

    @app.get(
        "/calendar",
        tags=TAGS,
        response_class=Response,
        summary="Show the holidays in force, the source of each, and every amendment.",
        responses={200: success(CalendarView, "The calendar.", examples.CALENDAR), **failures(422)},
        openapi_extra={**query_parameters(CalendarQuery), **FOR_STAFF},
    )
    async def show_calendar(request: Request, _: reader) -> Response:
        query = read_query(request, CalendarQuery)
        with translate_errors():
            return as_json(await calendar.show_calendar(context.engine, context.policy, query.region, query.year))

    @app.post(
        "/calendar/amendments",
        tags=TAGS,
        response_class=Response,
        status_code=201,
        summary="Add a holiday, or strike one. Open complaints keep their dates until a recalculation.",
        responses={201: success(AmendmentMade, "The amendment.", examples.MADE), **failures(408, 413, 415, 422)},
        openapi_extra={**json_body(NewAmendment, examples.AMENDMENT), **FOR_STAFF},
    )
    async def amend_calendar(request: Request, caller: amender) -> Response:
        new = await read_json(request, NewAmendment)
        with translate_errors():
            made = await calendar.amend_calendar(context.engine, context.policy, new, caller.id)
        context.record.forget_amendments()
        return as_json(made, 201)

    @app.get(
        "/calendar/differences",
        tags=TAGS,
        response_class=Response,
        summary="Compare the calendars of open complaints with the one in force.",
        responses={200: success(CalendarDifferences, "What differs.", examples.DIFFERENCES), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def compare_calendars(_: reader) -> Response:
        with translate_errors():
            return as_json(await calendar.compare_calendars(context.engine))


def _add_recalendar(app: FastAPI, context: ApiContext) -> None:
    client, engine = context.client, context.engine
    reader = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]
    recalculator = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR, LEAD))]

    @app.get(
        "/recalendar/preview",
        tags=TAGS,
        response_class=Response,
        summary="Preview the recalculation of open dates by the calendar in force: one complaint on each line.",
        responses={200: lines_success(DatePreview, "The dates that would change.", examples.PREVIEWS), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def preview(caller: reader) -> Response:
        return await lines_response(recalendar.preview(engine, caller.id))

    @app.post(
        "/recalendar",
        tags=TAGS,
        response_class=Response,
        status_code=202,
        summary="Recalculate every open date by the calendar in force, or join the run that does it.",
        responses={202: success(Started, "It continues in the background.", {"run": "run:recalendar"}), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def start(caller: recalculator) -> Response:
        with translate_errors():
            handle = await recalendar.start(client, engine, caller.id, context.settings.task_queue)
        return as_json(Started(run=handle.id), 202)

    @app.get(
        "/recalendar",
        tags=TAGS,
        response_class=Response,
        summary="Show how far the last recalculation is.",
        responses={200: success(RecalendarProgress, "The last runs.", examples.PROGRESS), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def progress(_: reader) -> Response:
        with translate_errors():
            return as_json(await recalendar.read_progress(client))
