"""Each test has an empty record of its own."""

from tests.fixtures.empty_record import engine, migrated, server, url

__all__ = ["engine", "migrated", "server", "url"]
