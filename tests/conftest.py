"""Fixtures shared by all folders, so that a process has one stack; Hypothesis profiles.

HYPOTHESIS_PROFILE=thorough draws many more examples than the everyday profile, and different ones each time.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.http_service import service, service_without_worker
from tests.fixtures.servers import client, engine, keys, stack, worker

__all__ = ["client", "engine", "keys", "service", "service_without_worker", "stack", "worker"]

TESTS = Path(__file__).parent

LONGEST_FIRST = (
    "house/test_readme.py",
    "worker/delivery/test_survival.py",
    "worker/delivery",
    "chaos",
    "procedure/test_random_complaints.py",
    "workflows/test_random_complaints.py",
    "benchmarks",
    "worker",
    "workflows",
    "local",
    "starter",
    "admin",
    "reports",
)
"""What runs first, so that no process is busy with a long file when the others are done; then all other files."""

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


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the tests with a browser, which `make ui-check` runs; they import much."""
    return True if collection_path == TESTS / "ui" and config.option.markexpr == "not browser" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.path.relative_to(TESTS)))


def rank(path: Path) -> int:
    """Return the place in `LONGEST_FIRST` of a file or of its folder."""
    return next((place for place, first in enumerate(LONGEST_FIRST) if path.is_relative_to(first)), len(LONGEST_FIRST))
