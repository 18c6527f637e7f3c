"""The connections of ten workers are those of docs/kubernetes.md, and PostgreSQL has them."""

import re

import yaml

from codec.run import CONNECTIONS as CODEC_CONNECTIONS
from complaints.encryption.connections import CONNECTIONS as KEY_CONNECTIONS
from complaints.settings import CodecSettings, IntakeSettings, Settings, WorkerSettings
from tests.deploy.kubernetes.generated_files import KUBERNETES
from tests.deploy.kubernetes.manifests import FULL, Pods, environment_of, of_kind, product_pods
from tests.deploy.kubernetes.rendering import render
from tests.deploy.kubernetes.test_document import PAGE, SELF_HOSTED, rows
from tests.deploy.kubernetes.test_settings import SECRETS, settings_class
from worker.database_connections import COMMAND_CONNECTIONS, pools_of_worker

TEN = "complaints-worker"
SERVICES_OF_TEMPORAL = 5
"""The frontend, the internal frontend, history, matching and the worker."""


def section() -> list[list[str]]:
    """Return the rows of the table, whose lines are indented, as it is part of a step."""
    text = re.search(r"(?ms)^### Ten workers\n(.*?)(?=^#+ )", PAGE)
    assert text
    lines = re.findall(r"^ +\|(?!---)(.*)\|$", text[1], re.MULTILINE)
    return [[cell.strip(" `") for cell in line.split("|")] for line in lines][1:]


def connections_of(pods: Pods) -> int:
    settings: Settings = settings_class(pods).read({**environment_of(pods, SELF_HOSTED), **SECRETS})
    if isinstance(settings, WorkerSettings):
        return sum(pools_of_worker(settings).values())
    if isinstance(settings, IntakeSettings):
        return settings.intake_connections + KEY_CONNECTIONS
    assert isinstance(settings, CodecSettings)
    return CODEC_CONNECTIONS + KEY_CONNECTIONS


def most_pods() -> dict[str, int]:
    most = {each["metadata"]["name"]: each["spec"]["replicas"] for each in of_kind(SELF_HOSTED, "Deployment")}
    (folder,) = (each for each in FULL if each.name == "self-hosted")
    scaled = {each["metadata"]["name"]: each["spec"]["maxReplicaCount"] for each in of_kind(folder, "ScaledObject")}
    return {**most, **scaled, TEN: 10}


def test_its_table_counts_what_each_pod_takes() -> None:
    listed = {name: (most, int(each)) for name, most, each, _ in section() if name.startswith("complaints-")}
    deployed = {each.name: each for each in product_pods(SELF_HOSTED) if each.owner["kind"] == "Deployment"}
    most = most_pods()
    assert listed == {name: (f"{most[name]} + 1", connections_of(pods)) for name, pods in deployed.items()}


def test_its_table_adds_them_up_with_those_of_commands_and_of_temporal() -> None:
    counted = {name: int(total) for name, _, _, total in section()}
    for name, most, each, total in section():
        if name.startswith("complaints-"):
            assert (int(most.removesuffix(" + 1")) + 1) * int(each) == int(total)
    values = yaml.safe_load((KUBERNETES / "temporal" / "values.yaml").read_text("utf-8"))["server"]
    stores = values["config"]["persistence"]["datastores"].values()
    pods = SERVICES_OF_TEMPORAL * values["replicaCount"]
    assert counted["Temporal"] == pods * sum(store["sql"]["maxConns"] for store in stores)
    assert counted["commands"] == COMMAND_CONNECTIONS
    assert counted["all"] == sum(total for name, total in counted.items() if name != "all")


def test_the_records_cluster_allows_them() -> None:
    (cluster,) = (
        each
        for each in render(KUBERNETES / "postgresql")
        if each["kind"] == "Cluster" and each["metadata"]["name"] == "complaints"
    )
    counted = {name: int(total) for name, _, _, total in section()}
    allowed = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    assert counted["all"] <= allowed - 3
    assert f"which is {allowed}" in PAGE


def test_ten_is_more_than_the_table_of_scaling_has() -> None:
    (row,) = (row for row in rows("Scaling") if row[0] == f"`{TEN}`")
    assert int(row[2].split()[-1]) < most_pods()[TEN]
