"""Give each test an empty record."""

from tests.fixtures.empty_record import empty_url, engine, migrated_url, owner_engine, server_url, tcp_proxy, url

__all__ = ["empty_url", "engine", "migrated_url", "owner_engine", "server_url", "tcp_proxy", "url"]
