"""Who may ask for what: settled before anything of a request is looked at, so that nothing is given away."""

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from fastapi import Request

from complaints.api_keys import Scope
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import ApiKeyCache, Caller, KeysUnknownError, NotKnownError
from starter.api.auth.rate_limits import RateLimits
from starter.api.middleware import LOG_FIELDS, request_of
from starter.api.problems import ProblemError, out_of_reach

ASK_FOR_KEY = 'Bearer realm="complaints"'


class Authorizer:
    """Refuses, and keeps count of what was refused."""

    def __init__(self, keyring: ApiKeyCache, limits: RateLimits, refusals: DeniedRequests) -> None:
        self._keyring = keyring
        self._limits = limits
        self._refusals = refusals

    def require_scope(self, scope: Scope) -> Callable[[Request], AsyncIterator[Caller]]:
        """For routes to depend on: their caller, while its request is answered."""

        async def caller_with(request: Request) -> AsyncIterator[Caller]:
            caller = await self._caller_of(request)
            request.scope[LOG_FIELDS]["system"] = caller.name
            self.require(request, caller, scope)
            with self._limits.admitted(caller.name):
                yield caller

        return caller_with

    def require(self, request: Request, caller: Caller, scope: Scope) -> None:
        """Raises ProblemError."""
        if scope not in caller.scopes:
            self._refusals.count(f"no_scope_{scope}", caller.name, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "no_such_right",
                f"This key has no right to {scope}.",
                headers={"WWW-Authenticate": f'{ASK_FOR_KEY}, error="insufficient_scope", scope="{scope}"'},
            )

    async def _caller_of(self, request: Request) -> Caller:
        """Raises ProblemError; whoever is refused is not told whether the key was ever good."""
        try:
            return await self._keyring.caller_of(request.headers.get("authorization"))
        except NotKnownError as error:
            self._refusals.count(error.reason, error.system, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "no_key",
                "Send a key that holds, as: Authorization: Bearer KEY.",
                headers={"WWW-Authenticate": ASK_FOR_KEY},
            ) from None
        except KeysUnknownError:
            raise out_of_reach("it is not known which keys hold, as PostgreSQL does not answer") from None
