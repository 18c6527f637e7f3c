"""Fixtures that every test may ask for; from one place, so that a process has one stack and not one per folder."""

from tests.stack import client, engine, stack, worker

__all__ = ["client", "engine", "stack", "worker"]
