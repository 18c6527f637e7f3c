"""Authorise a request before it is processed, so that a denial reveals nothing."""

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from fastapi import Request

from complaints.api_keys import ApiKey, Scope
from complaints.settings import SignInSettings
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import (
    ApiKeyCache,
    Caller,
    InvalidKeyError,
    UnconfirmedSystemError,
    bearer_of,
)
from starter.api.auth.provider import ProviderUnavailableError
from starter.api.auth.rate_limits import RateLimits
from starter.api.auth.record_cache import UnknownCallersError
from starter.api.auth.staff import StaffCaller, StaffRefusedError, StaffSignIn
from starter.api.auth.tokens import InvalidTokenError
from starter.api.middleware import LOG_FIELDS, request_of
from starter.api.problems import ProblemError, unavailable

CHALLENGE = 'Bearer realm="complaints"'


def sign_in_challenge(settings: SignInSettings) -> str:
    """Name in a header the provider at which staff sign in.

    So the script needs no address but the service's.
    """
    if settings.oidc_issuer is None:
        return CHALLENGE
    return (
        f'{CHALLENGE}, issuer="{settings.oidc_issuer}", client_id="{settings.oidc_client_id}", '
        f'audience="{settings.oidc_audience}", scope="{settings.oidc_scope}"'
    )


class Authorizer:
    """Check keys, tokens, scopes, roles and rate limits, and count denied requests."""

    def __init__(
        self, keys: ApiKeyCache, staff: StaffSignIn, limits: RateLimits, denied: DeniedRequests, challenge: str
    ) -> None:
        self._keys = keys
        self._staff = staff
        self._limits = limits
        self._denied = denied
        self._challenge = challenge

    def require_scope(self, scope: Scope) -> Callable[[Request], AsyncIterator[Caller]]:
        """Make a FastAPI dependency that yields a system while its request is answered."""

        async def system_with_scope(request: Request) -> AsyncIterator[Caller]:
            caller = await self._system_with(request, scope)
            with self._limits.admitted(caller.name):
                yield caller

        return system_with_scope

    def require_staff(self, *roles: str) -> Callable[[Request], AsyncIterator[StaffCaller]]:
        """Make a FastAPI dependency that yields a member of staff who signed in.

        `roles`: they have one of them, which may be LEAD; none: no role is needed.
        """

        async def staff_with_role(request: Request) -> AsyncIterator[StaffCaller]:
            if ApiKey.read(_bearer(request)):
                caller = await self._system_of(request)
                raise self._deny(
                    request, "staff_only", "This is for staff who signed in; no key has a right to it.", caller
                )
            staff = await self._staff_of(request)
            if roles:
                self.require_role(request, staff, *roles)
            with self._limits.admitted(staff.name):
                yield staff

        return staff_with_role

    def require_caller(self, scope: Scope) -> Callable[[Request], AsyncIterator[Caller | StaffCaller]]:
        """Make a FastAPI dependency that yields a system with the scope, or a member of staff."""

        async def anybody(request: Request) -> AsyncIterator[Caller | StaffCaller]:
            is_staff = _bearer(request) and not ApiKey.read(_bearer(request))
            caller = await self._staff_of(request) if is_staff else await self._system_with(request, scope)
            with self._limits.admitted(caller.name):
                yield caller

        return anybody

    async def sign_out(self, caller: StaffCaller) -> None:
        """Make the caller's access token invalid. Raises RecordError."""
        await self._staff.sign_out(caller.token)

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

    def require_role(self, request: Request, caller: StaffCaller, *roles: str) -> None:
        """Require that the caller has one of the roles. Raises ProblemError."""
        if not any(caller.has(role) for role in roles):
            raise self._deny(request, f"no_role_{roles[0]}", f"This needs the role {' or '.join(roles)}.")

    def _deny(self, request: Request, reason: str, detail: str, system: Caller | None = None) -> ProblemError:
        self._denied.count(reason, system.name if system else "", request_of(request.scope))
        return ProblemError(HTTPStatus.FORBIDDEN, "no_such_right", detail)

    async def _system_with(self, request: Request, scope: Scope) -> Caller:
        caller = await self._system_of(request)
        request.scope[LOG_FIELDS]["system"] = caller.name
        self.require(request, caller, scope)
        return caller

    async def _system_of(self, request: Request) -> Caller:
        """Find the system. Raises ProblemError, the same for every invalid key."""
        try:
            return await self._keys.caller_of(request.headers.get("authorization"))
        except InvalidKeyError as error:
            self._denied.count(error.reason, error.system, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "no_key",
                "Send the valid key of a system, as: Authorization: Bearer KEY. A token of staff is no key.",
                headers={"WWW-Authenticate": CHALLENGE},
            ) from None
        except UnconfirmedSystemError as error:
            system = str(error)
            self._denied.count("unconfirmed", system, request_of(request.scope))
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "unconfirmed",
                "The record was restored to an older state. An operator must first give: "
                f"python -m worker confirm system {system}.",
            ) from None
        except UnknownCallersError:
            raise unavailable("keys cannot be checked, as PostgreSQL does not answer") from None

    async def _staff_of(self, request: Request) -> StaffCaller:
        """Find who signed in. Raises ProblemError."""
        token = _bearer(request)
        try:
            if not token:
                raise InvalidTokenError("no_token", "there is no access token")
            return await self._staff.caller_of(token)
        except InvalidTokenError as error:
            self._denied.count(error.reason, "", request_of(request.scope))
            challenge = f'{self._challenge}, error="invalid_token"' if token else self._challenge
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "not_signed_in" if token else "no_key",
                f"Sign in (complaints login): {error}.",
                headers={"WWW-Authenticate": challenge},
            ) from None
        except StaffRefusedError as error:
            self._denied.count(error.code, "", request_of(request.scope))
            raise ProblemError(HTTPStatus.FORBIDDEN, error.code, str(error)) from None
        except ProviderUnavailableError:
            raise unavailable("tokens cannot be checked, as the identity provider does not answer") from None
        except UnknownCallersError:
            raise unavailable("tokens cannot be checked, as PostgreSQL does not answer") from None


def _bearer(request: Request) -> str:
    return bearer_of(request.headers.get("authorization"))
