"""Give each test an empty record."""

from tests.fixtures.empty_record import engine, migrated_url, server_url, url

__all__ = ["engine", "migrated_url", "server_url", "url"]
