"""Commands, ports, probes and times of pods agree with the processes that they run."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

import codec.app
import codec.run
import starter.api.app
import starter.run
from complaints.runtime.draining import Drain
from complaints.runtime.http_server import FLUSH_SECONDS
from complaints.settings import CodecSettings, IntakeSettings, Settings, WorkerSettings
from starter.api.health import HealthEndpoints
from tests.deploy.kubernetes.generated_files import ROOT
from tests.deploy.kubernetes.manifests import (
    INSTALLATIONS,
    Pods,
    all_pods,
    environment_of,
    name_of_installation,
    of_kind,
    product_pods,
    references,
    selected,
)
from tests.deploy.kubernetes.merging import Manifest
from tests.deploy.kubernetes.test_settings import settings_class
from worker.__main__ import _parser
from worker.composition import DRAINING_TIMEOUT
from worker.delivery.outbox import DRAINING_SECONDS
from worker.observability.health import Health

ADDRESSES: dict[type[Settings], dict[str, str]] = {
    WorkerSettings: {"health": "http", "metrics": "metrics"},
    IntakeSettings: {"http": "intake", "metrics": "intake_metrics"},
    CodecSettings: {"http": "codec"},
}
"""The settings with the addresses of a process, by the names of its ports."""
DRAINING: dict[type[Settings], float] = {
    WorkerSettings: DRAINING_TIMEOUT.total_seconds() + DRAINING_SECONDS,
    IntakeSettings: starter.run.FINISH_SECONDS + FLUSH_SECONDS,
    CodecSettings: codec.run.FINISH_SECONDS + FLUSH_SECONDS,
}
"""Seconds that a process takes at most, from SIGTERM on."""
OWN_SECONDS = 5
"""For what a process does before and after it drains."""
STARTUP_SECONDS = 60
"""As in docker-compose.yml."""
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")

installation = pytest.mark.parametrize("folder", INSTALLATIONS, ids=name_of_installation)


def servers(folder: Path) -> list[Pods]:
    """Return the pods that serve until SIGTERM."""
    return [pods for pods in product_pods(folder) if pods.owner["kind"] != "Job"]


def read(pods: Pods, folder: Path) -> Settings:
    """Read the settings of a pod, without those from Secrets."""
    environment = environment_of(pods, folder)
    return settings_class(pods).read({name: value for name, value in environment.items() if "secret:" not in value})


@pytest.fixture(name="paths")
def paths_of_processes(monkeypatch: pytest.MonkeyPatch) -> dict[type[Settings], set[str]]:
    """The paths at which each process answers without a key, asked from its app."""
    monkeypatch.setattr(starter.api.app, "ROUTES", ())
    health = HealthEndpoints({}, cast("Any", None), Drain())
    context = cast("Any", SimpleNamespace(authorizer=SimpleNamespace(require_staff=lambda: None)))
    apps: dict[type[Settings], Starlette] = {
        WorkerSettings: Health(cast("Any", None), cast("Any", None)).app(),
        IntakeSettings: starter.api.app.make_app(context, health),
        CodecSettings: codec.app.make_app(context, health),
    }
    return {
        settings: {route.path for route in app.routes if isinstance(route, Route) and "GET" in (route.methods or ())}
        for settings, app in apps.items()
    }


@installation
def test_a_command_is_an_entry_point_and_takes_its_arguments(folder: Path) -> None:
    for pods in product_pods(folder):
        command: list[str] = [*pods.container["command"], *pods.container.get("args", [])]
        python, flag, module, *arguments = command
        assert (python, flag) == ("python", "-m")
        assert find_spec(f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module)
        if module == "worker":
            assert _parser().parse_args(arguments).command == arguments[0]
        else:
            assert arguments == []


@installation
def test_each_port_is_where_its_process_listens_and_each_address_has_a_port(folder: Path) -> None:
    for pods in servers(folder):
        addresses = {port: getattr(read(pods, folder), name) for port, name in ADDRESSES[settings_class(pods)].items()}
        assert pods.ports == {port: address.port for port, address in addresses.items()}
        assert {address.host for address in addresses.values()} == {"0.0.0.0"}  # noqa: S104 - of a pod


@installation
def test_each_probe_asks_a_path_that_its_process_answers(folder: Path, paths: dict[type[Settings], set[str]]) -> None:
    for pods in servers(folder):
        probes = {name: pods.container[name]["httpGet"] for name in PROBES}
        settings = settings_class(pods)
        for probe in probes.values():
            assert probe["path"] in paths[settings]
            assert ADDRESSES[settings][probe["port"]] in ("http", "intake", "codec")
        assert probes["livenessProbe"]["path"] == "/healthz"  # no restart makes a server available
        startup = pods.container["startupProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= STARTUP_SECONDS


@installation
def test_a_pod_has_the_time_that_its_process_takes_to_drain(folder: Path) -> None:
    for pods in servers(folder):
        before = pods.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        drained: int = getattr(read(pods, folder), "drain_seconds", 0)
        needed = before + drained + DRAINING[settings_class(pods)] + OWN_SECONDS
        assert pods.spec["terminationGracePeriodSeconds"] >= needed, pods.name


@installation
def test_a_service_sends_to_a_port_of_its_pods_and_the_ingress_to_a_port_of_a_service(folder: Path) -> None:
    services = {each["metadata"]["name"]: each for each in of_kind(folder, "Service") if "selector" in each["spec"]}
    for service in services.values():
        pods = selected(folder, {"matchLabels": service["spec"]["selector"]})
        assert pods
        for port, each in ((port, each) for port in service["spec"]["ports"] for each in pods):
            assert port["targetPort"] in each.ports
    for backend in references(of_kind(folder, "Ingress"), "service"):
        ports = {port["name"] for port in services[backend["name"]]["spec"]["ports"]}
        assert backend["port"]["name"] in ports


@installation
def test_a_network_policy_opens_by_number_only_ports_that_its_pods_have(folder: Path) -> None:
    """Some network plug-ins take no port by its name."""
    for policy in of_kind(folder, "NetworkPolicy"):
        pods = selected(folder, policy["spec"]["podSelector"])
        theirs = {port for each in pods for port in each.ports.values()}
        opened = {port["port"] for rule in policy["spec"].get("ingress", []) for port in rule["ports"]}
        assert not pods or opened <= theirs, policy["metadata"]["name"]


@installation
def test_every_port_is_open_to_somebody(folder: Path) -> None:
    for pods in all_pods(folder):
        opened = {
            port["port"]
            for policy in _policies_of(folder, pods, "ingress")
            for rule in policy["spec"].get("ingress", [])
            for port in rule["ports"]
        }
        # The kubelet asks for its health.
        assert {number for name, number in pods.ports.items() if name != "health"} <= opened, pods.name


@installation
def test_pods_may_reach_the_servers_of_their_settings(folder: Path) -> None:
    for pods in product_pods(folder):
        reached = {
            port["port"]
            for policy in _policies_of(folder, pods, "egress")
            for rule in policy["spec"]["egress"]
            for port in rule["ports"]
        }
        environment = environment_of(pods, folder)
        settings = settings_class(pods)
        urls = [environment.get("COMPLAINTS_DATABASE_URL"), environment.get("COMPLAINTS_KEYS_URL")]
        needed = {int(found[1]) for url in urls if url and (found := re.search(r":(\d+)/", url))} | {53}
        if settings in (WorkerSettings, IntakeSettings):
            needed.add(int(environment["TEMPORAL_ADDRESS"].rpartition(":")[2]))
        assert needed <= reached, pods.name


def _policies_of(folder: Path, pods: Pods, direction: str) -> Iterator[Manifest]:
    for policy in of_kind(folder, "NetworkPolicy"):
        if pods in selected(folder, policy["spec"]["podSelector"]) and direction in policy["spec"]:
            yield policy
