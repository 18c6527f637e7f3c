"""Give each test an empty record."""

from tests.fixtures.empty_record import empty_url, engine, line, migrated, server, url

__all__ = ["empty_url", "engine", "line", "migrated", "server", "url"]
