"""The one-host stack is valid, publishes only on the loopback, and its scripts work."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from complaints.channels.smtp_settings import SmtpAddress, Tls
from complaints.settings import IntakeSettings, Settings, WorkerSettings
from complaints.temporal.search_attribute_types import SEARCH_ATTRIBUTES
from local.ephemeral_stack import ephemeral_temporal

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = (
    *("postgres", "databases", "temporal-schema", "temporal", "temporal-gateway", "temporal-namespace"),
    *("temporal-ui", "mailpit", "migration", "keys-migration", "worker", "intake", "codec"),
)
CONFIG = ("docker-compose", "--env-file", ".env.example", "--file", "docker-compose.yml", "config")
SECRETS = {"POSTGRES_PASSWORD", "TEMPORAL_DATABASE_PASSWORD"}
PARSED = yaml.safe_load(COMPOSE)["services"]

needs_docker_compose = pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")


def run(*command: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the project's own scripts
        command, check=False, cwd=ROOT, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True
    )


@needs_docker_compose
def test_docker_compose_accepts_the_file() -> None:
    result = run(*CONFIG, env=dict.fromkeys(SECRETS, "secret"))
    assert result.returncode == 0, result.stderr
    assert [service for service in SERVICES if f"\n  {service}:\n" not in result.stdout] == []


@needs_docker_compose
@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_docker_compose_refuses_an_empty_secret(secret: str) -> None:
    result = run(*CONFIG, env={**dict.fromkeys(SECRETS, "secret"), secret: ""})
    assert result.returncode != 0
    assert "set it in .env" in result.stderr


def settings_of(service: str) -> dict[str, str]:
    """Return the service's own settings with their defaults."""
    return {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for name, value in PARSED[service]["environment"].items()
        if name.startswith("COMPLAINTS_")
    }


def test_the_workers_channels_are_valid_settings() -> None:
    settings = WorkerSettings.read(settings_of("worker"))
    assert settings.smtp == SmtpAddress("mailpit", 1025, Tls.NONE)
    assert settings.mail_from
    assert settings.post_room == Path("/post-room")
    assert f"- ${{POST_ROOM:-post-room}}:{settings.post_room}\n" in COMPOSE
    assert settings.reports == Path("/reports")
    assert f"- reports:{settings.reports}\n" in COMPOSE


def test_the_intake_service_is_published_on_its_port_with_the_default_limits() -> None:
    settings, defaults = IntakeSettings.read(settings_of("intake")), IntakeSettings()
    assert str(settings.intake) == "0.0.0.0:8080"
    assert "${INTAKE_PORT:-8080}:8080" in COMPOSE
    assert (settings.intake_rate, settings.intake_at_once) == (defaults.intake_rate, defaults.intake_at_once)
    assert settings.policy == defaults.policy


def test_every_published_port_is_on_the_loopback() -> None:
    blocks = re.findall(r"^    ports:\n((?:      - .*\n)+)", COMPOSE, re.MULTILINE)
    published = [line.strip() for block in blocks for line in block.splitlines()]
    assert published
    assert len(re.findall(r"\bports:", COMPOSE)) == len(blocks)
    assert [line for line in published if not line.startswith('- "127.0.0.1:')] == []
    assert "network_mode" not in COMPOSE


def test_the_required_secrets_are_those_of_the_example() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) == SECRETS
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == SECRETS


def test_every_other_setting_has_its_default_in_the_example() -> None:
    settings = set(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^# (\w+)=(.*)$", example, re.MULTILINE)) == settings


async def test_the_namespace_script_creates_search_attributes_and_can_run_again() -> None:
    with ephemeral_temporal() as address:
        env = {
            "PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}",
            "HOME": "/nonexistent",
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_NAMESPACE": "complaints",
        }
        for retention in ("1d", "90d"):
            result = run("deploy/temporal/set-up-namespace.sh", env={**env, "TEMPORAL_RETENTION": retention})
            assert result.returncode == 0, result.stderr
        client = await Client.connect(address, namespace="complaints")
        described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="complaints"))
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="complaints")
        )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta().days == 90
    types = {name: IndexedValueType.Name(kind).split("TYPE_")[1] for name, kind in listed.custom_attributes.items()}
    assert {name: kind.replace("_", "") for name, kind in types.items()} == {
        name: kind.upper() for name, kind in SEARCH_ATTRIBUTES.items()
    }


@pytest.mark.parametrize("service", [name for name, service in PARSED.items() if "image" in service])
def test_every_image_from_a_registry_is_pinned_by_its_digest(service: str) -> None:
    image = PARSED[service]["image"]
    if "build" not in PARSED[service]:
        assert re.fullmatch(r"[a-z/-]+:v?[0-9.]+@sha256:[0-9a-f]{64}", image)


def test_the_same_image_has_one_digest() -> None:
    images = {service["image"] for service in PARSED.values()}
    assert len({image.partition("@")[0] for image in images}) == len(images)


@pytest.mark.parametrize("service", ["worker", "intake"])
def test_services_run_under_the_service_role_with_the_files_of_policy_and_letters(service: str) -> None:
    settings = settings_of(service)
    assert settings["COMPLAINTS_DATABASE_URL"] == "postgresql+asyncpg://complaints@postgres:5432/complaints"
    service_password, keys_password, key, *others = PARSED[service]["secrets"]
    assert (service_password, keys_password) == ("service-password", "keys-password")
    assert settings["COMPLAINTS_DATABASE_PASSWORD_FILE"] == f"/run/secrets/{service_password}"
    assert settings["COMPLAINTS_KEYS_URL"] == "postgresql+asyncpg://complaints_keys@postgres:5432/complaints_keys"
    assert settings["COMPLAINTS_KEYS_PASSWORD_FILE"] == f"/run/secrets/{keys_password}"
    assert (
        settings["COMPLAINTS_KEY_ENCRYPTION_KEYS"]
        == f"file:/run/secrets/{key}"
        == "file:/run/secrets/key-encryption-key"
    )
    audit_key = {"worker": "audit-key", "intake": "audit-public-key"}[service]
    assert audit_key in others
    name = {"worker": "COMPLAINTS_AUDIT_KEY", "intake": "COMPLAINTS_AUDIT_PUBLIC_KEY"}[service]
    assert settings[name] == f"/run/secrets/{audit_key}"
    assert (settings["COMPLAINTS_POLICY"], settings["COMPLAINTS_LETTERS"]) == (Settings().policy, "/letters")
    assert {"./deploy/policies:/policies:ro", "./deploy/letters:/letters:ro"} <= {*PARSED[service]["volumes"]}


def test_only_the_migration_and_the_creation_of_databases_have_the_owners_password() -> None:
    assert [name for name, service in PARSED.items() if "owner-password" in service.get("secrets", ())] == [
        *("databases", "migration")
    ]
    migration = settings_of("migration")
    assert migration["COMPLAINTS_DATABASE_URL"].startswith("postgresql+asyncpg://complaints_owner@")
    assert migration["COMPLAINTS_SERVICE_ROLE"] == "complaints"


def test_only_who_reads_complaints_has_the_key_encryption_key_and_no_migration_has() -> None:
    secrets = {name: service.get("secrets", []) for name, service in PARSED.items()}
    readers = ["worker", "worker-next", "intake", "codec"]
    assert [name for name, given in secrets.items() if "key-encryption-key" in given] == readers
    assert secrets["keys-migration"] == ["keys-owner-password"]
    migration = settings_of("keys-migration")
    assert migration["COMPLAINTS_KEYS_URL"].startswith("postgresql+asyncpg://complaints_keys_owner@")
    assert migration["COMPLAINTS_SERVICE_ROLE"] == "complaints_keys"


def test_temporal_serves_its_metrics_within_the_network_only() -> None:
    assert PARSED["temporal"]["environment"]["PROMETHEUS_ENDPOINT"] == "0.0.0.0:9090"


AUDIT_KEYS = ("audit-key", "audit-public-key")


def test_the_script_makes_each_secret_once(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/make-secrets.sh", ".env.example"):
        shutil.copy(ROOT / name, tmp_path / name)

    def make() -> dict[str, str]:
        subprocess.run(["sh", str(tmp_path / "deploy" / "make-secrets.sh")], check=True)  # noqa: S603, S607
        files = [tmp_path / ".env", *sorted((tmp_path / "secrets").iterdir())]
        return {file.name: file.read_text() for file in files}

    made = make()
    passwords = [
        *re.findall(r"^(?:\w+_PASSWORD)=([0-9a-f]{48})$", made[".env"], re.MULTILINE),
        *(made[name] for name in list(made)[1:] if name not in AUDIT_KEYS),
    ]
    assert "PRIVATE KEY" in made["audit-key"]
    assert "PUBLIC KEY" in made["audit-public-key"]
    files = ["key-encryption-key", "keys-owner-password", "keys-password", "owner-password", "service-password"]
    assert len(set(passwords)) == len(SECRETS) + len(files)
    assert list(made) == [".env", *AUDIT_KEYS, *files]
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / ".env", tmp_path / "secrets")} == {
        ".env": 0o600,
        "secrets": 0o700,
    }
    assert make() == made
