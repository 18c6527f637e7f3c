"""The one-host stack is valid, publishes only on the loopback, and its scripts work."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from complaints.channels.smtp_settings import SmtpAddress, Tls
from complaints.settings import IntakeSettings, WorkerSettings
from complaints.temporal.search_attributes import SEARCH_ATTRIBUTES
from local.ephemeral_stack import ephemeral_postgres, ephemeral_temporal
from local.servers.postgres import binaries_for
from local.supervisor.accounts import unprivileged

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = (
    *("postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui"),
    *("mailpit", "migration", "worker", "intake"),
)
CONFIG = ("docker-compose", "--env-file", ".env.example", "--file", "docker-compose.yml", "config")
SECRETS = {"POSTGRES_PASSWORD", "TEMPORAL_DATABASE_PASSWORD", "COMPLAINTS_DATABASE_PASSWORD"}

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
    block = re.split(r"\n(?=\S|  \w)", COMPOSE.partition(f"\n  {service}:\n")[2])[0]
    return dict(re.findall(r'^      (COMPLAINTS_\w+): "?(?:\$\{\w+:-)?([^}"\n]*)', block, re.MULTILINE))


def test_the_workers_channels_are_valid_settings() -> None:
    settings = WorkerSettings.read(settings_of("worker"))
    assert settings.smtp == SmtpAddress("mailpit", 1025, Tls.NONE)
    assert settings.mail_from
    assert settings.post_room == Path("/post-room")
    assert f"- post-room:{settings.post_room}\n" in COMPOSE
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


async def test_the_database_script_creates_databases_for_their_owners_only() -> None:
    with ephemeral_postgres() as address:
        url = make_url(address)
        server = {"host": url.host, "port": url.port}
        administrator = await asyncpg.connect(**server, user=url.username, password=url.password, database="postgres")
        # The embedded server has this database; the image's server does not.
        await administrator.execute("DROP DATABASE complaints")
        await administrator.close()
        result = run(
            "deploy/postgres/create-databases.sh",
            env={
                "PATH": f"{binaries_for(unprivileged())}:{os.environ['PATH']}",
                "PGHOST": str(url.host),
                "PGPORT": str(url.port),
                "PGPASSWORD": str(url.password),
                "POSTGRES_USER": str(url.username),
                "TEMPORAL_DATABASE_PASSWORD": "t'1",
                "COMPLAINTS_DATABASE_PASSWORD": "c'2",
            },
        )
        assert result.returncode == 0, result.stderr
        for user, password, own in (("temporal", "t'1", "temporal_visibility"), ("complaints", "c'2", "complaints")):
            other = "temporal" if user == "complaints" else "complaints"
            connection = await asyncpg.connect(**server, user=user, password=password, database=own)
            await connection.execute("CREATE TABLE mine (n int)")
            await connection.close()
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(**server, user=user, password=password, database=other)
