"""Fixtures shared by all folders, so that a process has one stack; Hypothesis profiles.

HYPOTHESIS_PROFILE=thorough draws many more examples than the everyday profile, and different ones each time.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.servers import client, engine, stack, worker

__all__ = ["client", "engine", "stack", "worker"]

LONGEST_FIRST = ("worker", "chaos", "workflows", "benchmarks", "local", "starter", "admin", "reports")
"""Folders whose tests wait for servers. They run first."""

SUPPRESSED_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "everyday",
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=SUPPRESSED_CHECKS,
)
settings.register_profile(
    "thorough", deadline=None, max_examples=3_000, print_blob=True, suppress_health_check=SUPPRESSED_CHECKS
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {folder: number for number, folder in enumerate(LONGEST_FIRST)}
    tests = Path(__file__).parent
    items.sort(key=lambda item: rank.get(item.path.relative_to(tests).parts[0], len(rank)))
