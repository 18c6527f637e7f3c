"""Staff's access tokens: which are valid, and which member each names."""

from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.records.staff import update_members
from complaints.records.staff_access import read_staff_access, sign_out
from complaints.runtime.clock import now
from complaints.staff.members import Member
from local.servers.sign_in import AUDIENCE
from starter.api.auth import refresh
from starter.api.auth.provider import Provider
from starter.api.auth.staff import StaffRefusedError, StaffSignIn
from starter.api.auth.tokens import TokenVerifier
from tests.starter.api.service import Service, serving
from tests.starter.api.tokens import INVALID, seconds, with_claims


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


@pytest.mark.parametrize("kind", INVALID)
async def test_an_invalid_token_is_refused_with_its_reason(service: Service, kind: str) -> None:
    invalid = INVALID[kind]
    refused = await whoami(service, invalid.make(service))
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in"), refused.text
    assert invalid.reason in refused.json()["detail"]
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


async def test_a_token_replayed_after_the_sign_out_is_refused(service: Service) -> None:
    earlier, last, other = (service.issuer.access_token("t.lund", session) for session in ("one", "one", "two"))
    async with service.with_token(last) as caller:
        assert (await caller.post("/sign-out")).status_code == 204
        replayed = await caller.get("/whoami")
    assert (replayed.status_code, replayed.json()["code"]) == (401, "not_signed_in")
    assert "was signed out" in replayed.json()["detail"]
    assert (await whoami(service, earlier)).status_code == 401
    assert (await whoami(service, other)).status_code == 200
    again = service.issuer.access_token("t.lund", "one", iat=seconds(1))
    assert (await whoami(service, again)).status_code == 200


async def test_a_sign_out_reaches_other_processes_of_the_service(
    service: Service, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "REFRESH_SECONDS", 0.02)
    issuer = service.issuer.url
    async with serving(client, engine, service.key, oidc_issuer=issuer) as other, service.as_staff("t.lund") as caller:
        token = caller.headers["authorization"].removeprefix("Bearer ")
        assert (await whoami(other, token)).status_code == 200
        await caller.post("/sign-out")
        while (await whoami(other, token)).status_code != 401:
            pass


async def test_a_member_is_recognised_by_subject_else_by_verified_email(engine: AsyncEngine, service: Service) -> None:
    await add_members(
        engine,
        Member(id="by.subject", name="S", subject="00u1|x", email="s@staff.example.org"),
        Member(id="by.email", name="E", email="E.Mail@staff.example.org"),
        Member(id="by.domain", name="D"),
        Member(id="twin.one", name="T", email="twin@staff.example.org"),
        Member(id="twin.two", name="T", email="TWIN@staff.example.org"),
    )
    claims: dict[str, dict[str, Any]] = {
        "by.subject": {"sub": "00u1|x"},
        "by.email": {"sub": "2", "email": "e.mail@STAFF.example.org", "email_verified": True},
        "by.domain": {"sub": "3", "email": "by.domain@staff.example.org"},
        "unverified": {"sub": "4", "email": "e.mail@staff.example.org", "email_verified": False},
        "another subject": {"sub": "5", "email": "s@staff.example.org"},
        "twin": {"sub": "6", "email": "twin@staff.example.org"},
        "a staff id as the subject": {"sub": "by.email"},
    }
    staff = StaffSignIn(
        TokenVerifier(Provider(service.issuer.url, is_local=True), AUDIENCE),
        partial(read_staff_access, engine),
        partial(sign_out, engine),
        lambda: now().date(),
        staff_domain="staff.example.org",
    )
    found = {}
    for kind, said in claims.items():
        try:
            found[kind] = (await staff.caller_of(service.issuer.access_token("x", **said))).id
        except StaffRefusedError as error:
            found[kind] = error.code
    expected = dict.fromkeys(claims, "unknown_staff") | {each: each for each in ("by.subject", "by.email", "by.domain")}
    assert found == expected


async def test_a_system_has_no_part_in_what_is_for_staff(service: Service, portal: httpx2.AsyncClient) -> None:
    refused = await portal.get("/whoami")
    assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")
    async with httpx2.AsyncClient(base_url=service.url) as nobody:
        missing = await nobody.get("/whoami")
    assert (missing.status_code, missing.json()["code"]) == (401, "no_key")
