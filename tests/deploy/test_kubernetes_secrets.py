"""The Secrets of deploy/kubernetes/secrets.sh are those that the manifests read."""

import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.kubernetes.rendering import render
from tests.fixtures.gateway import needs_openssl

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BY_HAND = {"complaints-mail", "complaints-webhook", "complaints-tls"}
"""What no file of secrets/ holds."""
TLS_KEYS = {"tls.crt", "tls.key", "ca.crt"}
OF_OTHERS = {"complaints-page-tls": TLS_KEYS, "complaints-controller-tls": TLS_KEYS}
"""Read by Temporal's page, KEDA and the Worker Controller."""
OF_TEMPORAL = {
    "complaints-page-tls": TLS_KEYS,
    "temporal-tls": TLS_KEYS,
    "temporal-database": {"password", "ca.crt"},
}
OF_ADDRESSES = {
    "complaints-database": {"password", "ca.crt"},
    "complaints-keys": {"password", "ca.crt"},
    "complaints-database-owner": {"password", "ca.crt"},
    "complaints-keys-owner": {"password", "ca.crt"},
}
"""Mounted whole: the password's file and `sslrootcert` are named in addresses."""
needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


def references(value: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield each Secret that a manifest reads, and the keys that it names."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if "secretName" in value:
            yield value["secretName"], {item["key"] for item in value.get("items", ())}
        if isinstance(projected := value.get("secret"), dict) and "name" in projected:
            yield projected["name"], {item["key"] for item in projected["items"]}
        if isinstance(variable := value.get("secretKeyRef"), dict):
            yield variable["name"], {variable["key"]}
        for item in value.values():
            yield from references(item)


def read_by(folder: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, keys in references(render(KUBERNETES / folder)):
        found.setdefault(name, set()).update(keys)
    return found


def printed_by(script: str, folder: Path, *options: str) -> list[dict[str, Any]]:
    """Return the Secrets that a script prints, from files made in a copy of deploy/."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shutil.copy(ROOT / ".env.example", folder)
    authority = str(folder / "secrets/certificates/server-ca.crt")
    printed = ""
    for command in (
        ["make-secrets.sh"],
        ["certificates.sh", "temporal-gateway.complaints.svc"],
        [script, *options, authority],
    ):
        done = subprocess.run(  # noqa: S603
            ["sh", str(folder / "deploy" / command[0]), *command[1:]],  # noqa: S607
            check=True,
            capture_output=True,
            text=True,
        )
        printed = done.stdout
    return [secret for secret in yaml.safe_load_all(printed) if secret]


def made(folder: Path, namespace: str, *options: str) -> dict[str, set[str]]:
    """Return the keys of each Secret that the script makes for a namespace."""
    return {
        secret["metadata"]["name"]: set(secret["data"])
        for secret in printed_by("kubernetes/secrets.sh", folder, *options)
        if secret["metadata"]["namespace"] == namespace
    }


@needs_kubectl
@needs_openssl
def test_every_secret_of_the_self_hosted_overlay_is_made_with_its_keys(tmp_path: Path) -> None:
    of_ours = made(tmp_path, "complaints")
    read = read_by("overlays/self-hosted")
    assert of_ours.keys() == (read.keys() - BY_HAND) | OF_OTHERS.keys()
    for name, keys in {**read, **OF_OTHERS, **OF_ADDRESSES}.items():
        assert name in BY_HAND or keys <= of_ours[name], name


@needs_kubectl
@needs_openssl
def test_the_secrets_of_temporals_own_installation_are_made(tmp_path: Path) -> None:
    assert made(tmp_path, "temporal") == OF_TEMPORAL


@needs_kubectl
@needs_openssl
def test_the_secrets_of_the_databases_roles_are_made_with_their_names(tmp_path: Path) -> None:
    secrets = printed_by("kubernetes/postgresql/secrets.sh", tmp_path)
    roles = {
        (cluster["metadata"]["namespace"], secret["name"]): role
        for cluster in render(KUBERNETES / "postgresql")
        if cluster["kind"] == "Cluster"
        for role, secret in [
            (cluster["spec"]["bootstrap"]["initdb"]["owner"], cluster["spec"]["bootstrap"]["initdb"]["secret"]),
            *((role["name"], role["passwordSecret"]) for role in cluster["spec"]["managed"]["roles"]),
        ]
    }
    users = {
        (secret["metadata"]["namespace"], secret["metadata"]["name"]): b64decode(secret["data"]["username"]).decode()
        for secret in secrets
        if "username" in secret["data"]
    }
    assert users == roles


@needs_kubectl
@needs_openssl
def test_the_secrets_for_the_cloud_are_those_that_its_overlay_reads(tmp_path: Path) -> None:
    printed = printed_by("kubernetes/secrets.sh", tmp_path, "--cloud")
    assert {secret["metadata"]["namespace"] for secret in printed} == {"complaints"}
    assert {secret["metadata"]["name"] for secret in printed} == read_by("overlays/temporal-cloud").keys() - BY_HAND


@needs_kubectl
@needs_openssl
def test_no_secret_replaces_one_that_cert_manager_makes(tmp_path: Path) -> None:
    printed = printed_by("kubernetes/secrets.sh", tmp_path, "--without-certificates")
    assert not [secret["metadata"]["name"] for secret in printed if "tls.crt" in secret["data"]]
    left = {secret["metadata"]["name"] for secret in printed} | {
        each["spec"]["secretName"] for each in render(KUBERNETES / "certificates") if each["kind"] == "Certificate"
    }
    by_the_loop = OF_OTHERS.keys()
    assert read_by("overlays/self-hosted").keys() - BY_HAND - by_the_loop <= left


@needs_kubectl
@needs_openssl
def test_each_secret_of_the_document_is_made_by_the_script_or_by_a_command_in_it(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[a-z-]+`.*?) \|", page.partition("## Secrets")[2].partition("\n## ")[0], re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([a-z-]+-[a-z-]+)`", row)}
    by_hand = set(re.findall(r"create secret (?:generic|tls) ([a-z-]+)", page))
    by_script = {secret["metadata"]["name"] for secret in printed_by("kubernetes/secrets.sh", tmp_path)}
    assert listed == by_script | by_hand
    assert by_script & by_hand == set()


def test_the_cloud_reads_no_secret_of_the_gateway() -> None:
    assert not any("gateway" in name or "operator" in name for name in read_by("overlays/temporal-cloud"))
