"""Check access tokens of the identity provider (RFC 9068), and read who they name."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt

from starter.api.auth.provider import Provider

SKEW_SECONDS = 60
"""By so much the provider's clock and ours may differ."""
MAX_LENGTH = 16_384
"""Characters of a token; a longer one is not read."""
REQUIRED = ("iss", "aud", "exp", "iat", "sub")

REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "expired", "the access token has expired"),
    (jwt.InvalidIssuedAtError, "bad_claims", "the access token's iat is no instant"),
    (jwt.ImmatureSignatureError, "not_yet_valid", "the access token is not valid yet"),
    (jwt.InvalidAudienceError, "foreign_audience", "the access token is for another service"),
    (jwt.InvalidIssuerError, "foreign_issuer", "the access token is another issuer's"),
    (jwt.InvalidSignatureError, "bad_signature", "the access token's signature is wrong"),
    (jwt.InvalidAlgorithmError, "bad_algorithm", "the access token is signed by an algorithm that is not accepted"),
    (jwt.MissingRequiredClaimError, "bad_claims", "the access token lacks one of iss, aud, exp, iat and sub"),
)
NO_TOKEN = ("no_token", "this is no access token")


class InvalidTokenError(Exception):
    """A token is not valid.

    `reason` is a code of the counts; the message is a clause for its sender.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class AccessToken:
    """What a valid token says."""

    subject: str
    email: str | None
    """None: there is none, or the provider says that it is not verified."""
    session: str
    """The digest of the provider's session (`sid`), else of the token's signed part."""
    issued_at: int
    """Seconds since 1970, as is `expires_at`."""
    expires_at: int


class TokenVerifier:
    """Check tokens of one provider for one audience."""

    def __init__(self, provider: Provider, audience: str) -> None:
        self._provider = provider
        self._audience = audience

    async def verify(self, token: str) -> AccessToken:
        """Check a token. Raises InvalidTokenError, ProviderUnavailableError."""
        if len(token) > MAX_LENGTH:
            raise InvalidTokenError(*NO_TOKEN)
        try:
            header = jwt.get_unverified_header(token)
            key = await self._provider.key_of(str(header.get("kid", "")))
            if header.get("alg") == "none":
                raise jwt.InvalidAlgorithmError
            if key is None:
                raise InvalidTokenError(
                    "unknown_key", "the access token is signed by a key that the issuer does not have"
                )
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=key.algorithms,
                audience=self._audience,
                issuer=self._provider.issuer,
                leeway=SKEW_SECONDS,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as error:
            raise _invalid(error) from None
        except (TypeError, ValueError, OverflowError, RecursionError):  # as of a claim that is no number
            raise InvalidTokenError(*NO_TOKEN) from None
        return _read(token, claims)


def _invalid(error: jwt.PyJWTError) -> InvalidTokenError:
    for kind, reason, detail in REASONS:
        if isinstance(error, kind):
            return InvalidTokenError(reason, detail)
    return InvalidTokenError(*NO_TOKEN)


def _read(token: str, claims: dict[str, Any]) -> AccessToken:
    email, session = claims.get("email"), claims.get("sid")
    signed_out_with = session if isinstance(session, str) and session else token.rpartition(".")[0]
    is_verified = claims.get("email_verified", True) in (True, "true")
    return AccessToken(
        subject=claims["sub"],
        email=email if isinstance(email, str) and is_verified else None,
        session=sha256(signed_out_with.encode(errors="surrogatepass")).hexdigest(),
        issued_at=int(claims["iat"]),
        expires_at=int(claims["exp"]),
    )
