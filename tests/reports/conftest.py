"""Give each test an empty record."""

from tests.records.conftest import engine, migrated_url, server_url, url

__all__ = ["engine", "migrated_url", "server_url", "url"]
