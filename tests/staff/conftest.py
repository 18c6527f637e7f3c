"""Give each test an empty record."""

from tests.fixtures.empty_record import engine, migrated, server, url

__all__ = ["engine", "migrated", "server", "url"]
