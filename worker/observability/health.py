"""Report liveness and readiness over HTTP.

`/healthz` answers 200 while the event loop runs and the worker polls or drains. 503, or no answer, means that only a
restart helps. It ignores the servers, because no restart makes them available.

`/readyz` answers 200 while the worker polls and Temporal answers. PostgreSQL is reported as `"away": ["postgresql"]`,
but does not cause 503: without it, a worker still answers acts, fires deadlines, and records them later. A 503 would
stall every deploy during a pause of the database, and an orchestrator would replace workers that still work. Alert on
`complaints_unrecorded` instead. A worker does not start without PostgreSQL.
"""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from complaints.runtime.health import DependencyCheck


class Health:
    """The endpoints. The worker sets `state`."""

    def __init__(self, temporal: DependencyCheck, postgresql: DependencyCheck) -> None:
        self.state = "starting"
        """starting, polling, draining or failed."""
        self._servers: Mapping[str, DependencyCheck] = {"temporal": temporal, "postgresql": postgresql}

    async def fail(self, _error: BaseException) -> None:
        """Mark the worker failed. It ends on its own, unless it hangs."""
        self.state = "failed"

    async def lives(self, _request: Request) -> JSONResponse:
        return JSONResponse({"state": self.state}, 503 if self.state == "failed" else 200)

    async def is_ready(self, _request: Request) -> JSONResponse:
        answers = await asyncio.gather(*(server.is_available() for server in self._servers.values()))
        away = [name for name, answered in zip(self._servers, answers, strict=True) if not answered]
        ready = self.state == "polling" and "temporal" not in away
        return JSONResponse({"ready": ready, "state": self.state, "away": away}, 200 if ready else 503)

    def app(self) -> Starlette:
        app = Starlette(routes=[Route("/healthz", self.lives), Route("/readyz", self.is_ready)])
        app.router.redirect_slashes = False  # a redirect would repeat the request's Host
        return app
