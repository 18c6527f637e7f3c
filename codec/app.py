"""The codec server: Temporal's page and command send payloads, and get them in clear."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from codec.protocol import payloads_response, read_payloads
from codec.reader import PayloadReader
from starter.api.auth.authorization import Authorizer
from starter.api.auth.staff import StaffCaller
from starter.api.health import HealthEndpoints
from starter.api.middleware import LOG_FIELDS
from starter.api.problems import ProblemError

HEADERS = ("authorization", "content-type", "x-namespace")
"""That a page may send: those of Temporal's."""
PREFLIGHT_SECONDS = 600


@dataclass(frozen=True)
class CodecContext:
    """What the routes need."""

    reader: PayloadReader
    namespace: str
    authorizer: Authorizer
    is_local: bool
    """Whether a request without a token sees everything."""


def make_app(context: CodecContext, health: HealthEndpoints) -> FastAPI:
    app = FastAPI(title="Complaints: codec", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_api_route("/healthz", health.lives)
    app.add_api_route("/readyz", health.is_ready)
    signed_in = context.authorizer.require_staff()

    async def caller_of(request: Request) -> AsyncIterator[StaffCaller | None]:
        if context.is_local and "authorization" not in request.headers:
            yield None
        else:
            async with asynccontextmanager(signed_in)(request) as staff:
                yield staff

    reading = Annotated[StaffCaller | None, Depends(caller_of)]

    # The protocol looks at the end of a path only, so that a proxy may serve it under any prefix.
    @app.post("/decode", response_class=Response)
    @app.post("/{prefix:path}/decode", response_class=Response)
    async def decode(request: Request, caller: reading) -> Response:
        payloads = await read_payloads(request, context.namespace)
        return payloads_response(await context.reader.decode(payloads, caller))

    @app.post("/encode", response_class=Response)
    @app.post("/{prefix:path}/encode", response_class=Response)
    async def encode(request: Request, _: reading) -> Response:
        payloads = await read_payloads(request, context.namespace)
        return payloads_response(await context.reader.encode(payloads))

    _add_exception_handlers(app)
    return app


def let_pages_read(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Add CORS, for requests that `SourceGuard` lets through."""
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=("POST",), allow_headers=HEADERS, max_age=PREFLIGHT_SECONDS
    )


def _add_exception_handlers(app: FastAPI) -> None:
    """Answer problems as plain text.

    Temporal's command prints it. Its page takes any JSON for payloads, and shows nothing; at other text it shows that
    the codec failed, and the payloads as they are.
    """

    @app.exception_handler(ProblemError)
    async def answer_problem(request: Request, error: ProblemError) -> Response:
        request.scope[LOG_FIELDS]["code"] = error.problem.code
        return PlainTextResponse(error.problem.detail, error.problem.status, error.headers)

    @app.exception_handler(HTTPException)
    async def answer_http_error(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        detail = "There is no such path." if status == HTTPStatus.NOT_FOUND else f"{status.description}."
        return await answer_problem(request, ProblemError(status, status.name.lower(), detail, headers=error.headers))
