"""Ask the identity provider for tokens (OAuth 2.0 and OpenID Connect)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx2

from admin.shared.errors import CommandError, Exit, refused
from admin.sign_in.http import open_http, read_object, unreachable_server
from complaints.runtime.urls import is_loopback, is_protected

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
STAFF_ID = "urn:complaints:grant-type:staff-id"
"""A grant of the local stack's provider: a staff id signs in at once."""
DEFAULT_INTERVAL_SECONDS, SLOW_DOWN_SECONDS = 5, 5
WHAT = "the identity provider"
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class TokenRefusedError(Exception):
    """The provider refuses a token. `code` is OAuth's."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description or code)
        self.code = code


@dataclass(frozen=True)
class Provider:
    """The provider at which staff sign in, as the service names it."""

    issuer: str
    client_id: str
    audience: str
    scope: str

    @classmethod
    def ask(cls, http: httpx2.Client, url: str) -> "Provider":
        """Ask the service at `url`, which names it when it refuses a request without a token.

        Raises CommandError.
        """
        try:
            answer = http.get("/whoami")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreachable_server("the complaints service", url, error) from None
        said = dict(_PARAMETER.findall(answer.headers.get("www-authenticate", "")))
        try:
            provider = cls(said["issuer"], said["client_id"], said["audience"], said["scope"])
        except KeyError:
            line = f"nobody can sign in at {url}; set its COMPLAINTS_OIDC_ISSUER"
            raise CommandError(Exit.FAILED, line) from None
        is_local = http.base_url.scheme == "http" and is_loopback(http.base_url.host)
        if not is_protected(provider.issuer, is_local=is_local):
            raise CommandError(Exit.FAILED, f"the identity provider {provider.issuer} is not at an https address")
        return provider

    @property
    def is_local(self) -> bool:
        """Whether it is the local stack's, at which a staff id signs in."""
        return self.issuer.startswith("http://")

    def sign_in_at_once(self, staff: str) -> Mapping[str, Any]:
        """Sign in a staff id at the local stack's provider; return the tokens. Raises CommandError."""
        return self._require("token_endpoint", {"grant_type": STAFF_ID, "staff": staff})

    def sign_in_by_device(self, show: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
        """Sign in by a browser (RFC 8628); return the tokens. Raises CommandError.

        `show` shows the code to enter.
        """
        device = self._require("device_authorization_endpoint", {"scope": self.scope, "audience": self.audience})
        show(device)
        interval = float(device.get("interval", DEFAULT_INTERVAL_SECONDS))
        fields = {"grant_type": DEVICE_CODE, "device_code": str(device["device_code"])}
        while True:
            Event().wait(interval)
            try:
                return self.post("token_endpoint", fields)
            except TokenRefusedError as error:
                if error.code == "slow_down":
                    interval += SLOW_DOWN_SECONDS
                elif error.code != "authorization_pending":
                    raise _not_signed_in(error) from None

    def refresh(self, token: str) -> Mapping[str, Any]:
        """Exchange a refresh token for new tokens. Raises TokenRefusedError, CommandError."""
        return self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": token})

    def revoke(self, token: str) -> None:
        """Revoke a refresh token, where the provider can. Raises TokenRefusedError, CommandError."""
        self.post("revocation_endpoint", {"token": token, "token_type_hint": "refresh_token"}, is_optional=True)

    def post(self, endpoint: str, fields: Mapping[str, str], *, is_optional: bool = False) -> Mapping[str, Any]:
        """Post a form to an endpoint of the discovery document.

        Raises TokenRefusedError, CommandError. `is_optional`: nothing is posted if there is no such endpoint.
        """
        try:
            with open_http(self.issuer) as http:
                found = http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                discovery = read_object(found, WHAT)
                address = discovery.get(endpoint)
                if address is None and is_optional:
                    return {}
                if discovery.get("issuer") != self.issuer or not isinstance(address, str):
                    raise CommandError(Exit.FAILED, f"{WHAT} at {self.issuer} has no {endpoint}")
                if not is_protected(address, is_local=self.is_local):
                    raise CommandError(Exit.FAILED, f"{WHAT}'s {endpoint} is not at an https address")
                answer = http.post(address, data={"client_id": self.client_id, **fields})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreachable_server(WHAT, self.issuer, error) from None
        if answer.is_success:
            return read_object(answer, WHAT) if answer.content else {}
        said = read_object(answer, WHAT)
        raise TokenRefusedError(str(said.get("error", answer.status_code)), str(said.get("error_description", "")))

    def _require(self, endpoint: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return self.post(endpoint, fields)
        except TokenRefusedError as error:
            raise _not_signed_in(error) from None


def _not_signed_in(error: TokenRefusedError) -> CommandError:
    return refused("not_signed_in", f"The identity provider refuses the sign-in: {error}.")
