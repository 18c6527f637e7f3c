"""Temporal's Worker Controller 1.8, temporal.io/v1alpha1."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tests.deploy.kubernetes.shapes.base import Duration, Name, Reference, Shape, Text
from tests.deploy.kubernetes.shapes.keda import ScaledVersion


class WorkerOptions(Shape):
    connection_ref: Reference
    temporal_namespace: Text


class RolloutStep(Shape):
    ramp_percentage: Annotated[int, Field(ge=1, le=99)]
    pause_duration: Duration


class Rollout(Shape):
    strategy: Literal["Manual", "AllAtOnce", "Progressive"]
    steps: list[RolloutStep] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_steps(self) -> Self:
        if (self.strategy == "Progressive") != bool(self.steps):
            raise ValueError("steps belong to Progressive")
        return self


class Sunset(Shape):
    scaledown_delay: Duration
    delete_delay: Duration


class WorkerDeployment(Shape):
    replicas: Annotated[int, Field(ge=0)] | None = None
    template: dict[str, Any]
    """Pods, which the schemas of Kubernetes check."""
    worker_options: WorkerOptions
    rollout: Rollout
    sunset: Sunset
    progress_deadline_seconds: Annotated[int, Field(gt=0)] = 600


class ApiKey(Shape):
    name: Name
    key: Text


class Tls(Shape):
    server_name: str | None = None
    ca_cert_secret_ref: Reference | None = None


class Connection(Shape):
    host_port: Annotated[str, Field(pattern=r"^[a-zA-Z0-9.-]+:[0-9]+$")]
    tls: Tls | None = None
    mutual_t_l_s_secret_ref: Annotated[Reference | None, Field(alias="mutualTLSSecretRef")] = None
    api_key_secret_ref: Annotated[ApiKey | None, Field(alias="apiKeySecretRef")] = None

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        if self.mutual_t_l_s_secret_ref and (self.api_key_secret_ref or (self.tls and self.tls.ca_cert_secret_ref)):
            raise ValueError("mutualTLSSecretRef has its own ca.crt, and goes with no API key")
        return self


class Template(Shape):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["ScaledObject"]
    spec: ScaledVersion


class WorkerResourceTemplate(Shape):
    worker_deployment_ref: Reference
    template: Template
