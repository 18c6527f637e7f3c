"""Make what checks staff's tokens, from the settings."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.staff_access import read_staff_access, sign_out
from complaints.runtime.clock import now
from complaints.settings import SignInSettings
from starter.api.auth.provider import Provider
from starter.api.auth.staff import StaffSignIn
from starter.api.auth.tokens import TokenVerifier


def make_sign_in(settings: SignInSettings, engine: AsyncEngine, policy: Policy) -> tuple[StaffSignIn, Provider | None]:
    """Return what finds who signed in, and the provider.

    None: no issuer is set, so nobody can sign in.
    """
    provider = Provider(settings.oidc_issuer, is_local=settings.local) if settings.oidc_issuer else None
    verifier = TokenVerifier(provider, settings.oidc_audience or "") if provider else None
    staff = StaffSignIn(
        verifier,
        partial(read_staff_access, engine),
        partial(sign_out, engine),
        lambda: now().astimezone(zone(policy.time_zone)).date(),
        staff_domain=settings.staff_domain,
        is_local=settings.local and (settings.oidc_issuer or "").startswith("http://"),
    )
    return staff, provider
