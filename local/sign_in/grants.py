"""Codes and refresh tokens of the local stack's identity provider, in memory."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

from local.servers.sign_in import CLIENT_ID
from local.sign_in.issuer import LIFETIME_SECONDS, Issuer

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
STAFF_ID = "urn:complaints:grant-type:staff-id"
"""The local stack's own: `staff` signs in at once. There is no password, and the service takes it only there."""
DEVICE_SECONDS = 600
POLL_SECONDS = 1
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of a user code: no vowels, so that it is no word (RFC 8628, 6.1)."""


class OAuthError(Exception):
    """A request is refused with an error code of OAuth."""


@dataclass
class Device:
    """A sign-in that waits for a person."""

    user_code: str
    ends_at: float
    staff: str | None = None
    """Who has approved it."""


@dataclass
class Grants:
    """What the issuer has granted. A refresh token is valid once: each use gives the next one."""

    issuer: Issuer
    _devices: dict[str, Device] = field(default_factory=dict)
    _refresh: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By refresh token: the staff id and the session."""
    _lock: Lock = field(default_factory=Lock)

    def start_device(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Start a device authorisation (RFC 8628). Raises OAuthError."""
        _require_client(fields)
        code, user_code = secrets.token_urlsafe(32), "".join(secrets.choice(LETTERS) for _ in range(8))
        with self._lock:
            now = monotonic()
            self._devices = {code: device for code, device in self._devices.items() if device.ends_at > now}
            self._devices[code] = Device(user_code, now + DEVICE_SECONDS)
        page = f"{self.issuer.url}/device"
        return {
            "device_code": code,
            "user_code": f"{user_code[:4]}-{user_code[4:]}",
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": DEVICE_SECONDS,
            "interval": POLL_SECONDS,
        }

    def approve(self, user_code: str, staff: str) -> bool:
        """Sign in a staff id at the device with this code; return whether there is one."""
        wanted = user_code.replace("-", "").upper()
        with self._lock:
            for device in self._devices.values():
                if staff and secrets.compare_digest(device.user_code.encode(), wanted.encode()):
                    device.staff = staff
                    return True
        return False

    def token(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Answer a request for tokens. Raises OAuthError."""
        _require_client(fields)
        grant = fields.get("grant_type")
        with self._lock:
            if grant == STAFF_ID and (staff := fields.get("staff")):
                return self._grant(staff.lower(), secrets.token_urlsafe(16))
            if grant == DEVICE_CODE:
                return self._grant(self._approved(fields.get("device_code", "")), secrets.token_urlsafe(16))
            if grant == "refresh_token":
                known = self._refresh.pop(fields.get("refresh_token", ""), None)
                if known is None:
                    raise OAuthError("invalid_grant")
                return self._grant(*known)
        raise OAuthError("invalid_request" if grant == STAFF_ID else "unsupported_grant_type")

    def revoke(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Revoke a refresh token (RFC 7009). Raises OAuthError."""
        _require_client(fields)
        with self._lock:
            self._refresh.pop(fields.get("token", ""), None)
        return {}

    def _approved(self, code: str) -> str:
        device = self._devices.get(code)
        if device is None:
            raise OAuthError("invalid_grant")
        if device.ends_at < monotonic():
            raise OAuthError("expired_token")
        if device.staff is None:
            raise OAuthError("authorization_pending")
        del self._devices[code]
        return device.staff

    def _grant(self, staff: str, session: str) -> dict[str, Any]:
        refresh = secrets.token_urlsafe(32)
        self._refresh[refresh] = (staff, session)
        return {
            "access_token": self.issuer.access_token(staff, session),
            "id_token": self.issuer.id_token(staff, session),
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "refresh_token": refresh,
        }


def _require_client(fields: Mapping[str, str]) -> None:
    if fields.get("client_id") != CLIENT_ID:
        raise OAuthError("invalid_client")
