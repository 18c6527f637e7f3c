"""An empty record for each test, as those of the record itself have it."""

from tests.records.conftest import engine, migrated, server, url

__all__ = ["engine", "migrated", "server", "url"]
