"""Invalid access tokens of every kind."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives import serialization

from complaints.runtime.clock import now
from local.sign_in.issuer import Issuer, SigningKey
from tests.starter.api.service import Service


class InvalidToken(NamedTuple):
    make: Callable[[Service], str]
    reason: str
    """Part of the sentence with which it is refused."""


def seconds(from_now: int) -> int:
    """Return an instant as claims have it."""
    return int(now().timestamp()) + from_now


def by_hmac(service: Service) -> str:
    """Sign by HS256 with the published key as the secret, as a confused library would check it."""
    public = service.issuer.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = jwt.decode(service.issuer.access_token("m.hughes"), options={"verify_signature": False})
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signed = jwt.encode(claims, "x" * 32, "HS256", {"kid": service.issuer.key.id}).rpartition(".")[0]
    return f"{signed}.{jwt.utils.base64url_encode(algorithm.sign(signed.encode(), public)).decode()}"


def unsigned(service: Service) -> str:
    claims = jwt.decode(service.issuer.access_token("m.hughes"), options={"verify_signature": False})
    return jwt.encode(claims, "", "none", {"kid": service.issuer.key.id})


def forged(service: Service) -> str:
    head, _, rest = service.issuer.access_token("lee").partition(".")
    other = service.issuer.access_token("m.hughes").split(".")
    return f"{head}.{other[1]}.{rest.split('.')[1]}"


def by_wrong_key(service: Service, key_id: str = "") -> str:
    key = SigningKey(SigningKey.new().private, key_id or service.issuer.key.id)
    return Issuer(service.issuer.url, key).access_token("m.hughes")


def with_claims(service: Service, **claims: Any) -> str:
    return service.issuer.access_token("m.hughes", **claims)


INVALID: Mapping[str, InvalidToken] = {
    "forged": InvalidToken(forged, "signature is wrong"),
    "expired": InvalidToken(lambda service: with_claims(service, exp=seconds(-90)), "has expired"),
    "not-yet-valid": InvalidToken(lambda service: with_claims(service, nbf=seconds(90)), "not valid yet"),
    "issued-in-the-future": InvalidToken(lambda service: with_claims(service, iat=seconds(90)), "not valid yet"),
    "foreign-audience": InvalidToken(lambda service: with_claims(service, aud="another"), "for another service"),
    "foreign-issuer": InvalidToken(
        lambda service: with_claims(service, iss="https://login.example.org"), "another issuer's"
    ),
    "unsigned": InvalidToken(unsigned, "algorithm"),
    "hmac-with-the-public-key": InvalidToken(by_hmac, "algorithm"),
    "wrong-key": InvalidToken(by_wrong_key, "signature is wrong"),
    "unknown-key": InvalidToken(lambda service: by_wrong_key(service, "another"), "key that the issuer does not have"),
    "without-expiry": InvalidToken(lambda service: with_claims(service, exp=None), "lacks one of"),
    "no-token": InvalidToken(lambda _: "nonsense", "no access token"),
    "odd-claims": InvalidToken(lambda service: with_claims(service, exp="soon"), "no access token"),
}
