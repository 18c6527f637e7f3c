"""Everything that checks callers, with the work in the background that it needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.policy import Policy
from complaints.records.systems import list_systems
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.settings import SignInSettings
from starter.api.auth.authorization import Authorizer, sign_in_challenge
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import ApiKeyCache
from starter.api.auth.provider import Provider
from starter.api.auth.rate_limits import RateLimits
from starter.api.auth.refresh import put_on_record, refresh_periodically, write_periodically
from starter.api.auth.sign_in import make_sign_in
from starter.api.auth.staff import StaffSignIn


@dataclass(frozen=True)
class Callers:
    """Who may call a service."""

    authorizer: Authorizer
    keys: ApiKeyCache
    _staff: StaffSignIn
    _provider: Provider | None
    _denied: DeniedRequests
    _engine: AsyncEngine

    @asynccontextmanager
    async def kept_current(self) -> AsyncIterator[None]:
        """Refresh keys and staff, and count denied requests, for the length of a `with` block."""
        async with (
            background_task(refresh_periodically(self.keys, self._staff)),
            background_task(write_periodically(self._engine, self.keys, self._denied)),
            background_task(self._provider.refresh_periodically()) if self._provider else nullcontext(),
        ):
            yield
        await put_on_record(self._engine, self.keys, self._denied)


async def make_callers(settings: SignInSettings, engine: AsyncEngine, policy: Policy, limits: RateLimits) -> Callers:
    """Read the keys and the staff."""
    keys, denied = ApiKeyCache(partial(list_systems, engine), now), DeniedRequests(now)
    staff, provider = make_sign_in(settings, engine, policy)
    await keys.refresh()
    await staff.refresh()
    authorizer = Authorizer(keys, staff, limits, denied, sign_in_challenge(settings))
    return Callers(authorizer, keys, staff, provider, denied, engine)
