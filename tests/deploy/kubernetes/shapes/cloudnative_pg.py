"""CloudNativePG, postgresql.cnpg.io/v1."""

from typing import Annotated, Literal

from pydantic import Field

from tests.deploy.kubernetes.shapes.base import Reference, Shape, Text

Sql = Annotated[str, Field(pattern="^[A-Z][^;]+$")]


class Storage(Shape):
    size: Annotated[str, Field(pattern="^[0-9]+Gi$")]


class Synchronous(Shape):
    method: Literal["any", "first"]
    number: Annotated[int, Field(ge=1)]


class Settings(Shape):
    parameters: dict[str, str] = Field(default_factory=dict)
    synchronous: Synchronous


class InitDb(Shape):
    database: Text
    owner: Text
    secret: Reference
    locale_provider: Literal["builtin"]
    builtin_locale: Literal["C.UTF-8"]
    post_init_sql: Annotated[list[Sql], Field(alias="postInitSQL")]
    post_init_application_sql: Annotated[list[Sql], Field(alias="postInitApplicationSQL")]


class Bootstrap(Shape):
    initdb: InitDb


class Role(Shape):
    name: Text
    login: Literal[True]
    password_secret: Reference


class Managed(Shape):
    roles: list[Role]


class Cluster(Shape):
    instances: Annotated[int, Field(ge=1)]
    storage: Storage
    postgresql: Settings
    bootstrap: Bootstrap
    managed: Managed
