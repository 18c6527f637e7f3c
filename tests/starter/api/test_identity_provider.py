"""The identity provider is away, comes back, or changes its keys."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from local.servers.sign_in import AUDIENCE, CLIENT_ID
from local.sign_in.issuer import Issuer, SigningKey
from local.sign_in.server import serve_sign_in
from local.supervisor.ports import LOOPBACK, free_port
from starter.api.auth import provider
from starter.api.auth.provider import Provider, ProviderUnavailableError
from starter.api.auth.tokens import InvalidTokenError, TokenVerifier
from tests.starter.api.service import add_system, serving

APPEARS_WITHIN = 60.0


def verifier_of(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(Provider(issuer.url, is_local=True), AUDIENCE)


async def test_the_service_starts_without_the_provider_and_takes_its_tokens_once_it_is_there(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "MIN_REFETCH_SECONDS", 0.05)
    port, key = free_port(), SigningKey.new()
    issuer = Issuer(f"http://{LOOPBACK}:{port}", key)
    names = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_client_id": CLIENT_ID}
    system = await add_system(engine, "without-provider")
    async with (
        serving(client, engine, system, **names) as service,  # type: ignore[arg-type]
        service.with_token(issuer.access_token("t.lund")) as caller,
    ):
        away = await caller.get("/whoami")
        assert (away.status_code, away.json()["code"]) == (503, "out_of_reach")
        assert "identity provider" in away.json()["detail"]
        with serve_sign_in(key, port):
            async with asyncio.timeout(APPEARS_WITHIN):
                while (await caller.get("/whoami")).status_code != 200:
                    pass
        assert (await caller.get("/whoami")).status_code == 200


async def test_an_outage_of_the_provider_stops_nobody_whose_key_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "MIN_REFETCH_SECONDS", 0.0)
    with serve_sign_in() as issuer:
        verifier = verifier_of(issuer)
        await verifier.verify(issuer.access_token("t.lund"))
    assert (await verifier.verify(issuer.access_token("t.lund"))).subject == "t.lund"
    with pytest.raises(ProviderUnavailableError):
        await verifier.verify(Issuer(issuer.url, SigningKey.new()).access_token("t.lund"))


async def test_a_new_key_of_the_provider_is_fetched_when_a_token_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "MIN_REFETCH_SECONDS", 0.0)
    port = free_port()
    with serve_sign_in(SigningKey.new(), port) as issuer:
        verifier = verifier_of(issuer)
        before = issuer.access_token("t.lund")
        await verifier.verify(before)
    with serve_sign_in(SigningKey.new(), port) as issuer:
        assert (await verifier.verify(issuer.access_token("t.lund"))).subject == "t.lund"
        with pytest.raises(InvalidTokenError):
            await verifier.verify(before)


async def test_tokens_of_unknown_keys_do_not_make_the_service_ask_the_provider_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = 0
    with serve_sign_in() as issuer:
        known = Provider(issuer.url, is_local=True)
        fetch = known._fetch

        async def count() -> dict[str, provider.PublicKey]:
            nonlocal asked
            asked += 1
            return await fetch()

        monkeypatch.setattr(known, "_fetch", count)
        verifier = TokenVerifier(known, AUDIENCE)
        strangers = [Issuer(issuer.url, SigningKey.new()).access_token("t.lund") for _ in range(20)]
        refused = await asyncio.gather(*map(verifier.verify, strangers), return_exceptions=True)
    assert {type(each) for each in refused} == {InvalidTokenError}
    assert asked == 1


async def test_a_discovery_document_of_another_issuer_is_not_believed() -> None:
    with serve_sign_in() as issuer:
        other = issuer.url.replace(LOOPBACK, "localhost")
        with pytest.raises(ProviderUnavailableError):
            await TokenVerifier(Provider(other, is_local=True), AUDIENCE).verify(issuer.access_token("t.lund"))
