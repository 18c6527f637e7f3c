"""The manifests of deploy/kubernetes, rendered and checked without a cluster."""
