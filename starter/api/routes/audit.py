"""The routes that check the record for changes of the past."""

import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from complaints.procedure.permissions import OfficeRole
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import lines_response
from starter.api.openapi import FOR_STAFF, failures, lines_success
from starter.api.problems import translate_errors, unknown_complaint
from starter.api.query import query_parameters, read_query
from starter.api.routes.parameters import Ref
from starter.service.audit import AuditLine, Auditor, AuditQuery
from starter.service.references import require_valid_reference

FINDING: dict[str, Any] = {
    "finding": {
        "reference": "C-1001",
        "sequence": 5,
        "sentence": "event 5 (reply, 9 December 2026 10:00:00 UTC) was changed after it was recorded",
    }
}
SUMMARY: dict[str, Any] = {
    "summary": {
        "complaints": 1,
        "without_words": 0,
        "events": 12,
        "histories": 1,
        "roots": 30,
        "last_root": "2026-12-10",
        "are_signatures_checked": True,
        "files": 30,
        "findings": 1,
    }
}
EXAMPLE = f"{json.dumps(FINDING)}\n{json.dumps(SUMMARY)}\n"
DESCRIPTION = (
    "Each finding says what is not as it was recorded, at most one for each complaint. The last line is the summary: "
    "an answer without it is not complete."
)


def add_routes(app: FastAPI, context: ApiContext) -> None:
    auditor = Auditor(context.client, context.report_engine, context.settings)
    caller = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.AUDITOR))]
    about: dict[str, Any] = {
        "tags": ["audit"],
        "response_class": Response,
        "description": DESCRIPTION,
        "openapi_extra": {**query_parameters(AuditQuery), **FOR_STAFF},
    }

    @app.get(
        "/audit",
        summary="Check the chains of all complaints, and the signed roots; for auditors.",
        responses={200: lines_success(AuditLine, "Findings, then the summary.", EXAMPLE), **failures(422)},
        **about,
    )
    async def audit_all(request: Request, _: caller) -> Response:
        query = read_query(request, AuditQuery)
        return await lines_response(auditor.audit(None, histories=query.histories))

    @app.get(
        "/complaints/{reference}/audit",
        summary="Check the chain of a complaint, and the signed roots; for auditors.",
        responses={200: lines_success(AuditLine, "Findings, then the summary.", EXAMPLE), **failures(404, 422)},
        **about,
    )
    async def audit_complaint(request: Request, reference: Ref, _: caller) -> Response:
        query = read_query(request, AuditQuery)
        require_valid_reference(reference)
        with translate_errors():
            if not await auditor.knows(reference):
                raise unknown_complaint()
        return await lines_response(auditor.audit(reference, histories=query.histories))
