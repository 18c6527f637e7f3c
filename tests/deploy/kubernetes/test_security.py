"""Each pod has no more rights than it needs, and says what it uses."""

import re
from pathlib import Path

import pytest

from tests.deploy.kubernetes.generated_files import ROOT
from tests.deploy.kubernetes.manifests import (
    INSTALLATIONS,
    all_pods,
    name_of_installation,
    of_kind,
    references,
)
from tests.deploy.kubernetes.rendering import containers_of
from tests.deploy.test_compose import PARSED

UNITS = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "": 1}
OPEN_VOLUMES = {"configMap", "secret", "projected", "emptyDir", "persistentVolumeClaim"}

installation = pytest.mark.parametrize("folder", INSTALLATIONS, ids=name_of_installation)


@installation
def test_no_pod_runs_as_root_or_calls_kubernetes(folder: Path) -> None:
    for pods in all_pods(folder):
        context = pods.spec["securityContext"]
        assert context["runAsNonRoot"] is True
        assert min(context["runAsUser"], context["runAsGroup"]) > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pods.spec["automountServiceAccountToken"] is False
        assert pods.spec["enableServiceLinks"] is False  # COMPLAINTS_INTAKE_PORT would look like a setting
        assert pods.spec.keys().isdisjoint({"hostNetwork", "hostPID", "hostIPC"})


@installation
def test_no_container_can_gain_rights_or_write_to_its_root(folder: Path) -> None:
    for container in (container for pods in all_pods(folder) for container in containers_of(pods.owner)):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@installation
def test_every_container_requests_what_it_needs_and_has_a_limit(folder: Path) -> None:
    for container in (container for pods in all_pods(folder) for container in containers_of(pods.owner)):
        requests, limits = container["resources"]["requests"], container["resources"]["limits"]
        assert requests.keys() == limits.keys() == {"cpu", "memory"}
        assert all(_amount(requests[name]) <= _amount(limits[name]) for name in requests)


@installation
def test_secrets_are_mounted_as_files_that_only_the_pods_user_reads(folder: Path) -> None:
    for pods in all_pods(folder):
        for volume in pods.spec.get("volumes", []):
            assert volume.keys() - {"name"} <= OPEN_VOLUMES
            if "secret" in volume or list(references(volume, "secret")):
                source = volume.get("secret") or volume["projected"]
                assert source["defaultMode"] == 0o440
                mounts = [each for one in containers_of(pods.owner) for each in one["volumeMounts"]]
                assert all(mount["readOnly"] for mount in mounts if mount["name"] == volume["name"])


@installation
def test_the_product_runs_as_the_images_user_and_other_images_are_those_of_compose(folder: Path) -> None:
    user = re.search(r"useradd --uid (\d+)", (ROOT / "Dockerfile").read_text("utf-8"))
    assert user
    images = {service["image"] for service in PARSED.values()}
    for pods in all_pods(folder):
        for container in containers_of(pods.owner):
            if container["name"] == "complaints":
                assert (
                    pods.spec["securityContext"]["runAsUser"] == pods.spec["securityContext"]["fsGroup"] == int(user[1])
                )
                assert container["image"] == "registry.example.org/complaints-worker:1"
            else:
                assert container["image"] in images


@installation
def test_the_namespace_refuses_pods_with_more_rights_and_traffic_that_no_policy_allows(folder: Path) -> None:
    (namespace,) = of_kind(folder, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    (deny,) = (each for each in of_kind(folder, "NetworkPolicy") if each["metadata"]["name"] == "default-deny")
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@installation
def test_each_port_of_a_policy_is_a_number_as_some_network_plug_ins_know_no_names(folder: Path) -> None:
    ports = list(references([each["spec"] for each in of_kind(folder, "NetworkPolicy")], "port"))
    assert ports
    assert all(isinstance(port, int) for port in ports)


def _amount(text: str) -> float:
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(text))
    assert found
    return float(found[1]) * UNITS[found[2]]
