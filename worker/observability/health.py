"""Whether the worker lives and is ready, over HTTP.

`/healthz` answers 200 while the worker's loop turns and the worker works or drains: 503, or no answer, means that only
a restart helps. No server that is away has any say in it, for no restart brings that back.

`/readyz` answers 200 while the worker polls and Temporal answers. PostgreSQL away is told, as `"away": ["postgresql"]`,
and does not make it 503: such a worker still answers acts and lets deadlines fall due, and records them later. Were it
unready, a database's pause would stall every deploy, and whoever replaces what is unready would take away the workers
that keep the promise meanwhile. Alert on `complaints_unrecorded` for it. A worker does not start without PostgreSQL.
"""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from complaints.runtime.health import DependencyCheck


class Health:
    """`state` is told by the worker; the servers are asked."""

    def __init__(self, temporal: DependencyCheck, postgresql: DependencyCheck) -> None:
        self.state = "starting"
        """Then polling, draining; or failed."""
        self._servers: Mapping[str, DependencyCheck] = {"temporal": temporal, "postgresql": postgresql}

    async def fail(self, _error: BaseException) -> None:
        """What the worker tells when it cannot go on: it ends by itself, unless it hangs."""
        self.state = "failed"

    async def lives(self, _request: Request) -> JSONResponse:
        return JSONResponse({"state": self.state}, 503 if self.state == "failed" else 200)

    async def is_ready(self, _request: Request) -> JSONResponse:
        answers = await asyncio.gather(*(server.answers() for server in self._servers.values()))
        away = [name for name, answered in zip(self._servers, answers, strict=True) if not answered]
        ready = self.state == "polling" and "temporal" not in away
        return JSONResponse({"ready": ready, "state": self.state, "away": away}, 200 if ready else 503)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/healthz", self.lives), Route("/readyz", self.is_ready)])
