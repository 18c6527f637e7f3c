"""Every manifest is what Kubernetes, or the product that reads it, expects."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from pydantic import ValidationError

from tests.deploy.kubernetes.generated_files import KUBERNETES, ROOT
from tests.deploy.kubernetes.manifests import INSTALLATIONS, manifests_of, name_of_installation, parts_of, references
from tests.deploy.kubernetes.merging import Manifest
from tests.deploy.kubernetes.shapes import SHAPES

OLDEST = "1.31"
"""Of docs/kubernetes.md."""
VERSIONS = (OLDEST, kubernetes_validate.latest_version().removesuffix(".0"))
CHECKED = [*INSTALLATIONS, *(KUBERNETES / name for name in ("certificates", "postgresql", "temporal"))]
METADATA = {"name", "namespace", "labels", "annotations"}

installation = pytest.mark.parametrize("folder", CHECKED, ids=name_of_installation)


def check_custom(manifest: Manifest, shape: type[Any]) -> None:
    """Check the specification, as well as what every manifest has. Raises ValidationError."""
    assert manifest.keys() == {"apiVersion", "kind", "metadata", "spec"}
    assert manifest["metadata"].keys() <= METADATA
    shape.model_validate(manifest["spec"])


def as_core(manifest: Manifest) -> Manifest:
    """Return what Kubernetes' own schemas can check: of a WorkerDeployment, its pods."""
    template = {"metadata": manifest["metadata"], "spec": manifest["spec"]["template"]["spec"]}
    spec = {"selector": {"matchLabels": {}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": manifest["metadata"], "spec": spec}


@cache
def validate(manifest: str, version: str) -> None:
    """Validate JSON strictly, once: most manifests are the same in several installations."""
    assert kubernetes_validate.validate(json.loads(manifest), version, strict=True) == version


@installation
@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_every_manifest_and_field(folder: Path, version: str) -> None:
    for manifest in manifests_of(folder):
        is_custom = (manifest["apiVersion"], manifest["kind"]) in SHAPES
        if manifest["kind"] == "WorkerDeployment" or not is_custom:
            validate(json.dumps(as_core(manifest) if is_custom else manifest), version)


@installation
def test_a_custom_resource_has_the_fields_that_its_product_knows(folder: Path) -> None:
    for manifest in manifests_of(folder):
        if shape := SHAPES.get((manifest["apiVersion"], manifest["kind"])):
            check_custom(manifest, shape)


@installation
def test_no_two_manifests_have_the_same_name(folder: Path) -> None:
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in manifests_of(folder)
    ]
    assert len(set(names)) == len(names)


@installation
def test_names_labels_and_ports_are_written_as_kubernetes_wants_them(folder: Path) -> None:
    """Its schemas do not say so: the server would refuse the manifest."""
    for manifest in manifests_of(folder):
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", manifest["metadata"]["name"])
        for labels in [*references(manifest, "labels"), *references(manifest, "matchLabels")]:
            for name, value in labels.items():
                assert re.fullmatch(r"([a-z0-9.-]+/)?[A-Za-z0-9][\w.-]{0,61}[A-Za-z0-9]", name)
                assert re.fullmatch(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", value)
        for ports in references(manifest.get("spec", {}), "ports"):
            for port in ports:
                name = str(port.get("name", port.get("port", "")))
                assert name.isdecimal() or re.fullmatch(r"(?!.*--)[a-z0-9-]{1,15}", name)
                assert port.get("name") is None or re.search("[a-z]", name)


def test_an_unknown_field_or_a_wrong_type_is_refused() -> None:
    manifest = manifests_of(INSTALLATIONS[0])[0]
    with pytest.raises(kubernetes_validate.ValidationError, match="unexpected"):
        kubernetes_validate.validate({**manifest, "unknown": 1}, VERSIONS[0], strict=True)
    with pytest.raises(ValidationError, match="Extra inputs"):
        SHAPES["keda.sh/v1alpha1", "TriggerAuthentication"].model_validate({"secretTargetRef": [], "unknown": 1})


def test_the_document_names_the_oldest_version_that_is_checked() -> None:
    assert f"| Kubernetes {OLDEST} or newer |" in (ROOT / "docs" / "kubernetes.md").read_text("utf-8")


def test_every_folder_of_manifests_is_checked() -> None:
    """What is neither an installation nor a part of one would not be rendered here."""
    folders = {path.parent for path in KUBERNETES.rglob("kustomization.yaml")}
    used = {folder for installation in CHECKED for folder in parts_of(installation)}
    assert folders - used == set()
