"""What a manifest names exists: pods, volumes, files, ConfigMaps and Secrets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from tests.deploy.kubernetes.generated_files import ROOT
from tests.deploy.kubernetes.manifests import (
    INSTALLATIONS,
    Pods,
    all_pods,
    environment_of,
    manifests_of,
    name_of_installation,
    of_kind,
    product_pods,
    references,
    selected,
)
from tests.deploy.kubernetes.rendering import containers_of
from tests.deploy.kubernetes.test_settings import settings_class

BROUGHT = {"complaints-policies"}
"""ConfigMaps that the reader may bring."""

DOCUMENT = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")

installation = pytest.mark.parametrize("folder", INSTALLATIONS, ids=name_of_installation)


@installation
def test_every_selector_chooses_pods(folder: Path) -> None:
    for each in of_kind(folder, "Deployment", "PodDisruptionBudget", "PodMonitor"):
        assert selected(folder, each["spec"]["selector"]), each["metadata"]["name"]
    for policy in of_kind(folder, "NetworkPolicy"):
        for selector in references(policy["spec"], "podSelector"):
            if "k8s-app" not in str(selector):  # of Kubernetes' DNS
                assert selected(folder, selector), policy["metadata"]["name"]


@installation
def test_a_deployment_chooses_its_own_pods_alone(folder: Path) -> None:
    for each in of_kind(folder, "Deployment"):
        assert [pods.name for pods in selected(folder, each["spec"]["selector"])] == [each["metadata"]["name"]]
        for spread in references(each, "topologySpreadConstraints"):
            assert {str(one["labelSelector"]) for one in spread} == {str(each["spec"]["selector"])}


@installation
def test_every_pod_that_serves_has_a_budget_of_disruptions(folder: Path) -> None:
    budgets = [each["spec"]["selector"] for each in of_kind(folder, "PodDisruptionBudget")]
    guarded = [pods.name for selector in budgets for pods in selected(folder, selector)]
    assert sorted(guarded) == sorted(pods.name for pods in all_pods(folder) if pods.owner["kind"] != "Job")


@installation
def test_every_config_map_exists_or_is_optional(folder: Path) -> None:
    existing = {each["metadata"]["name"] for each in of_kind(folder, "ConfigMap")}
    for key in ("configMapRef", "configMapKeyRef", "configMap"):
        for reference in references(manifests_of(folder), key):
            assert reference["name"] in existing or (reference["name"] in BROUGHT and reference["optional"])


@installation
def test_every_secret_is_in_the_document(folder: Path) -> None:
    named = set(_secrets(folder))
    rows = re.findall(r"^\| (`[a-z-]+`.*?) \|", DOCUMENT.partition("## Secrets")[2], re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named - listed == set()
    assert of_kind(folder, "Secret") == []  # the reader brings them


@installation
def test_every_mount_has_a_volume_and_every_volume_a_mount(folder: Path) -> None:
    for pods in all_pods(folder):
        volumes = {each["name"] for each in pods.spec.get("volumes", [])}
        mounted = [mount for each in containers_of(pods.owner) for mount in each.get("volumeMounts", [])]
        assert {mount["name"] for mount in mounted} == volumes, pods.name
        paths = [mount["mountPath"] for mount in mounted]
        assert len(set(paths)) == len(paths)
        claims = {each["metadata"]["name"] for each in of_kind(folder, "PersistentVolumeClaim")}
        assert {claim["claimName"] for claim in references(pods.spec, "persistentVolumeClaim")} <= claims


@installation
def test_every_file_and_folder_of_a_setting_is_mounted(folder: Path) -> None:
    for pods in product_pods(folder):
        for name, value in environment_of(pods, folder).items():
            for path in _paths_in(value):
                if _is_read(name, pods, folder):
                    assert _is_mounted(path, pods), f"{pods.name}: {name} names {path}"


@installation
def test_a_folder_is_writable_just_where_its_process_writes(folder: Path) -> None:
    written = {"/tmp", "/post-room", "/reports"}  # noqa: S108 - of a container
    for pods in product_pods(folder):
        for mount in pods.container["volumeMounts"]:
            path = mount["mountPath"]
            writes = path in written or (
                path == "/audit-roots" and "COMPLAINTS_AUDIT_KEY" in environment_of(pods, folder)
            )
            assert mount.get("readOnly", False) != writes, f"{pods.name}: {path}"


def _secrets(folder: Path) -> Iterator[str]:
    manifests = manifests_of(folder)
    for key, name in (
        ("secret", "secretName"),
        ("secret", "name"),
        ("secretKeyRef", "name"),
        ("apiKeySecretRef", "name"),
    ):
        yield from (each[name] for each in references(manifests, key) if name in each)
    for key in ("mutualTLSSecretRef", "caCertSecretRef"):
        yield from (each["name"] for each in references(manifests, key))
    for each in references(manifests, "secretTargetRef"):
        yield from (parameter["name"] for parameter in each)
    yield from (each["secretName"] for spec in references(manifests, "tls") if isinstance(spec, list) for each in spec)


def _paths_in(value: str) -> list[str]:
    """Return the absolute paths that a setting names, also within an address."""
    found = re.findall(r"(?:^|=|file:)(/[\w./-]+)", value)
    return [path for path in found if not path.startswith("//")]


def _is_read(name: str, pods: Pods, folder: Path) -> bool:
    """Return whether the process reads the setting in its role."""
    settings = settings_class(pods)
    if name == "COMPLAINTS_LETTERS":
        if settings is not WorkerSettings:
            return "letters" in settings.model_fields and "intake" in settings.model_fields
        served = environment_of(pods, folder).get("COMPLAINTS_SERVES", "")
        return WorkerRole.DELIVERIES in served.split(",")
    if name.startswith("TEMPORAL_"):
        return "http" in settings.model_fields or "intake" in settings.model_fields
    return True


def _is_mounted(path: str, pods: Pods) -> bool:
    """Return whether the path is in a volume. Where that lists its files, they must have it."""
    for mount in pods.container["volumeMounts"]:
        below = path.removeprefix(mount["mountPath"])
        if path != mount["mountPath"] and not below.startswith("/"):
            continue
        (volume,) = (each for each in pods.spec["volumes"] if each["name"] == mount["name"])
        files = [item["path"] for items in references(volume, "items") for item in items]
        if not files or below.removeprefix("/") in files:
            return True
    return False
