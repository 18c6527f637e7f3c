"""The identity provider: its discovery document and its public keys, cached.

The service starts without the provider. While the provider is away, the cached keys go on checking tokens.
"""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import jwt

from complaints.runtime.clock import monotonic
from complaints.runtime.urls import is_protected

TIMEOUT_SECONDS = 5.0
MIN_REFETCH_SECONDS = 5.0
"""An unknown key id may be a new key's: the keys are fetched again for it, but no more often than this."""
REFRESH_SECONDS = 600.0
"""A key that the provider has withdrawn stops working within this time."""
ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""By the key's type; with all others, `none` and the symmetric ones among them, nothing is signed."""

log = logging.getLogger(__name__)


class ProviderUnavailableError(Exception):
    """The provider does not answer, and the key is not known."""


@dataclass(frozen=True)
class PublicKey:
    """A key of the provider, with the algorithms for which it may be used."""

    key: Any
    algorithms: tuple[str, ...]


@dataclass
class Provider:
    """The provider with this issuer address. `is_local`: http is taken on the loopback."""

    issuer: str
    is_local: bool
    _keys: dict[str, PublicKey] = field(default_factory=dict)
    _fetched_at: float | None = None
    _tried_at: float | None = None
    _failed: bool = False
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key_of(self, key_id: str) -> PublicKey | None:
        """Find a key by its id; an empty id finds the only key.

        None: the provider has no such key. Raises ProviderUnavailableError.
        """
        if (key := self._find(key_id)) is None:
            await self._refetch()
            key = self._find(key_id)
        if key is None and self._failed:
            raise ProviderUnavailableError
        return key

    async def refresh_periodically(self) -> None:
        """Fetch the keys at once and every ten minutes, until cancelled.

        While the provider is unavailable, they are fetched every few seconds.
        """
        while True:
            await self._refetch()
            await asyncio.sleep(MIN_REFETCH_SECONDS if self._failed else REFRESH_SECONDS)

    def _find(self, key_id: str) -> PublicKey | None:
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    async def _refetch(self) -> None:
        async with self._fetching:
            if self._tried_at is not None and monotonic() - self._tried_at < MIN_REFETCH_SECONDS:
                return
            try:
                keys = await self._fetch()
            except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
                if not self._failed:
                    log.warning(
                        "the identity provider's keys are as last known",
                        extra={"why": str(error) or type(error).__name__},
                    )
                self._failed = True
            else:
                self._keys, self._failed = keys, False
            self._tried_at = monotonic()

    async def _fetch(self) -> dict[str, PublicKey]:
        async with httpx2.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=not self.is_local,
            verify=ssl.create_default_context(),
        ) as client:
            discovery = await _get(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if discovery["issuer"] != self.issuer:
                raise ValueError("its discovery document is another issuer's")
            if not is_protected(discovery["jwks_uri"], is_local=self.is_local):
                raise ValueError("its keys are not at an https address")
            keys = await _get(client, discovery["jwks_uri"])
        return {str(each.get("kid", "")): key for each in keys["keys"] if (key := _public_key(each))}


async def _get(client: httpx2.AsyncClient, url: str) -> Any:
    answer = await client.get(url)
    answer.raise_for_status()
    return answer.json()


def _public_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    """Read a key; None if it does not sign, or not by an algorithm that we take."""
    algorithms = ALGORITHMS.get(jwk.get("kty", ""), ())
    if jwk.get("alg"):
        algorithms = tuple(each for each in algorithms if each == jwk["alg"])
    if not algorithms or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        return PublicKey(jwt.PyJWK(dict(jwk), algorithms[0]).key, algorithms)
    except jwt.PyJWTError:
        return None
