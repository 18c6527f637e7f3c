"""The Prometheus Operator, monitoring.coreos.com/v1."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tests.deploy.kubernetes.shapes.base import Duration, Name, Shape, Text


class Expression(Shape):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = Field(default_factory=list)


class Selector(Shape):
    match_labels: dict[str, str] = Field(default_factory=dict)
    match_expressions: list[Expression] = Field(default_factory=list)


class Relabeling(Shape):
    target_label: Text
    replacement: str


class Endpoint(Shape):
    port: Name
    path: Annotated[str, Field(pattern="^/")] = "/metrics"
    interval: Duration
    relabelings: list[Relabeling] = Field(default_factory=list)


class PodMonitor(Shape):
    selector: Selector
    pod_metrics_endpoints: Annotated[list[Endpoint], Field(min_length=1)]


class Rule(Shape):
    alert: Text | None = None
    record: Annotated[str, Field(pattern="^[a-zA-Z_:][a-zA-Z0-9_:]*$")] | None = None
    expr: Text
    for_: Annotated[Duration | None, Field(alias="for")] = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.alert is None) == (self.record is None):
            raise ValueError("a rule either alerts or records")
        if self.record and (self.for_ or self.annotations):
            raise ValueError("what records has neither `for` nor annotations")
        return self


class Group(Shape):
    name: Text
    rules: list[Rule]


class PrometheusRule(Shape):
    groups: list[Group]
