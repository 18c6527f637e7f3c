"""The installations that are checked, and what their pods have."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.kubernetes.generated_files import KUBERNETES
from tests.deploy.kubernetes.merging import Manifest
from tests.deploy.kubernetes.rendering import containers_of, pod_spec_of, render

OVERLAYS = sorted(path.parent for path in (KUBERNETES / "overlays").glob("*/kustomization.yaml"))
FULL = sorted(path.parent for path in (Path(__file__).parent / "installations").glob("*/kustomization.yaml"))
"""Each overlay with every component that can be added to it."""
INSTALLATIONS = [*OVERLAYS, *FULL]
PRODUCT = "complaints"
"""The container of the product's own image."""


def name_of_installation(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def parts_of(folder: Path) -> Iterator[Path]:
    """Yield the folder and all that its kustomization takes in."""
    yield folder
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    for name in [*kustomization.get("resources", []), *kustomization.get("components", [])]:
        if (path := (folder / name).resolve()).is_dir():
            yield from parts_of(path)


@cache
def manifests_of(folder: Path) -> list[Manifest]:
    return render(folder)


def of_kind(folder: Path, *kinds: str) -> list[Manifest]:
    return [each for each in manifests_of(folder) if each["kind"] in kinds]


@dataclass(frozen=True)
class Pods:
    """The pods of a Deployment, a WorkerDeployment or a Job."""

    owner: Manifest

    @property
    def name(self) -> str:
        return str(self.owner["metadata"]["name"])

    @property
    def labels(self) -> dict[str, str]:
        labels: dict[str, str] = self.owner["spec"]["template"]["metadata"]["labels"]
        return labels

    @property
    def spec(self) -> Manifest:
        spec = pod_spec_of(self.owner)
        assert spec
        return spec

    @property
    def is_product(self) -> bool:
        return any(container["name"] == PRODUCT for container in containers_of(self.owner))

    @property
    def container(self) -> Manifest:
        (container,) = (each for each in containers_of(self.owner) if each["name"] == PRODUCT)
        return container

    @property
    def ports(self) -> dict[str, int]:
        return {
            port["name"]: port["containerPort"] for each in containers_of(self.owner) for port in each.get("ports", [])
        }


def all_pods(folder: Path) -> list[Pods]:
    return [Pods(each) for each in manifests_of(folder) if pod_spec_of(each)]


def product_pods(folder: Path) -> list[Pods]:
    return [each for each in all_pods(folder) if each.is_product]


def environment_of(pods: Pods, folder: Path) -> dict[str, str]:
    """Return the variables of the product's container; one of a Secret has `secret:NAME/KEY`."""
    config_maps = {each["metadata"]["name"]: each["data"] for each in of_kind(folder, "ConfigMap")}
    found: dict[str, str] = {}
    for source in pods.container.get("envFrom", []):
        found |= config_maps[source["configMapRef"]["name"]]
    for variable in pods.container.get("env", []):
        found[variable["name"]] = variable["value"] if "value" in variable else _from_secret(variable["valueFrom"])
    return found


def _from_secret(source: Manifest) -> str:
    reference = source["secretKeyRef"]
    return f"secret:{reference['name']}/{reference['key']}"


def references(value: Any, key: str) -> Iterator[Any]:
    """Yield each value of `key`, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from references(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from references(item, key)


def selected(folder: Path, selector: Manifest) -> list[Pods]:
    """Return the pods that a selector of labels chooses; an empty one chooses all."""
    return [pods for pods in all_pods(folder) if _matches(pods.labels, selector)]


def _matches(labels: dict[str, str], selector: Manifest) -> bool:
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()
