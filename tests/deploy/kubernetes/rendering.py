"""Render a kustomization with the features of Kustomize that we use, and refuse all others.

`kubectl kustomize` does the same where it is new enough; a test holds both equal. Without it, this alone is rendered.
"""

import hashlib
import json
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.kubernetes.merging import DIRECTIVE, Manifest, json_patch, strategic_merge

UNDERSTOOD = {
    *("apiVersion", "kind", "resources", "components", "configMapGenerator", "generatorOptions"),
    *("patches", "namespace", "labels", "images", "configurations"),
}
OWN_GROUPS = {"", "apps", "batch", "policy", "autoscaling"}
"""API groups of Kubernetes' own, besides those that end in `k8s.io`."""
WORKLOADS = {"Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Pod"}
"""Kinds in which Kustomize corrects the names of ConfigMaps, and labels the pods."""
WITHOUT_NAMESPACE = {"Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PriorityClass"}
HASH_LETTERS = str.maketrans("013ae", "ghkmt")
HASH_LENGTH = 10


class RenderingError(Exception):
    """A kustomization has something that this renderer does not understand."""


@dataclass
class _Resource:
    manifest: Manifest
    is_hashed: bool = False
    """Whether its name gets a hash of its content, so that a change of it restarts its pods."""
    has_names: bool = False
    """Whether `configurations` say that this kind has names of ConfigMaps to correct."""

    @property
    def key(self) -> tuple[str, str]:
        return self.manifest["kind"], self.manifest["metadata"]["name"]


def render(folder: Path) -> list[Manifest]:
    """Return the manifests of the kustomization in `folder`. Raises RenderingError."""
    resources = _build(folder, [])
    for each in [resource for resource in resources if resource.is_hashed]:
        _add_hash(each, resources)
    return [each.manifest for each in resources]


def _build(folder: Path, before: list[_Resource]) -> list[_Resource]:
    """Build a folder. `before`: for a component, what it changes; for a kustomization, nothing."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    if unknown := kustomization.keys() - UNDERSTOOD:
        raise RenderingError(f"{folder.name}: {', '.join(sorted(unknown))}: not understood; add it to the renderer")
    resources = [*before]
    for name in kustomization.get("resources", []):
        _add(resources, _load(folder / name))
    for name in kustomization.get("components", []):
        resources = _build(folder / name, resources)
    options = kustomization.get("generatorOptions", {})
    for generator in kustomization.get("configMapGenerator", []):
        _generate(resources, folder, generator, {**options, **generator.get("options", {})})
    for patch in kustomization.get("patches", []):
        resources = _patch(resources, folder, patch)
    named = _kinds_with_names(folder, kustomization)
    for each in resources:
        _change(each.manifest, kustomization)
        each.has_names = each.has_names or each.manifest["kind"] in named
    return resources


def _kinds_with_names(folder: Path, kustomization: dict[str, Any]) -> set[str]:
    """Return the kinds of others in which the names of ConfigMaps are to be corrected."""
    files = [yaml.safe_load((folder / name).read_text("utf-8")) for name in kustomization.get("configurations", [])]
    if unknown := {key for file in files for key in file} - {"nameReference"}:
        raise RenderingError(f"configurations: {', '.join(unknown)}: not understood; add it to the renderer")
    references = [each for file in files for each in file["nameReference"] if each["kind"] == "ConfigMap"]
    return {spec["kind"] for each in references for spec in each["fieldSpecs"]}


def _load(path: Path) -> list[_Resource]:
    if path.is_dir():
        return _build(path, [])
    return [_Resource(document) for document in yaml.safe_load_all(path.read_text("utf-8")) if document]


def _add(resources: list[_Resource], more: list[_Resource]) -> None:
    known = {each.key for each in resources}
    for each in more:
        if each.key in known:
            raise RenderingError(f"{' '.join(each.key)}: there twice; keep one")
    resources += more


def _generate(resources: list[_Resource], folder: Path, generator: dict[str, Any], options: dict[str, Any]) -> None:
    data: dict[str, str] = {}
    for name in generator.get("envs", []):
        data |= read_env_file((folder / name).read_text("utf-8"))
    for entry in generator.get("files", []):
        key, _, name = entry.rpartition("=")
        data[key or Path(name).name] = (folder / name).read_text("utf-8")
    data |= dict(literal.split("=", 1) for literal in generator.get("literals", []))
    key, behavior = ("ConfigMap", generator["name"]), generator.get("behavior", "create")
    if behavior == "create":
        metadata = {"name": generator["name"], **({"labels": options["labels"]} if "labels" in options else {})}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        _add(resources, [_Resource(manifest, is_hashed=not options.get("disableNameSuffixHash", False))])
        return
    (old,) = (each for each in resources if each.key == key)
    old.manifest["data"] = {**(old.manifest["data"] if behavior == "merge" else {}), **data}


def read_env_file(text: str) -> dict[str, str]:
    """Read lines of NAME=VALUE; others are empty or comments."""
    lines = (line.lstrip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _patch(resources: list[_Resource], folder: Path, entry: dict[str, Any]) -> list[_Resource]:
    text = entry["patch"] if "patch" in entry else (folder / entry["path"]).read_text("utf-8")
    for patch in yaml.safe_load_all(text):
        target = entry.get("target") or {"kind": patch["kind"], "name": patch["metadata"]["name"]}
        chosen = [each for each in resources if _is_target(each.manifest, target)]
        if not chosen and "target" not in entry:
            raise RenderingError(f"{folder.name}: a patch of {target}: there is none; correct its name")
        for each in chosen:
            if isinstance(patch, list):
                each.manifest = json_patch(each.manifest, patch)
            elif patch.get(DIRECTIVE) == "delete":
                resources = [other for other in resources if other is not each]
            else:
                named = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind")}
                named["metadata"] = {key: value for key, value in patch.get("metadata", {}).items() if key != "name"}
                each.manifest = strategic_merge(each.manifest, named, is_core=_is_core(each.manifest))
    return resources


def _is_target(manifest: Manifest, target: dict[str, str]) -> bool:
    """Return whether the manifest is meant. Kind and name are patterns of the whole value."""
    if unknown := target.keys() - {"kind", "name", "labelSelector", "group", "version"}:
        raise RenderingError(f"target: {', '.join(unknown)}: not understood; add it to the renderer")
    group, _, version = manifest["apiVersion"].rpartition("/")
    values = {"kind": manifest["kind"], "name": manifest["metadata"]["name"], "group": group, "version": version}
    labels = manifest["metadata"].get("labels", {})
    return all(re.fullmatch(target[name], value) for name, value in values.items() if name in target) and all(
        _has_label(labels, part) for part in target.get("labelSelector", "").split(",") if part
    )


def _has_label(labels: dict[str, str], selector: str) -> bool:
    if found := re.fullmatch(r"\s*(\S+)\s+in\s+\(([^)]*)\)\s*", selector):
        raise RenderingError(f"labelSelector: {found[0]}: not understood; use name=value")
    name, equals, value = selector.strip().partition("=")
    return labels.get(name) == value if equals else name in labels


def _is_core(manifest: Manifest) -> bool:
    group = manifest["apiVersion"].rpartition("/")[0]
    return group in OWN_GROUPS or group.endswith(".k8s.io")


def _change(manifest: Manifest, kustomization: dict[str, Any]) -> None:
    if namespace := kustomization.get("namespace"):
        _set_namespace(manifest, namespace)
    for labels in kustomization.get("labels", []):
        _add_labels(manifest, labels)
    for image in kustomization.get("images", []):
        _set_image(manifest, image)


def _set_namespace(manifest: Manifest, namespace: str) -> None:
    if manifest["kind"] == "Namespace":
        manifest["metadata"]["name"] = namespace
    elif manifest["kind"] not in WITHOUT_NAMESPACE:
        manifest["metadata"]["namespace"] = namespace


def _add_labels(manifest: Manifest, labels: dict[str, Any]) -> None:
    if unknown := labels.keys() - {"pairs", "includeTemplates", "includeSelectors"}:
        raise RenderingError(f"labels: {', '.join(unknown)}: not understood; add it to the renderer")
    if labels.get("includeSelectors"):
        raise RenderingError("labels: includeSelectors: selectors must not change; write their labels into manifests")
    manifest["metadata"].setdefault("labels", {}).update(labels["pairs"])
    if labels.get("includeTemplates") and manifest["kind"] in WORKLOADS - {"Pod"}:
        manifest["spec"]["template"].setdefault("metadata", {}).setdefault("labels", {}).update(labels["pairs"])


def _set_image(manifest: Manifest, image: dict[str, str]) -> None:
    for container in containers_of(manifest):
        found = re.fullmatch(r"(.+?)(:[\w.-]+)?(@sha256:[0-9a-f]+)?", container["image"])
        assert found
        if found[1] != image["name"]:
            continue
        name, tag, digest = image.get("newName", found[1]), found[2] or "", found[3] or ""
        if "newTag" in image or "digest" in image:
            tag = f":{image['newTag']}" if "newTag" in image else ""
            digest = f"@{image['digest']}" if "digest" in image else ""
        container["image"] = name + tag + digest


def containers_of(manifest: Manifest) -> list[Manifest]:
    """Return all containers of the manifest's pods, those that run first included."""
    spec = pod_spec_of(manifest) or {}
    return [*spec.get("initContainers", []), *spec.get("containers", [])]


def pod_spec_of(manifest: Manifest) -> Manifest | None:
    """Return the pods' specification; None: it makes no pods."""
    template = manifest.get("spec", {}).get("template", {})
    spec: Manifest | None = template.get("spec") if isinstance(template, dict) else None
    return spec if spec and "containers" in spec else None


def _add_hash(resource: _Resource, resources: list[_Resource]) -> None:
    manifest = resource.manifest
    name = manifest["metadata"]["name"]
    content = {"data": manifest["data"], "kind": "ConfigMap", "name": ""}  # Kustomize hashes it without its name
    hashed = hashlib.sha256(_go_json(content).encode()).hexdigest()
    manifest["metadata"]["name"] = f"{name}-{hashed[:HASH_LENGTH].translate(HASH_LETTERS)}"
    for each in resources:
        if each.has_names or each.manifest["kind"] in WORKLOADS:
            each.manifest = _with_name(deepcopy(each.manifest), name, manifest["metadata"]["name"])


def _go_json(content: dict[str, Any]) -> str:
    """Return JSON as Go writes it, whose hash Kustomize takes."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _with_name(value: Any, old: str, new: str) -> Any:
    """Correct each reference to a ConfigMap."""
    if isinstance(value, list):
        return [_with_name(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_name(item, old, new) for key, item in value.items()}
    for key in ("configMapRef", "configMapKeyRef", "configMap"):
        if isinstance(changed.get(key), dict) and changed[key].get("name") == old:
            changed[key]["name"] = new
    return changed
