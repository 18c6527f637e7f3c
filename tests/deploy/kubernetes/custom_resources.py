"""Shapes of the custom resources that we use, for which no Python package has schemas.

They hold just the fields that our manifests have, from the types of the Prometheus Operator (monitoring.coreos.com/v1),
KEDA 2.20 (keda.sh/v1alpha1) and Temporal's Worker Controller 1.7 (temporal.io/v1alpha1). Any other field is refused.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
Duration = Annotated[str, Field(pattern=r"^(\d+(ms|s|m|h|d))+$")]
Text = Annotated[str, Field(min_length=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Expression(_Shape):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = []


class Selector(_Shape):
    match_labels: dict[str, str] = {}
    match_expressions: list[Expression] = []


class Relabeling(_Shape):
    target_label: Text
    replacement: str


class Endpoint(_Shape):
    port: Name
    path: Annotated[str, Field(pattern="^/")] = "/metrics"
    interval: Duration
    relabelings: list[Relabeling] = []


class PodMonitor(_Shape):
    selector: Selector
    pod_metrics_endpoints: Annotated[list[Endpoint], Field(min_length=1)]


class ServiceMonitor(_Shape):
    selector: Selector
    endpoints: Annotated[list[Endpoint], Field(min_length=1)]


class Rule(_Shape):
    alert: Text | None = None
    record: Annotated[str, Field(pattern="^[a-zA-Z_:][a-zA-Z0-9_:]*$")] | None = None
    expr: Text
    for_: Annotated[Duration | None, Field(alias="for")] = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.alert is None) == (self.record is None):
            raise ValueError("a rule either alerts or records")
        if self.record and (self.for_ or self.annotations):
            raise ValueError("what records has neither `for` nor annotations")
        return self


class Group(_Shape):
    name: Text
    rules: list[Rule]


class PrometheusRule(_Shape):
    groups: list[Group]


Count = Annotated[str, Field(pattern=r"^\d+$")]


class TemporalTrigger(_Shape):
    """The metadata of KEDA's scaler `temporal`: all of them strings."""

    endpoint: Annotated[str, Field(pattern=r"^[a-z0-9.-]+:\d+$")]
    namespace: Text
    task_queue: Text
    queue_types: Annotated[str, Field(pattern="^(workflow|activity)(,(workflow|activity))*$")]
    target_queue_size: Count
    activation_target_queue_size: Count = "0"
    tls_server_name: str | None = None
    worker_deployment_name: Text | None = None
    worker_deployment_build_id: Text | None = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if (self.worker_deployment_name is None) != (self.worker_deployment_build_id is None):
            raise ValueError("workerDeploymentName goes with workerDeploymentBuildId")
        return self


class Reference(_Shape):
    name: Name


class Trigger(_Shape):
    type: Literal["temporal"]
    metadata: TemporalTrigger
    authentication_ref: Reference


class Policy(_Shape):
    type: Literal["Pods", "Percent"]
    value: Annotated[int, Field(gt=0)]
    period_seconds: Annotated[int, Field(gt=0, le=1800)]


class Scaling(_Shape):
    stabilization_window_seconds: Annotated[int, Field(ge=0, le=3600)]
    policies: list[Policy] = []


class Behavior(_Shape):
    scale_up: Scaling | None = None
    scale_down: Scaling | None = None


class HorizontalPodAutoscaler(_Shape):
    behavior: Behavior


class Advanced(_Shape):
    horizontal_pod_autoscaler_config: HorizontalPodAutoscaler


class Fallback(_Shape):
    failure_threshold: Annotated[int, Field(ge=0)]
    replicas: Annotated[int, Field(ge=0)]
    behavior: Literal["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"] = "static"


class ScaledObject(_Shape):
    scale_target_ref: Reference
    min_replica_count: Annotated[int, Field(ge=0)]
    max_replica_count: Annotated[int, Field(ge=1)]
    polling_interval: Annotated[int, Field(ge=1)] = 30
    cooldown_period: Annotated[int, Field(ge=0)] = 300
    fallback: Fallback | None = None
    advanced: Advanced | None = None
    triggers: Annotated[list[Trigger], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.min_replica_count > self.max_replica_count:
            raise ValueError("minReplicaCount is above maxReplicaCount")
        return self


class _NoTarget(_Shape):
    """An empty object, into which the controller writes the Deployment of a version."""


class ScaledVersion(ScaledObject):
    """A ScaledObject in a WorkerResourceTemplate."""

    scale_target_ref: _NoTarget  # type: ignore[assignment]  # the controller names it


class SecretParameter(_Shape):
    parameter: Literal["cert", "key", "ca", "apiKey"]
    name: Name
    key: Text


class TriggerAuthentication(_Shape):
    secret_target_ref: Annotated[list[SecretParameter], Field(min_length=1)]


class WorkerOptions(_Shape):
    connection_ref: Reference
    temporal_namespace: Text


class RolloutStep(_Shape):
    ramp_percentage: Annotated[int, Field(ge=1, le=99)]
    pause_duration: Duration


class Rollout(_Shape):
    strategy: Literal["Manual", "AllAtOnce", "Progressive"]
    steps: list[RolloutStep] = []

    @model_validator(mode="after")
    def _has_steps(self) -> Self:
        if (self.strategy == "Progressive") != bool(self.steps):
            raise ValueError("steps belong to Progressive")
        return self


class Sunset(_Shape):
    scaledown_delay: Duration
    delete_delay: Duration


class WorkerDeployment(_Shape):
    replicas: Annotated[int, Field(ge=0)] | None = None
    template: dict[str, Any]
    """Pods, which the schemas of Kubernetes check."""
    worker_options: WorkerOptions
    rollout: Rollout
    sunset: Sunset
    progress_deadline_seconds: Annotated[int, Field(gt=0)] = 600


class ApiKey(_Shape):
    name: Name
    key: Text


class Tls(_Shape):
    server_name: str | None = None
    ca_cert_secret_ref: Reference | None = None


class Connection(_Shape):
    host_port: Annotated[str, Field(pattern=r"^[a-zA-Z0-9.-]+:[0-9]+$")]
    tls: Tls | None = None
    mutual_t_l_s_secret_ref: Annotated[Reference | None, Field(alias="mutualTLSSecretRef")] = None
    api_key_secret_ref: Annotated[ApiKey | None, Field(alias="apiKeySecretRef")] = None

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if self.mutual_t_l_s_secret_ref and (self.api_key_secret_ref or (self.tls and self.tls.ca_cert_secret_ref)):
            raise ValueError("mutualTLSSecretRef has its own ca.crt, and goes with no API key")
        return self


class Template(_Shape):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["ScaledObject"]
    spec: ScaledVersion


class DisruptionSpec(_Shape):
    max_unavailable: Annotated[int, Field(ge=0)]
    unhealthy_pod_eviction_policy: Literal["AlwaysAllow", "IfHealthyBudget"] = "IfHealthyBudget"
    selector: dict[str, dict[str, str]]


class DisruptionTemplate(_Shape):
    api_version: Literal["policy/v1"]
    kind: Literal["PodDisruptionBudget"]
    spec: DisruptionSpec


class WorkerResourceTemplate(_Shape):
    worker_deployment_ref: Reference
    template: Annotated[Template | DisruptionTemplate, Field(discriminator="kind")]


SHAPES: dict[tuple[str, str], type[BaseModel]] = {
    ("monitoring.coreos.com/v1", "PodMonitor"): PodMonitor,
    ("monitoring.coreos.com/v1", "ServiceMonitor"): ServiceMonitor,
    ("monitoring.coreos.com/v1", "PrometheusRule"): PrometheusRule,
    ("keda.sh/v1alpha1", "ScaledObject"): ScaledObject,
    ("keda.sh/v1alpha1", "TriggerAuthentication"): TriggerAuthentication,
    ("temporal.io/v1alpha1", "WorkerDeployment"): WorkerDeployment,
    ("temporal.io/v1alpha1", "Connection"): Connection,
    ("temporal.io/v1alpha1", "WorkerResourceTemplate"): WorkerResourceTemplate,
}
"""The specifications by their versions and kinds."""
