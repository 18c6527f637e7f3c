"""Health endpoints: `/healthz` and `/readyz`.

`/readyz` answers 200 while Temporal answers and keys can be checked. It lists PostgreSQL if unavailable, but stays
200: complaints can still be opened, and auditors can look at payloads.
"""

import asyncio
from collections.abc import Mapping

from fastapi import Response
from fastapi.responses import JSONResponse

from complaints.runtime.draining import Drain, DrainState
from complaints.runtime.health import DependencyCheck
from starter.api.auth.key_cache import ApiKeyCache


class HealthEndpoints:
    def __init__(self, servers: Mapping[str, DependencyCheck], keys: ApiKeyCache, drain: Drain) -> None:
        self._servers = servers
        self._keys = keys
        self._drain = drain

    async def lives(self) -> Response:
        """Answer while the event loop runs, whichever servers are unavailable."""
        return JSONResponse({"state": self._drain.state})

    async def is_ready(self) -> Response:
        """Answer whether complaints can be opened now."""
        answers = await asyncio.gather(*(server.is_available() for server in self._servers.values()))
        away = [name for name, answered in zip(self._servers, answers, strict=True) if not answered]
        ready = self._drain.state is DrainState.SERVING and "temporal" not in away and self._keys.is_known
        return JSONResponse({"ready": ready, "state": self._drain.state, "away": away}, 200 if ready else 503)
