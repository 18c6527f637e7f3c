"""The HTTP service: its routes, its description, and its problems."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from starter.api.context import ApiContext
from starter.api.docs import add_docs
from starter.api.health import HealthEndpoints
from starter.api.middleware import LOG_FIELDS
from starter.api.openapi import describe
from starter.api.problems import ProblemError
from starter.api.routes import (
    acts,
    audit,
    calendar,
    changes,
    letters,
    lists,
    lookup,
    policies,
    reassignments,
    reports,
    retention,
    sign_in,
    staff,
    system_keys,
    systems,
)

ROUTES = (
    systems.add_routes,
    acts.add_routes,
    lookup.add_routes,
    lists.add_routes,
    sign_in.add_routes,
    staff.add_routes,
    system_keys.add_routes,
    calendar.add_routes,
    policies.add_routes,
    changes.add_routes,
    reassignments.add_routes,
    retention.add_routes,
    letters.add_routes,
    reports.add_routes,
    audit.add_routes,
)


def make_app(context: ApiContext, health: HealthEndpoints) -> FastAPI:
    app = FastAPI(title="Complaints: intake", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    app.add_api_route("/healthz", health.lives, tags=["health"])
    app.add_api_route("/readyz", health.is_ready, tags=["health"], responses={503: {"description": "Not ready."}})
    add_docs(app)
    _add_exception_handlers(app)
    for add_routes in ROUTES:
        add_routes(app, context)
    return app


def _description(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


def _add_exception_handlers(app: FastAPI) -> None:
    @app.exception_handler(ProblemError)
    async def answer_problem(request: Request, error: ProblemError) -> Response:
        request.scope[LOG_FIELDS]["code"] = error.problem.code
        return error.response()

    @app.exception_handler(HTTPException)
    async def answer_http_error(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        detail = "There is no such path." if status == HTTPStatus.NOT_FOUND else f"{status.description}."
        return await answer_problem(request, ProblemError(status, status.name.lower(), detail, headers=error.headers))
