"""Wrap every request: a log line, common headers, and no internal error in the answer."""

import logging
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from complaints.runtime.clock import monotonic
from complaints.runtime.draining import Drain, DrainState
from starter.api.metrics import RequestMetrics
from starter.api.problems import ProblemError

MAX_CONCURRENT = 500
"""Requests of all callers, also without a valid key; `RateLimits` limits each system."""
DRAINING_RETRY_SECONDS = "1"
"""After so long, another replica answers, or this service's successor."""
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
CLOSE = (b"connection", b"close")
LOG_FIELDS = "log_fields"
"""Key in a request's scope: the fields that a route adds to the request's log line."""
HEALTH_PATHS = ("/healthz", "/readyz")
"""Paths that are neither logged nor measured."""
UNKNOWN_ROUTE = "unknown"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

log = logging.getLogger("starter")


@dataclass
class AnsweredRequest:
    drain: Drain
    status: int | None = None

    def sending(self, send: Send) -> Send:
        """Wrap `send`: note the status, and add the headers."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                closing = [CLOSE] if self.drain.closes_connections else []
                message["headers"] = [*message.get("headers", []), *HEADERS, *closing]
            await send(message)

        return send_on


class RequestMiddleware:
    """Log and measure each request; answer an unexpected exception with an incident number.

    While the service drains, each answer ends its connection; at last, new requests are refused.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, drain: Drain) -> None:
        self._app = app
        self._metrics = metrics
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = monotonic()
        scope[LOG_FIELDS] = {}
        answered = AnsweredRequest(self._drain)
        sending = answered.sending(send)
        try:
            with self._drain.request():
                await self._answer(scope, receive, sending)
        except ClientDisconnect:
            scope[LOG_FIELDS]["code"] = "hung_up"
        except Exception as error:
            incident = uuid.uuid4().hex  # noqa: TID251 - an id for the log, of what nobody foresaw
            log.error("failed", exc_info=error, extra={"incident": incident, "request": request_of(scope)})
            if answered.status is None:
                await _failed(incident).response()(scope, receive, sending)
        if scope["path"] not in HEALTH_PATHS:
            seconds = monotonic() - begun
            method, route = route_of(scope)
            self._metrics.answered(
                method=method,
                route=route,
                status=answered.status,
                system=scope[LOG_FIELDS].get("system", ""),
                seconds=seconds,
            )
            fields = {
                "request": request_of(scope),
                "status": answered.status,
                "milliseconds": round(seconds * 1000, 1),
            }
            log.info("answered", extra=fields | scope[LOG_FIELDS])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._drain.state is DrainState.CLOSING and scope["path"] not in HEALTH_PATHS:
            await _draining().response()(scope, receive, send)
        elif self._drain.under_way > MAX_CONCURRENT:
            self._metrics.refused_by("service")
            await _busy().response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def route_of(scope: Scope) -> tuple[str, str]:
    """Return the method and the route's template, which hold nothing that the caller chose."""
    path = getattr(scope.get("route"), "path", None)
    return (scope["method"], path) if path and scope["method"] in METHODS else ("", UNKNOWN_ROUTE)


def request_of(scope: Scope) -> str:
    """Return the same as one string: `GET /complaints/{reference}`, or `unknown`."""
    return " ".join(route_of(scope)).strip()


def _busy() -> ProblemError:
    detail = "Too many requests are under way."
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers={"Retry-After": "1"})


def _draining() -> ProblemError:
    detail = "This service is stopping; send the request again."
    headers = {"Retry-After": DRAINING_RETRY_SECONDS}
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "draining", detail, headers=headers)


def _failed(incident: str) -> ProblemError:
    detail = f"Internal error: please report incident {incident}, under which it is in the log."
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", detail)
