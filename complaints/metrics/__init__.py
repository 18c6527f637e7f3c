"""Metrics for Prometheus: what each process measures, and its endpoint."""
