"""Each test has an empty record of its own."""

from tests.fixtures.empty_record import empty_url, engine, line, migrated, server, url

__all__ = ["empty_url", "engine", "line", "migrated", "server", "url"]
