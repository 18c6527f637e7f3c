"""KEDA 2.20, keda.sh/v1alpha1."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tests.deploy.kubernetes.shapes.base import Name, Reference, Shape, Text

Count = Annotated[str, Field(pattern=r"^\d+$")]
CronTime = Annotated[str, Field(pattern=r"^[\d*,/-]+( [\d*,/-]+){4}$")]


class TemporalTrigger(Shape):
    """The metadata of KEDA's scaler `temporal`: all of them strings."""

    endpoint_from_env: Literal["TEMPORAL_ADDRESS"]
    namespace_from_env: Literal["TEMPORAL_NAMESPACE"] | None = None
    task_queue: Text
    queue_types: Annotated[str, Field(pattern="^(workflow|activity)(,(workflow|activity))*$")]
    target_queue_size: Count
    include_running_workflow_count: Literal["false"]
    """With `true`, KEDA 2.20 adds each running workflow to the backlog."""
    namespace: Literal[""] | None = None
    worker_deployment_name: Literal[""] | None = None
    worker_deployment_build_id: Literal[""] | None = None

    @model_validator(mode="after")
    def _has_a_namespace(self) -> Self:
        by_the_controller = {self.namespace, self.worker_deployment_name, self.worker_deployment_build_id}
        if by_the_controller != ({None} if self.namespace_from_env else {""}):
            raise ValueError("the namespace is of the pod; or the controller gives it, with name and build id")
        return self


class Trigger(Shape):
    type: Literal["temporal"]
    metadata: TemporalTrigger
    authentication_ref: Reference


class Cron(Shape):
    """The metadata of KEDA's scaler `cron`."""

    timezone: Text
    start: CronTime
    end: CronTime
    desired_replicas: Count


class CronTrigger(Shape):
    type: Literal["cron"]
    metadata: Cron


class Policy(Shape):
    type: Literal["Pods", "Percent"]
    value: Annotated[int, Field(gt=0)]
    period_seconds: Annotated[int, Field(gt=0, le=1800)]


class Scaling(Shape):
    stabilization_window_seconds: Annotated[int, Field(ge=0, le=3600)]
    policies: list[Policy] = Field(default_factory=list)


class Behavior(Shape):
    scale_up: Scaling | None = None
    scale_down: Scaling | None = None


class HorizontalPodAutoscaler(Shape):
    behavior: Behavior


class Advanced(Shape):
    horizontal_pod_autoscaler_config: HorizontalPodAutoscaler


class Fallback(Shape):
    failure_threshold: Annotated[int, Field(ge=0)]
    replicas: Annotated[int, Field(ge=0)]
    behavior: Literal["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"] = "static"


class Scaled(Shape):
    min_replica_count: Annotated[int, Field(ge=0)]
    max_replica_count: Annotated[int, Field(ge=1)]
    polling_interval: Annotated[int, Field(ge=1)] = 30
    cooldown_period: Annotated[int, Field(ge=0)] = 300
    fallback: Fallback | None = None
    advanced: Advanced | None = None
    triggers: Annotated[list[Annotated[Trigger | CronTrigger, Field(discriminator="type")]], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.min_replica_count > self.max_replica_count:
            raise ValueError("minReplicaCount is above maxReplicaCount")
        return self


class ScaledObject(Scaled):
    scale_target_ref: Reference


class NoTarget(Shape):
    """An empty object, into which the controller writes the Deployment of a version."""


class ScaledVersion(Scaled):
    """A ScaledObject in a WorkerResourceTemplate."""

    scale_target_ref: NoTarget


class SecretParameter(Shape):
    parameter: Literal["cert", "key", "ca", "apiKey"]
    name: Name
    key: Text


class TriggerAuthentication(Shape):
    secret_target_ref: Annotated[list[SecretParameter], Field(min_length=1)]
