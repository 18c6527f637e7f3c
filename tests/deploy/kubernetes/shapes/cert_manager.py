"""cert-manager, cert-manager.io/v1."""

from typing import Annotated, Literal

from pydantic import Field

from tests.deploy.kubernetes.shapes.base import Duration, Name, Shape


class Issuer(Shape):
    self_signed: dict[str, None] | None = None
    ca: dict[Literal["secretName"], Name] | None = None


class IssuerReference(Shape):
    kind: Literal["ClusterIssuer"]
    name: Name


class PrivateKey(Shape):
    algorithm: Literal["ECDSA"]
    size: Literal[256]
    rotation_policy: Literal["Never", "Always"]


class Subject(Shape):
    organizations: list[str]


class Certificate(Shape):
    secret_name: Name
    is_c_a: Annotated[bool, Field(alias="isCA")] = False
    common_name: str | None = None
    subject: Subject | None = None
    duration: Duration
    renew_before: Duration
    private_key: PrivateKey
    usages: list[Literal["digital signature", "client auth", "server auth"]] = Field(default_factory=list)
    uris: list[Annotated[str, Field(pattern="^spiffe://complaints/[a-z]+$")]] = Field(default_factory=list)
    dns_names: list[str] = Field(default_factory=list)
    ip_addresses: list[str] = Field(default_factory=list)
    issuer_ref: IssuerReference
