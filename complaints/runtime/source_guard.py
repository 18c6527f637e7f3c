"""Answer requests of other sites in place of an ASGI app."""

import json
import logging
from collections.abc import Collection

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from complaints.runtime.request_source import PROBLEM, refusal_of
from complaints.runtime.throttled_log import ThrottledLog

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger("http")


class SourceGuard:
    """Answer refused requests in place of the service. `names` and `origins`: see `refusal_of`."""

    def __init__(self, app: ASGIApp, names: Collection[str], origins: Collection[str] | None = None) -> None:
        self._app = app
        self._names = names
        self._origins = origins
        self._log = ThrottledLog(log, "a request of another site is refused")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refusal = refusal_of(headers.get(b"host"), headers.get(b"origin"), self._names, self._origins)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            self._log.note(refusal.code, refusal.detail)
            answer = Response(json.dumps(refusal.problem()), refusal.status, HEADERS, media_type=PROBLEM)
            await answer(scope, receive, send)
