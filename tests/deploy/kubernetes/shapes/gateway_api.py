"""The Gateway API, gateway.networking.k8s.io/v1."""

from typing import Annotated

from pydantic import Field

from tests.deploy.kubernetes.shapes.base import Duration, Name, Shape


class Parent(Shape):
    name: Name
    namespace: Name


class Backend(Shape):
    name: Name
    port: Annotated[int, Field(ge=1, le=65535)]


class Timeouts(Shape):
    request: Duration


class Rule(Shape):
    timeouts: Timeouts
    backend_refs: Annotated[list[Backend], Field(min_length=1)]


class HttpRoute(Shape):
    parent_refs: Annotated[list[Parent], Field(min_length=1)]
    hostnames: Annotated[list[str], Field(min_length=1)]
    rules: Annotated[list[Rule], Field(min_length=1)]
