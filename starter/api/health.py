"""Whether the service lives and is ready.

`/readyz` answers 200 while Temporal answers and it is known who may call. PostgreSQL away is told, and does not make it
503: complaints are opened meanwhile.
"""

import asyncio

from fastapi import Response
from fastapi.responses import JSONResponse

from complaints.runtime.health import DependencyCheck
from starter.api.auth.key_cache import ApiKeyCache


class HealthEndpoints:
    def __init__(self, temporal: DependencyCheck, postgresql: DependencyCheck, keyring: ApiKeyCache) -> None:
        self._servers = {"temporal": temporal, "postgresql": postgresql}
        self._keyring = keyring
        self.state = "serving"
        """Then draining."""

    async def lives(self) -> Response:
        """Whether its loop turns; no server that is away has any say in it."""
        return JSONResponse({"state": self.state})

    async def is_ready(self) -> Response:
        """Whether it can open complaints now."""
        answers = await asyncio.gather(*(server.answers() for server in self._servers.values()))
        away = [name for name, answered in zip(self._servers, answers, strict=True) if not answered]
        ready = self.state == "serving" and "temporal" not in away and self._keyring.is_known
        return JSONResponse({"ready": ready, "state": self.state, "away": away}, 200 if ready else 503)
