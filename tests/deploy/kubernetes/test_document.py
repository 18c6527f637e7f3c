"""docs/kubernetes.md says what the manifests have."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.kubernetes.generated_files import KUBERNETES, ROOT
from tests.deploy.kubernetes.manifests import FULL, INSTALLATIONS, manifests_of, of_kind, product_pods, references
from tests.deploy.kubernetes.merging import json_patch
from tests.deploy.kubernetes.rendering import render
from tests.deploy.kubernetes.shapes import SHAPES
from tests.deploy.kubernetes.test_schemas import VERSIONS
from tests.deploy.kubernetes.test_settings import SECRETS

PAGE = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
SELF_HOSTED, CLOUD = KUBERNETES / "overlays" / "self-hosted", KUBERNETES / "overlays" / "temporal-cloud"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables of a section, without their first lines."""
    section = re.search(rf"(?ms)^#+ {heading}\n(.*?)(?=^#+ |\Z)", PAGE)
    assert section, heading
    lines = re.findall(r"^\|(?!---)(.*)\|$", section[1], re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_policies_has_each_network_policy() -> None:
    named = {name for row in rows("Who may reach what")[1:] for name in names_in(row[3])}
    policies = {each["metadata"]["name"] for folder in INSTALLATIONS for each in of_kind(folder, "NetworkPolicy")}
    assert policies == named | {"default-deny"}


def test_the_table_of_sizes_has_what_each_container_requests() -> None:
    listed = {row[0]: row[1:3] for row in rows("Sizes")[1:]}
    sizes = {
        _component(each): [
            f"{_cores(resources[kind]['cpu'])} CPU, {resources[kind]['memory'].replace('Mi', ' MiB')}"
            for kind in ("requests", "limits")
        ]
        for each in of_kind(SELF_HOSTED, "Deployment", "Job")
        for resources in references(each, "resources")
    }
    assert {name: sizes[name] for name in listed} == listed


def test_the_table_of_deployments_has_their_replicas() -> None:
    listed = {names_in(row[0])[0]: int(row[2]) for row in rows("Kubernetes")[1:] if len(row) > 2 and row[2].isdigit()}
    deployed = {each["metadata"]["name"]: each["spec"]["replicas"] for each in of_kind(SELF_HOSTED, "Deployment")}
    assert listed == deployed


def test_the_table_of_scaling_has_the_numbers_of_each_scaled_object() -> None:
    listed = {
        names_in(row[0])[0]: (names_in(row[1]), [int(number) for number in re.findall(r"\d+", row[2])], row[3])
        for row in rows("Scaling")[1:]
    }
    (folder,) = (each for each in FULL if each.name == "self-hosted")
    scaled = {
        each["metadata"]["name"]: (
            [trigger["metadata"]["taskQueue"] for trigger in each["spec"]["triggers"]],
            [each["spec"]["minReplicaCount"], each["spec"]["maxReplicaCount"]],
            *{trigger["metadata"]["targetQueueSize"] for trigger in each["spec"]["triggers"]},
        )
        for each in of_kind(folder, "ScaledObject")
    }
    assert listed == scaled


@pytest.mark.parametrize("folder", INSTALLATIONS, ids=lambda folder: folder.name)
def test_the_table_of_secrets_has_each_key_that_is_read(folder: Path) -> None:
    keys = {name: set(names_in(row[1])) for row in rows("Secrets")[1:] for name in names_in(row[0])}
    for name, key in _keys_read(manifests_of(folder)):
        assert key in keys[name], name


def test_the_components_that_it_names_exist() -> None:
    named = re.findall(r"^  - \.\./\.\./(\S+)", PAGE, re.MULTILINE)
    assert named
    assert [name for name in named if not (KUBERNETES / name / "kustomization.yaml").exists()] == []


def test_an_api_key_takes_the_place_of_certificates_as_its_patch_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    folder = tmp_path / CLOUD.relative_to(ROOT)
    file, site = folder / "kustomization.yaml", folder / "site.env"
    kustomization = yaml.safe_load(file.read_text("utf-8"))
    targets = [
        {"kind": "Deployment", "name": "complaints-(worker|deliveries|reports|intake)"},
        {"kind": "Job", "name": "complaints-verification"},
    ]
    others = [each for each in kustomization["patches"] if each["path"] == "patches/site.yaml"]
    kustomization["patches"] = [*others, *({"path": "patches/api-key.yaml", "target": target} for target in targets)]
    file.write_text(yaml.safe_dump(kustomization))
    site.write_text(re.sub(r"(?m)^TEMPORAL_TLS_.*\n", "", site.read_text("utf-8")))
    manifests = render(folder)
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSIONS[0], strict=True)
    given = [each for each in references(manifests, "env") if any(one["name"] == "TEMPORAL_API_KEY" for one in each)]
    assert len(given) == len([pods for pods in product_pods(CLOUD) if "temporal" in str(pods.spec["volumes"])])
    assert "TEMPORAL_TLS" not in str(manifests)
    assert set(SECRETS) >= {"TEMPORAL_API_KEY"}


def test_its_patch_for_workers_by_the_clock_is_one_that_keda_knows() -> None:
    (example,) = re.findall(r"^  ```yaml\n(.*?)^  ```", PAGE, re.MULTILINE | re.DOTALL)
    (patch,) = yaml.safe_load(example)["patches"]
    (folder,) = (each for each in FULL if each.name == "self-hosted")
    (scaled,) = (
        each for each in of_kind(folder, patch["target"]["kind"]) if each["metadata"]["name"] == patch["target"]["name"]
    )
    changed = json_patch(scaled, yaml.safe_load(patch["patch"]))
    SHAPES["keda.sh/v1alpha1", "ScaledObject"].model_validate(changed["spec"])
    assert int(changed["spec"]["triggers"][-1]["metadata"]["desiredReplicas"]) <= changed["spec"]["maxReplicaCount"]


def test_the_verification_takes_a_policy_of_the_readers_own_with_the_settings(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(configMapGenerator:.*?)```", PAGE, re.DOTALL)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    folder = tmp_path / SELF_HOSTED.relative_to(ROOT)
    file = folder / "kustomization.yaml"
    kustomization = yaml.safe_load(file.read_text("utf-8"))
    kustomization["configMapGenerator"] += yaml.safe_load(example)["configMapGenerator"]
    file.write_text(yaml.safe_dump(kustomization))
    (folder / "ours.toml").write_text("")
    manifests = render(folder)
    (policy,) = (each for each in manifests if each["metadata"]["name"].startswith("complaints-policies"))
    assert policy["metadata"]["labels"]["app.kubernetes.io/component"] == "settings"
    assert policy["metadata"]["name"] in str(next(each for each in manifests if _component_of(each) == "verification"))


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_the_pod_for_commands_is_the_verifications_and_reaches_what_that_may() -> None:
    (program,) = re.findall(r"get job complaints-verification -o json \| jq '(.*?)' \|", PAGE, re.DOTALL)
    (job,) = (each for each in of_kind(SELF_HOSTED, "Job") if each["metadata"]["name"] == "complaints-verification")
    made = subprocess.run(["jq", program], input=json.dumps(job), capture_output=True, text=True, check=True)  # noqa: S603, S607 - the page's own
    commands = json.loads(made.stdout)
    kubernetes_validate.validate(commands, VERSIONS[0], strict=True)
    assert commands["spec"]["template"]["metadata"]["labels"] == job["spec"]["template"]["metadata"]["labels"]
    assert commands["spec"].keys() == {"backoffLimit", "template"}  # not suspended
    container = commands["spec"]["template"]["spec"]["containers"][0]
    assert container | {"command": []} == job["spec"]["template"]["spec"]["containers"][0] | {"command": []}


def test_all_but_the_gateway_stops_before_a_restore() -> None:
    deployments = of_kind(SELF_HOSTED, "Deployment")
    going_on = [
        each["metadata"]["name"]
        for each in deployments
        if each["metadata"]["labels"]["app.kubernetes.io/name"] != "complaints"
    ]
    assert going_on == ["temporal-gateway"]


def _component_of(manifest: dict[str, Any]) -> str | None:
    component: str | None = manifest["metadata"].get("labels", {}).get("app.kubernetes.io/component")
    return component


def _component(manifest: dict[str, Any]) -> str:
    labels = manifest["spec"]["template"]["metadata"]["labels"]
    name: str = labels.get("app.kubernetes.io/component", "gateway")
    return {"migration": "migrations"}.get(name, name)


def _cores(amount: str) -> str:
    return f"{int(amount[:-1]) / 1000:g}" if amount.endswith("m") else amount


def _keys_read(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for reference in [*references(manifests, "secretKeyRef"), *references(manifests, "apiKeySecretRef")]:
        yield reference["name"], reference["key"]
    for volume in references(manifests, "secret"):
        yield from ((volume.get("secretName") or volume["name"], item["key"]) for item in volume.get("items", []))
    for parameters in references(manifests, "secretTargetRef"):
        yield from ((each["name"], each["key"]) for each in parameters)
