"""The local stack's identity provider: its grants, and who may use it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx2
import jwt
import pytest

from local.servers.sign_in import AUDIENCE, CLIENT_ID, sign_in
from local.sign_in.grants import DEVICE_CODE, STAFF_ID
from local.sign_in.issuer import Issuer, SigningKey
from local.sign_in.server import serve_sign_in
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.stack import Stack


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serve_sign_in() as issuer:
        yield issuer


@pytest.fixture
def http(issuer: Issuer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=issuer.url) as client:
        yield client


def subject_of(http: httpx2.Client, token: str) -> str:
    """Check a token with the published keys, and return its subject."""
    [key] = http.get("/jwks").json()["keys"]
    claims = jwt.decode(token, jwt.PyJWK(key), audience=AUDIENCE, issuer=str(http.base_url).rstrip("/"))
    return str(claims["sub"])


def ask(http: httpx2.Client, path: str, **fields: str) -> httpx2.Response:
    return http.post(path, data={"client_id": CLIENT_ID, **fields})


def test_a_staff_id_alone_signs_in(http: httpx2.Client) -> None:
    tokens = ask(http, "/token", grant_type=STAFF_ID, staff="M.Hughes").json()
    assert subject_of(http, tokens["access_token"]) == "m.hughes"


def test_a_device_gets_its_token_once_a_person_has_entered_the_code(http: httpx2.Client) -> None:
    device = ask(http, "/device-authorization").json()
    waiting = {"grant_type": DEVICE_CODE, "device_code": device["device_code"]}
    assert ask(http, "/token", **waiting).json() == {"error": "authorization_pending"}
    assert device["user_code"].replace("-", "") in http.get(device["verification_uri_complete"]).text
    assert "no such code" in http.post("/device", data={"user_code": "WRONG", "staff": "t.lund"}).text
    assert "You are signed in" in http.post("/device", data={"user_code": device["user_code"], "staff": "t.lund"}).text
    assert subject_of(http, ask(http, "/token", **waiting).json()["access_token"]) == "t.lund"
    assert ask(http, "/token", **waiting).json() == {"error": "invalid_grant"}


def test_a_refresh_token_is_valid_once_and_not_after_it_was_revoked(http: httpx2.Client) -> None:
    first = ask(http, "/token", grant_type=STAFF_ID, staff="t.lund").json()
    second = ask(http, "/token", grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert subject_of(http, second["access_token"]) == "t.lund"
    ask(http, "/revoke", token=second["refresh_token"])
    for used in (first, second):
        refused = ask(http, "/token", grant_type="refresh_token", refresh_token=used["refresh_token"])
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize("headers", [{"Origin": "https://example.org"}, {"Origin": "null"}, {"Host": "example.org:80"}])
def test_a_web_page_cannot_use_it(http: httpx2.Client, headers: dict[str, str]) -> None:
    fields = {"client_id": CLIENT_ID, "grant_type": STAFF_ID, "staff": "t.lund"}
    assert http.post("/token", data=fields, headers=headers).status_code == 403
    assert http.get("/device", headers=headers).status_code == 403


def test_a_request_that_is_no_form_is_refused(http: httpx2.Client) -> None:
    assert http.post("/token", json={"grant_type": STAFF_ID}).status_code == 403
    assert ask(http, "/token", grant_type="password").json() == {"error": "unsupported_grant_type"}
    assert http.post("/token", data={"client_id": "another"}).json() == {"error": "invalid_client"}
    assert ask(http, "/elsewhere").status_code == 404


def test_its_role_keeps_its_key_over_a_restart(tmp_path: Path) -> None:
    stack, port = Stack(tmp_path), free_port()
    keys = []
    for _ in range(2):
        try:
            stack.start([sign_in(tmp_path, port=port)])
            keys.append(httpx2.get(f"http://{LOOPBACK}:{port}/jwks").json())
        finally:
            stack.stop()
    assert keys[0] == keys[1]


def test_the_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = SigningKey.kept_in(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SigningKey.kept_in(file).public == made.public
