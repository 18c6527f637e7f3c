"""The tokens that the local stack's identity provider signs."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from local.servers.sign_in import AUDIENCE, CLIENT_ID

ALGORITHM = "ES256"
LIFETIME_SECONDS = 600
"""Of an access token."""


@dataclass(frozen=True)
class SigningKey:
    """A key of the P-256 curve, with the id under which it is published."""

    private: ec.EllipticCurvePrivateKey
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def new(cls) -> "SigningKey":
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def kept_in(cls, file: Path) -> "SigningKey":
        """Read the key of the last start, or make one that only its owner can read."""
        if not file.exists():
            made = cls.new().private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as growing:
                growing.write(made)
        key = serialization.load_pem_private_key(file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return cls(key, "local")

    @property
    def public(self) -> dict[str, Any]:
        """The public key as a JSON Web Key."""
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.id, "use": "sig", "alg": ALGORITHM}


@dataclass(frozen=True)
class Issuer:
    """Sign tokens as the provider at this address."""

    url: str
    key: SigningKey

    def access_token(self, staff: str, session: str | None = None, **claims: Any) -> str:
        """Sign an access token for a staff id. `claims` replace or add to the usual ones."""
        usual = {"aud": AUDIENCE, "client_id": CLIENT_ID, "jti": secrets.token_urlsafe(16)}
        return self._sign(staff, session or secrets.token_urlsafe(16), "at+jwt", usual | claims)

    def id_token(self, staff: str, session: str) -> str:
        """Sign an ID token, which says to the client who signed in."""
        return self._sign(staff, session, "JWT", {"aud": CLIENT_ID})

    def _sign(self, staff: str, session: str, kind: str, claims: dict[str, Any]) -> str:
        now = int(time())
        usual = {"iss": self.url, "sub": staff, "sid": session, "iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode(usual | claims, self.key.private, ALGORITHM, {"kid": self.key.id, "typ": kind})

    def discovery(self) -> dict[str, Any]:
        """Return the provider's metadata (OpenID Connect Discovery)."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device-authorization",
            "revocation_endpoint": f"{self.url}/revoke",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["none"],
        }
