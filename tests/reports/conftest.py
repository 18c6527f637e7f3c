"""Give each test an empty record."""

from tests.records.conftest import engine, migrated, server, url

__all__ = ["engine", "migrated", "server", "url"]
