"""A server and an empty record for each test."""

from tests.fixtures.empty_record import engine, migrated_url, server_url, url

__all__ = ["engine", "migrated_url", "server_url", "url"]
