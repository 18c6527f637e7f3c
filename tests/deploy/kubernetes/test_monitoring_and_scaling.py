"""Prometheus sees every pod under the names of the alerts, and KEDA scales every task queue."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from activities.task_queues import delivery_queue, operations_queue, report_queue
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from tests.deploy.kubernetes.generated_files import KUBERNETES, ROOT
from tests.deploy.kubernetes.manifests import (
    FULL,
    Pods,
    all_pods,
    environment_of,
    name_of_installation,
    of_kind,
    product_pods,
    selected,
)
from tests.deploy.kubernetes.merging import Manifest
from tests.deploy.kubernetes.rendering import render
from tests.deploy.kubernetes.test_settings import SECRETS
from tests.deploy.test_gateway import policies, short
from worker.roles.served import roles_of

QUEUES: dict[WorkerRole, Callable[[str], str]] = {
    WorkerRole.COMPLAINTS: str,
    WorkerRole.OPERATIONS: operations_queue,
    WorkerRole.DELIVERIES: delivery_queue,
    WorkerRole.REPORTS: report_queue,
}
CALLS_OF_KEDA = {"GetSystemInfo", "DescribeTaskQueue", "DescribeWorkerDeploymentVersion"}
"""Of its scaler `temporal`: to connect, and to ask for the backlog of a queue or of a version's queue."""
SCALED_VERSIONS = {"complaints-worker", "complaints-deliveries"}
"""A version without pods never becomes current, so reports keep their pod."""

installation = pytest.mark.parametrize("folder", FULL, ids=name_of_installation)


@installation
def test_each_pod_with_metrics_is_scraped_once_under_the_job_of_the_alerts(folder: Path) -> None:
    scraped: list[tuple[str, str]] = []
    jobs: set[str] = set()
    for monitor in of_kind(folder, "PodMonitor"):
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        (job,) = (each["replacement"] for each in endpoint["relabelings"] if each["targetLabel"] == "job")
        jobs.add(job)
        scraped += [(pods.name, endpoint["port"]) for pods in selected(folder, monitor["spec"]["selector"])]
    assert sorted(scraped) == sorted((pods.name, "metrics") for pods in all_pods(folder) if "metrics" in pods.ports)
    rules = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8")
    assert jobs == set(re.findall(r'job="([^"]+)"', rules))


@installation
def test_the_alerts_of_the_cluster_are_those_of_prometheus(folder: Path) -> None:
    (rule,) = of_kind(folder, "PrometheusRule")
    assert rule["spec"] == yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8"))


@installation
def test_each_task_queue_of_a_deployment_scales_that_deployment(folder: Path) -> None:
    for pods in workers(folder):
        if (spec := scaling_of(folder, pods)) is None:
            assert pods.owner["kind"] == "WorkerDeployment"
            assert pods.name not in SCALED_VERSIONS
            continue
        environment = environment_of(pods, folder)
        settings = WorkerSettings.read({**environment, **SECRETS})
        triggers = [trigger["metadata"] for trigger in spec["triggers"]]
        assert sorted(each["taskQueue"] for each in triggers) == sorted(
            QUEUES[role](settings.task_queue) for role in roles_of(settings)
        )
        for name in (value for each in triggers for key, value in each.items() if key.endswith("FromEnv")):
            assert environment[name]
        assert "replicas" not in pods.owner["spec"]  # an apply would undo what KEDA has decided


@installation
def test_no_scaled_object_is_for_something_else(folder: Path) -> None:
    targets = [each["spec"]["scaleTargetRef"]["name"] for each in of_kind(folder, "ScaledObject")]
    targets += [each["spec"]["workerDeploymentRef"]["name"] for each in of_kind(folder, "WorkerResourceTemplate")]
    names = [pods.name for pods in workers(folder)]
    assert sorted(targets) == sorted(set(targets) & set(names))
    connections = {each["metadata"]["name"] for each in of_kind(folder, "Connection")}
    for each in of_kind(folder, "WorkerDeployment"):
        options = each["spec"]["workerOptions"]
        assert options["connectionRef"]["name"] in connections
        assert options["temporalNamespace"] == environment_of(Pods(each), folder)["TEMPORAL_NAMESPACE"]


@installation
def test_deadlines_and_letters_always_have_two_pods_and_nothing_scales_down_at_once(folder: Path) -> None:
    for pods in workers(folder):
        spec = scaling_of(folder, pods)
        if spec and pods.name in SCALED_VERSIONS:
            assert spec["minReplicaCount"] == spec["fallback"]["replicas"] == 2
            down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
            assert down["stabilizationWindowSeconds"] >= 300
            assert [policy["value"] for policy in down["policies"]] == [1]


@installation
def test_keda_signs_in_by_the_authentication_of_the_overlay(folder: Path) -> None:
    (authentication,) = of_kind(folder, "TriggerAuthentication")
    for pods in workers(folder):
        for trigger in (scaling_of(folder, pods) or {"triggers": []})["triggers"]:
            assert trigger["authenticationRef"]["name"] == authentication["metadata"]["name"]
    parameters = [each["parameter"] for each in authentication["spec"]["secretTargetRef"]]
    is_self_hosted = bool(
        [each for each in of_kind(folder, "Service") if each["metadata"]["name"] == "temporal-gateway"]
    )
    assert parameters == (["cert", "key", "ca"] if is_self_hosted else ["cert", "key"])
    if is_self_hosted:  # another namespace asks, in which a short name means nothing
        for pods in workers(folder):
            assert environment_of(pods, folder)["TEMPORAL_ADDRESS"] == "temporal-gateway.complaints.svc:7233"


def test_the_gateway_lets_keda_ask_by_the_pages_certificate() -> None:
    assert CALLS_OF_KEDA - short(policies()["page"]) == set()


def test_versions_scale_as_deployments_do() -> None:
    scaling = KUBERNETES / "scaling"
    deployments = {
        each["metadata"]["name"]: each["spec"]
        for each in yaml.safe_load_all((scaling / "deployments" / "scaled-objects.yaml").read_text("utf-8"))
    }
    templates = yaml.safe_load_all((scaling / "versions" / "templates.yaml").read_text("utf-8"))
    versions = {each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in templates}
    assert versions.keys() == SCALED_VERSIONS
    for name, spec in versions.items():
        assert _without_names(spec) == _without_names(deployments[name])


def workers(folder: Path) -> list[Pods]:
    return [pods for pods in product_pods(folder) if pods.container["command"][-2:] == ["worker", "run"]]


def scaling_of(folder: Path, pods: Pods) -> Manifest | None:
    """Return the specification of the ScaledObject of these pods; None: there is none."""
    found = [
        each["spec"] for each in of_kind(folder, "ScaledObject") if each["spec"]["scaleTargetRef"]["name"] == pods.name
    ]
    found += [
        each["spec"]["template"]["spec"]
        for each in of_kind(folder, "WorkerResourceTemplate")
        if each["spec"]["workerDeploymentRef"]["name"] == pods.name
    ]
    assert len(found) <= 1
    return found[0] if found else None


def _without_names(spec: Manifest) -> Manifest:
    """Leave out what the Worker Controller gives."""
    names = {"namespace", "namespaceFromEnv", "workerDeploymentName", "workerDeploymentBuildId"}
    triggers = [
        {**trigger, "metadata": {key: value for key, value in trigger["metadata"].items() if key not in names}}
        for trigger in spec["triggers"]
    ]
    return {**spec, "scaleTargetRef": {}, "triggers": triggers}


def test_versions_scale_by_the_component_in_their_own_folder_behind_the_workers(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    folder = tmp_path / "deploy" / "kubernetes" / "versioned" / "self-hosted"
    file = folder / "kustomization.yaml"
    kustomization = yaml.safe_load(file.read_text("utf-8"))
    kustomization["components"] += ["../../scaling/versions", "../../scaling/self-hosted"]
    file.write_text(yaml.safe_dump(kustomization))
    manifests = render(folder)
    replicas = {each["metadata"]["name"]: each["spec"] for each in manifests if each["kind"] == "WorkerDeployment"}
    assert {name for name, spec in replicas.items() if "replicas" not in spec} == SCALED_VERSIONS
    assert not [each for each in manifests if each["kind"] == "ScaledObject"]
