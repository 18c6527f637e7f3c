"""The renderer does what `kubectl kustomize` does."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.kubernetes.generated_files import KUBERNETES
from tests.deploy.kubernetes.manifests import FULL, name_of_installation
from tests.deploy.kubernetes.merging import Manifest
from tests.deploy.kubernetes.rendering import RenderingError, render

OLDEST_KUSTOMIZE = 5
KUSTOMIZATIONS = sorted(
    path.parent
    for path in KUBERNETES.rglob("kustomization.yaml")
    if yaml.safe_load(path.read_text("utf-8"))["kind"] == "Kustomization"
)
EVERY_FEATURE = Path(__file__).parent / "every_feature"


def kustomize_version() -> int:
    """Return the major version of the kustomize in kubectl; 0: there is none."""
    if not shutil.which("kubectl"):
        return 0
    done = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, check=False)  # noqa: S607
    version = json.loads(done.stdout or "{}").get("kustomizeVersion", "v0")
    return int(version.removeprefix("v").partition(".")[0])


needs_kustomize = pytest.mark.skipif(
    kustomize_version() < OLDEST_KUSTOMIZE, reason="there is no kubectl with kustomize 5: Debian's has none so new"
)


def by_name(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {(each["kind"], each["metadata"]["name"]): each for each in manifests}


@needs_kustomize
@pytest.mark.parametrize("folder", [EVERY_FEATURE / "overlay", *KUSTOMIZATIONS, *FULL], ids=name_of_installation)
def test_both_render_the_same(folder: Path) -> None:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, check=False, text=True)  # noqa: S603, S607
    assert done.returncode == 0, done.stderr
    assert by_name(render(folder)) == by_name(list(yaml.safe_load_all(done.stdout)))


def test_an_overlay_merges_settings_and_lists_and_changes_images_labels_and_the_namespace() -> None:
    manifests = by_name(render(EVERY_FEATURE / "overlay"))
    (name,) = (name for kind, name in manifests if kind == "ConfigMap" and name.startswith("settings-"))
    assert manifests["ConfigMap", name]["data"] == {"A": "1", "B": "5", "C": "<a&b>", "D": "6"}
    worker = manifests["Deployment", "worker"]
    assert worker["metadata"]["namespace"] == "elsewhere"
    pods = worker["spec"]["template"]
    assert pods["metadata"]["labels"] == {"app": "worker", "part-of": "complaints"}
    (container,) = pods["spec"]["containers"]
    assert container["image"] == "registry.example.org/complaints:1.2"
    assert container["envFrom"] == [{"configMapRef": {"name": name}}]
    assert {each["name"]: each["value"] for each in container["env"]} == {"X": "1", "Y": "9", "Z": "3"}
    assert worker["spec"]["replicas"] == 3
    assert ("Service", "removed") not in manifests


@pytest.mark.parametrize("feature", [{"helmCharts": []}, {"labels": [{"pairs": {}, "includeSelectors": True}]}])
def test_a_feature_that_it_lacks_is_refused(feature: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("{apiVersion: v1, kind: Service, metadata: {name: a}}")
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["a.yaml"], **feature}))
    with pytest.raises(RenderingError, match=r"helmCharts|includeSelectors"):
        render(tmp_path)
