"""Staff's access tokens: which are valid, and which member each names."""

from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.staff import update_members
from complaints.runtime.clock import now
from complaints.staff.members import Member
from local.sign_in.issuer import Issuer, SigningKey
from tests.starter.api.service import Service


async def whoami(service: Service, token: str) -> httpx2.Response:
    async with service.with_token(token) as caller:
        return await caller.get("/whoami")


async def add_members(engine: AsyncEngine, *members: Member) -> None:
    await update_members(engine, [each.id for each in members], lambda _: members, at=now(), by="tests")


async def test_whoami_names_the_member_who_signed_in(service: Service) -> None:
    async with service.as_staff("lead.manager") as lead:
        answer = await lead.get("/whoami")
    assert answer.json() == {
        "id": "lead.manager",
        "name": "lead.manager",
        "email": None,
        "roles": [],
        "leads": ["manager"],
    }


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


INVALID = {
    "forged": (forged, "signature is wrong"),
    "expired": (lambda service: with_claims(service, exp=seconds(-90)), "has expired"),
    "not-yet-valid": (lambda service: with_claims(service, nbf=seconds(90)), "not valid yet"),
    "issued-in-the-future": (lambda service: with_claims(service, iat=seconds(90)), "not valid yet"),
    "foreign-audience": (lambda service: with_claims(service, aud="another"), "for another service"),
    "foreign-issuer": (lambda service: with_claims(service, iss="https://login.example.org"), "another issuer's"),
    "unsigned": (unsigned, "algorithm"),
    "hmac-with-the-public-key": (by_hmac, "algorithm"),
    "wrong-key": (by_wrong_key, "signature is wrong"),
    "unknown-key": (lambda service: by_wrong_key(service, "another"), "key that the issuer does not have"),
    "without-expiry": (lambda service: with_claims(service, exp=None), "lacks one of"),
    "no-token": (lambda _: "nonsense", "no access token"),
    "odd-claims": (lambda service: with_claims(service, exp="soon"), "no access token"),
}


@pytest.mark.parametrize("kind", INVALID)
async def test_an_invalid_token_is_refused_with_its_reason(service: Service, kind: str) -> None:
    make, reason = INVALID[kind]
    refused = await whoami(service, make(service))
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in"), refused.text
    assert reason in refused.json()["detail"]
    assert f'issuer="{service.issuer.url}"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize("claims", [{"exp": -20}, {"nbf": 20}, {"iat": 20, "nbf": 20}])
async def test_the_clocks_may_differ_by_a_minute(service: Service, claims: dict[str, int]) -> None:
    shifted = {name: seconds(difference) for name, difference in claims.items()}
    assert (await whoami(service, with_claims(service, **shifted))).status_code == 200


async def test_a_token_may_have_several_audiences(service: Service) -> None:
    assert (await whoami(service, with_claims(service, aud=["another", "complaints"]))).status_code == 200


async def test_a_member_who_is_unknown_or_has_left_is_refused(service: Service, engine: AsyncEngine) -> None:
    yesterday = now().date() - timedelta(days=1)
    await add_members(engine, Member(id="left.yesterday", name="Left", active_until=yesterday))
    codes = {}
    for staff in ("nobody", "left.yesterday"):
        refused = await whoami(service, service.issuer.access_token(staff))
        codes[staff] = (refused.status_code, refused.json()["code"])
    assert codes == {"nobody": (403, "unknown_staff"), "left.yesterday": (403, "inactive_staff")}


async def test_a_system_has_no_part_in_what_is_for_staff(service: Service, portal: httpx2.AsyncClient) -> None:
    refused = await portal.get("/whoami")
    assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")
    async with httpx2.AsyncClient(base_url=service.url) as nobody:
        missing = await nobody.get("/whoami")
    assert (missing.status_code, missing.json()["code"]) == (401, "no_key")
