"""Shapes of the custom resources that we use, for which no Python package has schemas.

They hold just the fields that our manifests have, from the products' own types. Any other field is refused.
"""

from pydantic import BaseModel

from tests.deploy.kubernetes.shapes.cert_manager import Certificate, Issuer
from tests.deploy.kubernetes.shapes.cloudnative_pg import Cluster
from tests.deploy.kubernetes.shapes.gateway_api import HttpRoute
from tests.deploy.kubernetes.shapes.keda import ScaledObject, TriggerAuthentication
from tests.deploy.kubernetes.shapes.prometheus import PodMonitor, PrometheusRule
from tests.deploy.kubernetes.shapes.worker_controller import Connection, WorkerDeployment, WorkerResourceTemplate

SHAPES: dict[tuple[str, str], type[BaseModel]] = {
    ("monitoring.coreos.com/v1", "PodMonitor"): PodMonitor,
    ("monitoring.coreos.com/v1", "PrometheusRule"): PrometheusRule,
    ("keda.sh/v1alpha1", "ScaledObject"): ScaledObject,
    ("keda.sh/v1alpha1", "TriggerAuthentication"): TriggerAuthentication,
    ("postgresql.cnpg.io/v1", "Cluster"): Cluster,
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): HttpRoute,
    ("cert-manager.io/v1", "Certificate"): Certificate,
    ("cert-manager.io/v1", "ClusterIssuer"): Issuer,
    ("temporal.io/v1alpha1", "WorkerDeployment"): WorkerDeployment,
    ("temporal.io/v1alpha1", "Connection"): Connection,
    ("temporal.io/v1alpha1", "WorkerResourceTemplate"): WorkerResourceTemplate,
}
"""The specifications by their versions and kinds."""
