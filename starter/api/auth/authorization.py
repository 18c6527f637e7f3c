"""Authorise a request before it is processed, so that a denial reveals nothing."""

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from fastapi import Request

from complaints.api_keys import Scope
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import (
    ApiKeyCache,
    Caller,
    InvalidKeyError,
    KeysUnavailableError,
    UnconfirmedSystemError,
)
from starter.api.auth.rate_limits import RateLimits
from starter.api.middleware import LOG_FIELDS, request_of
from starter.api.problems import ProblemError, unavailable

CHALLENGE = 'Bearer realm="complaints"'


class Authorizer:
    """Check keys, scopes and rate limits, and count denied requests."""

    def __init__(self, keys: ApiKeyCache, limits: RateLimits, denied: DeniedRequests) -> None:
        self._keys = keys
        self._limits = limits
        self._denied = denied

    def require_scope(self, scope: Scope) -> Callable[[Request], AsyncIterator[Caller]]:
        """Make a FastAPI dependency that yields the caller while its request is answered."""

        async def caller_with_scope(request: Request) -> AsyncIterator[Caller]:
            caller = await self._caller_of(request)
            request.scope[LOG_FIELDS]["system"] = caller.name
            self.require(request, caller, scope)
            with self._limits.admitted(caller.name):
                yield caller

        return caller_with_scope

    def require(self, request: Request, caller: Caller, scope: Scope) -> None:
        """Require that the caller has the scope. Raises ProblemError."""
        if scope not in caller.scopes:
            self._denied.count(f"no_scope_{scope}", caller.name, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "no_such_right",
                f"This key has no right to {scope}.",
                headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'},
            )

    async def _caller_of(self, request: Request) -> Caller:
        """Find the caller. Raises ProblemError, the same for every invalid key."""
        try:
            return await self._keys.caller_of(request.headers.get("authorization"))
        except InvalidKeyError as error:
            self._denied.count(error.reason, error.system, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "no_key",
                "Send a valid key, as: Authorization: Bearer KEY.",
                headers={"WWW-Authenticate": CHALLENGE},
            ) from None
        except UnconfirmedSystemError as error:
            system = str(error)
            self._denied.count("unconfirmed", system, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "unconfirmed",
                f"The record was restored to an older state. A person must first give: "
                f"complaints systems confirm {system}.",
            ) from None
        except KeysUnavailableError:
            raise unavailable("keys cannot be checked, as PostgreSQL does not answer") from None
