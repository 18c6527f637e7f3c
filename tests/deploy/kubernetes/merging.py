"""Patches of Kustomize: strategic merges and JSON patches (RFC 6902)."""

from copy import deepcopy
from typing import Any

Manifest = dict[str, Any]

MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "topologySpreadConstraints": "topologyKey",
    "hostAliases": "ip",
}
"""Lists of Kubernetes' own kinds that are merged by a key. `ports` have one key in pods and another in Services."""
DIRECTIVE = "$patch"


def strategic_merge(manifest: Manifest, patch: Manifest, *, is_core: bool) -> Manifest:
    """Return the manifest with the patch merged in.

    `is_core`: of a kind of Kubernetes' own. Lists of other kinds are replaced, as nothing says how to merge them.
    """
    return _merge_maps(manifest, patch, is_core)


def _merge_maps(old: Manifest, patch: Manifest, is_core: bool) -> Manifest:
    if patch.get(DIRECTIVE) == "replace":
        return {name: value for name, value in patch.items() if name != DIRECTIVE}
    merged = deepcopy(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            below = merged.get(name)
            merged[name] = _merge_maps(below if isinstance(below, dict) else {}, value, is_core)
        elif isinstance(value, list) and is_core and (key := _merge_key(name, value)) and merged.get(name):
            merged[name] = _merge_lists(merged[name], value, key)
        else:
            merged[name] = deepcopy(value)
    return merged


def _merge_key(name: str, items: list[Any]) -> str | None:
    if name == "ports":
        return "containerPort" if any("containerPort" in item for item in items) else "port"
    return MERGE_KEYS.get(name)


def _merge_lists(old: list[Manifest], patch: list[Manifest], key: str) -> list[Manifest]:
    """Merge the items with the same key. Those of the patch come first, as Kustomize has them."""
    by_key = {item.get(key): item for item in old}
    deleted = {item[key] for item in patch if item.get(DIRECTIVE) == "delete"}
    merged = [_merge_maps(by_key.get(item[key], {}), item, True) for item in patch if item[key] not in deleted]
    named = {item[key] for item in patch}
    return [*merged, *(item for item in old if item.get(key) not in named)]


def json_patch(manifest: Manifest, operations: list[dict[str, Any]]) -> Manifest:
    """Return the manifest after `add`, `replace` and `remove`. Raises KeyError for a wrong path."""
    patched = deepcopy(manifest)
    for each in operations:
        *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in each["path"].split("/")[1:]]
        place: Any = patched
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        _change(place, last, each)
    return patched


def _change(place: Any, last: str, operation: dict[str, Any]) -> None:
    kind, value = operation["op"], deepcopy(operation.get("value"))
    if kind not in ("add", "replace", "remove"):
        raise ValueError(f"op: {kind} is not understood; use add, replace or remove")
    if isinstance(place, list) and kind == "add":
        place.insert(len(place) if last == "-" else int(last), value)
        return
    at: Any = int(last) if isinstance(place, list) else last
    if kind != "add":
        place[at]  # what is not there is neither replaced nor removed
    if kind == "remove":
        del place[at]
    else:
        place[at] = value
