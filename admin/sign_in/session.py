"""The access token of a command: of who signed in, or on the local stack of a staff id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from admin.shared.errors import CommandError, bad_input, refused
from admin.shared.login_name import login_name
from admin.sign_in.provider import Provider, TokenRefusedError
from admin.sign_in.store import SessionStore, StoredSession
from complaints.runtime.clock import now

MARGIN = timedelta(seconds=60)
"""An access token that expires sooner is refreshed first."""
DEFAULT_LIFETIME_SECONDS = 60
SIGN_IN = "sign in with: complaints login"
SIGN_IN_HINT = "Sign in with: complaints login"


@dataclass(frozen=True)
class SignIn:
    """Sign in at one service, for the person at this terminal."""

    url: str
    """Of the service."""
    http: httpx2.Client
    """For the service."""
    store: SessionStore

    @classmethod
    def at(cls, url: str, http: httpx2.Client, environment: Mapping[str, str]) -> "SignIn":
        home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
        return cls(url, http, SessionStore(Path(home), url))

    @property
    def is_signed_in(self) -> bool:
        return self.store.read() is not None

    def token(self, staff: str | None) -> str:
        """Return an access token: of `staff` on the local stack, else of who signed in.

        Raises CommandError.
        """
        if staff:
            return str(self._local(staff, "--as").sign_in_at_once(staff)["access_token"])
        session = self.store.read()
        if session is None:
            return self._of_login_name()
        if _is_fresh(session, MARGIN):
            return session.access_token
        return self._refreshed().access_token

    def login(self, staff: str | None, show: Callable[[Mapping[str, Any]], None]) -> str:
        """Sign in and keep the session; return its access token. Raises CommandError.

        `staff`: their id, on the local stack. `show` shows the code to enter in a browser.
        """
        if staff:
            provider = self._local(staff, "ID")
            tokens = provider.sign_in_at_once(staff)
        else:
            provider = Provider.ask(self.http, self.url)
            tokens = provider.sign_in_by_device(show)
        session = _session(provider, tokens, None)
        with self.store.locked():
            self.store.write(session)
        return session.access_token

    def forget(self) -> None:
        """Revoke the refresh token at the provider, and delete the session. Raises CommandError."""
        with self.store.locked():
            session = self.store.read(with_refresh_token=True)
            self.store.delete()
        if session and session.refresh_token:
            try:
                _provider(session).revoke(session.refresh_token)
            except TokenRefusedError:  # it is not valid any more
                return

    def _local(self, staff: str, option: str) -> Provider:
        provider = Provider.ask(self.http, self.url)
        if not provider.is_local:
            raise bad_input(f"{option}: only the local stack signs in by a staff id; leave out {staff}, and {SIGN_IN}")
        return provider

    def _of_login_name(self) -> str:
        """Sign in by the login name, as the local stack's directory has it."""
        provider, name = Provider.ask(self.http, self.url), login_name()
        if not provider.is_local or name is None:
            raise refused("not_signed_in", f"You are not signed in at {self.url}.", SIGN_IN_HINT)
        return str(provider.sign_in_at_once(name)["access_token"])

    def _refreshed(self) -> StoredSession:
        """Refresh the session, unless another process has done so meanwhile. Raises CommandError."""
        with self.store.locked():
            session = self.store.read(with_refresh_token=True)
            if session and _is_fresh(session, MARGIN):
                return session
            if session is None or session.refresh_token is None:
                raise _ended()
            provider = _provider(session)
            try:
                tokens = provider.refresh(session.refresh_token)
            except TokenRefusedError:
                raise _ended() from None
            except CommandError:
                if _is_fresh(session, timedelta(0)):  # the provider is away, and this token is valid for a while
                    return session
                raise
            session = _session(provider, tokens, session.refresh_token)
            self.store.write(session)
            return session


def _provider(session: StoredSession) -> Provider:
    return Provider(session.issuer, session.client_id, session.audience, session.scope)


def _session(provider: Provider, tokens: Mapping[str, Any], refresh_token: str | None) -> StoredSession:
    """Make a session of the provider's answer, which may leave out an unchanged refresh token."""
    try:
        lifetime = timedelta(seconds=float(tokens.get("expires_in", DEFAULT_LIFETIME_SECONDS)))
        return StoredSession(
            issuer=provider.issuer,
            client_id=provider.client_id,
            audience=provider.audience,
            scope=provider.scope,
            access_token=str(tokens["access_token"]),
            refresh_token=tokens.get("refresh_token", refresh_token),
            expires_at=(now() + lifetime).isoformat(),
        )
    except (KeyError, ValueError, OverflowError):
        raise refused("not_signed_in", "The identity provider gave no access token.") from None


def _is_fresh(session: StoredSession, margin: timedelta) -> bool:
    return now() + margin < datetime.fromisoformat(session.expires_at).astimezone(UTC)


def _ended() -> CommandError:
    return refused("not_signed_in", "Your sign-in has ended.", SIGN_IN_HINT)
