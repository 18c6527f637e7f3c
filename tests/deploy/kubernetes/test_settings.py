"""The variables of each pod are settings of its process, and are valid together."""

from importlib.util import find_spec
from pathlib import Path

import opentelemetry.sdk.environment_variables
import pytest

from complaints.setting_types import WorkerRole
from complaints.settings import PREFIX, CodecSettings, IntakeSettings, MigrationSettings, Settings, WorkerSettings
from tests.deploy.kubernetes.manifests import (
    INSTALLATIONS,
    Pods,
    environment_of,
    name_of_installation,
    of_kind,
    product_pods,
)
from tests.deploy.kubernetes.settings_file import IN_SECRETS, NOT_APPLICABLE, PASSWORD_FILES, settings_of
from worker.roles.served import check_needs, roles_of

PROCESSES: dict[tuple[str, ...], type[Settings]] = {
    ("python", "-m", "worker", "run"): WorkerSettings,
    ("python", "-m", "worker", "verify"): WorkerSettings,
    ("python", "-m", "starter"): IntakeSettings,
    ("python", "-m", "codec"): CodecSettings,
    ("python", "-m", "complaints.records.migrate"): MigrationSettings,
    ("python", "-m", "complaints.encryption.migrate"): MigrationSettings,
}
"""The settings that each command reads."""
SECRETS = {
    "COMPLAINTS_SMTP": "smtp://user:password@mail.example.org:587?tls=starttls",
    "COMPLAINTS_MAIL_FROM": "Complaints <complaints@example.org>",
    "COMPLAINTS_WEBHOOK": "https://alerts.example.org/complaints",
    "COMPLAINTS_WEBHOOK_SECRET": "0123456789abcdef" * 2,
    "TEMPORAL_API_KEY": "an.api.key",
}
"""What a Secret may hold."""

installation = pytest.mark.parametrize("folder", INSTALLATIONS, ids=name_of_installation)


def settings_class(pods: Pods) -> type[Settings]:
    return PROCESSES[tuple(pods.container["command"])]


def temporals_client_knows(name: str) -> bool:
    """Return whether Temporal's SDK reads the variable: its library holds the names as literals."""
    package = find_spec("temporalio.bridge")
    assert package
    assert package.submodule_search_locations
    libraries = Path(package.submodule_search_locations[0]).glob("*.so")
    return name.startswith("TEMPORAL_") and any(name.encode() in library.read_bytes() for library in libraries)


@installation
def test_every_variable_is_a_setting_or_is_known_to_a_library(folder: Path) -> None:
    ours = {PREFIX + name for name in settings_of().keys() | PASSWORD_FILES.keys()}
    given = {name for pods in product_pods(folder) for name in environment_of(pods, folder)}
    others = {name for name in given - ours if not hasattr(opentelemetry.sdk.environment_variables, name)}
    assert {name for name in others if not temporals_client_knows(name)} == set()
    assert given & {PREFIX + name for name in NOT_APPLICABLE} == set()


@installation
def test_every_setting_that_applies_is_given_to_a_process_that_reads_it(folder: Path) -> None:
    given = {
        name
        for pods in product_pods(folder)
        for name in environment_of(pods, folder)
        if name.removeprefix(PREFIX).lower() in settings_class(pods).model_fields
    }
    by_the_controller = {"DEPLOYMENT", "BUILD_ID"}
    assert {PREFIX + name for name in settings_of().keys() - NOT_APPLICABLE.keys() - by_the_controller} - given == set()


@installation
@pytest.mark.parametrize("with_secrets", [True, False])
def test_the_variables_of_a_pod_are_valid_settings_of_its_process(folder: Path, with_secrets: bool) -> None:
    for pods in product_pods(folder):
        environment = {
            name: (SECRETS[name] if with_secrets else "") if value.startswith("secret:") else value
            for name, value in environment_of(pods, folder).items()
        }
        settings = settings_class(pods).read(environment)
        if isinstance(settings, WorkerSettings):
            check_needs(settings)


@installation
def test_only_secrets_hold_what_is_secret(folder: Path) -> None:
    for pods in product_pods(folder):
        for name, value in environment_of(pods, folder).items():
            secret = name.removeprefix(PREFIX) in IN_SECRETS or name == "TEMPORAL_API_KEY"
            assert value.startswith("secret:") == (secret and value != ""), name
    text = str(of_kind(folder, "ConfigMap"))
    assert "://complaints:" not in text  # a password in an address
    assert "PRIVATE KEY" not in text


@installation
def test_every_role_of_workers_has_pods_and_all_agree_about_the_webhook(folder: Path) -> None:
    workers = [pods for pods in product_pods(folder) if pods.container["command"][-2:] == ["worker", "run"]]
    settings = {pods.name: WorkerSettings.read({**environment_of(pods, folder), **SECRETS}) for pods in workers}
    served = [role for each in settings.values() for role in roles_of(each)]
    assert sorted(served) == sorted(WorkerRole)
    for pods in workers:
        if {WorkerRole.COMPLAINTS, WorkerRole.DELIVERIES} & roles_of(settings[pods.name]):
            assert environment_of(pods, folder)["COMPLAINTS_WEBHOOK"] == "secret:complaints-webhook/url"
