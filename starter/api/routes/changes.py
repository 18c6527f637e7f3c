"""The route of the changes of directory, systems and calendar."""

import json
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from complaints.procedure.field_types import Day
from complaints.procedure.permissions import OfficeRole
from complaints.records.administration.changes import RecordedChange, stream_changes
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import lines_response
from starter.api.openapi import FOR_STAFF, failures, lines_success
from starter.api.problems import invalid_fields
from starter.api.query import query_parameters, read_query
from starter.service.administration.service_clock import read_service_clock, start_of
from starter.service.models import RequestModel

DEFAULT_DAYS = 7
CHANGE = {
    "at": "2026-12-09T10:00:00Z",
    "by": "a.keller",
    "kind": "system_added",
    "subject": "portal",
    "detail": {"scopes": ["open", "read"], "key": "0a1b2c3d4e5f"},
}


class ChangesQuery(RequestModel):
    """Of which days."""

    first: Day | None = None
    """The first day; none: a week before the last."""
    last: Day | None = None
    """The last day; none: today."""

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and the last day. Raises ProblemError."""
        last = self.last or today
        first = self.first or last - timedelta(days=DEFAULT_DAYS - 1)
        if last < first:
            raise invalid_fields(["last: this is before the first day; give a later day"])
        return first, last


def add_routes(app: FastAPI, context: ApiContext) -> None:
    reader = Annotated[
        StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.AUDITOR, OfficeRole.ADMINISTRATOR))
    ]

    @app.get(
        "/changes",
        tags=["changes"],
        response_class=Response,
        summary="List every change of the staff directory, systems, keys and the calendar, with who made it.",
        responses={
            200: lines_success(RecordedChange, "Oldest first, one on each line.", f"{json.dumps(CHANGE)}\n"),
            **failures(422),
        },
        openapi_extra={**query_parameters(ChangesQuery), **FOR_STAFF},
    )
    async def list_changes(request: Request, _: reader) -> Response:
        policy = context.policy
        first, last = read_query(request, ChangesQuery).days(read_service_clock(policy).today)
        since, until = start_of(policy, first), start_of(policy, last + timedelta(days=1))
        return await lines_response(stream_changes(context.engine, since, until))
