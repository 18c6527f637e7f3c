"""Mutual TLS to Temporal in docker-compose.yml: who shows which certificate to which server."""

import pytest
import yaml

from tests.deploy.test_compose import COMPOSE, PARSED

FOLDER = "./secrets/certificates"
SDK = ("TLS_SERVER_CA_CERT_PATH", "TLS_CLIENT_CERT_PATH", "TLS_CLIENT_KEY_PATH")


def test_temporals_page_refuses_all_requests_but_those_that_read() -> None:
    assert PARSED["temporal-ui"]["environment"]["TEMPORAL_DISABLE_WRITE_ACTIONS"] == "true"


def secrets_of(service: str) -> dict[str, str]:
    """Return the files under /run/secrets of the service: each name with the secret."""
    secrets = PARSED[service].get("secrets", ())
    return dict((each["target"], each["source"]) if isinstance(each, dict) else (each, each) for each in secrets)


@pytest.mark.parametrize("service", ["worker", "worker-next", "intake", "temporal-namespace", "temporal-ui"])
def test_every_client_reaches_temporal_through_the_gateway_with_a_certificate(service: str) -> None:
    environment, secrets = PARSED[service]["environment"], secrets_of(service)
    assert environment["TEMPORAL_ADDRESS"] == "temporal-gateway:7233"
    names = ("TLS_CA", "TLS_CERT", "TLS_KEY") if service == "temporal-ui" else SDK
    files = [environment[f"TEMPORAL_{name}"].removeprefix("/run/secrets/") for name in names]
    assert [secrets[file].rpartition("-")[2] for file in files] == ["ca", "certificate", "key"]
    assert secrets[files[1]].partition("-")[0] == secrets[files[2]].partition("-")[0]


def test_temporals_page_checks_the_gateways_certificate() -> None:
    environment = PARSED["temporal-ui"]["environment"]
    assert environment["TEMPORAL_TLS_ENABLE_HOST_VERIFICATION"] == "true"
    assert environment["TEMPORAL_TLS_SERVER_NAME"] == "temporal-gateway"


def test_temporal_takes_calls_of_itself_and_the_gateway_alone() -> None:
    environment, secrets = PARSED["temporal"]["environment"], secrets_of("temporal")
    assert environment["TEMPORAL_TLS_REQUIRE_CLIENT_AUTH"] == "true"
    files = {name: value for name, value in environment.items() if value.startswith("/run/secrets/")}
    assert {name for name, value in files.items() if value.endswith("-ca")} == {
        *("TEMPORAL_TLS_SERVER_CA_CERT", "TEMPORAL_TLS_CLIENT1_CA_CERT")
    }
    assert set(secrets) == {value.removeprefix("/run/secrets/") for value in files.values()}
    assert "client-ca" not in secrets
    assert "ports" not in PARSED["temporal"]


def test_every_certificate_and_key_is_the_scripts_file_of_its_name() -> None:
    declared = yaml.safe_load(COMPOSE)["secrets"]
    used = {secret for service in PARSED for secret in secrets_of(service).values()}
    assert used == set(declared)
    made = {name: secret["file"] for name, secret in declared.items() if "/certificates/" in secret["file"]}
    assert {name: path for name, path in made.items() if name.endswith("-ca")} == {
        name: f"{FOLDER}/{name}.crt" for name in ("server-ca", "client-ca")
    }
    pairs = {name.partition("-")[0] for name in made if not name.endswith("-ca")}
    assert {name: path for name, path in made.items() if not name.endswith("-ca")} == {
        f"{pair}-{kind}": f"{FOLDER}/{pair}.{suffix}"
        for pair in pairs
        for kind, suffix in (("certificate", "crt"), ("key", "key"))
    }
