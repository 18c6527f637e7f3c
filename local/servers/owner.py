"""The owner of the tables: migrate as that role, whose URL the stack does not pass on."""

from sqlalchemy import make_url

from complaints.encryption import migrate as key_store
from complaints.records.migrate import upgrade
from local.servers.postgres import KEYS, OWNER, SERVICE


def owner_url(service_url: str) -> str:
    """Return the owner's URL of the same database; locally both roles have one password."""
    return make_url(service_url).set(username=OWNER).render_as_string(hide_password=False)


def upgrade_as_owner(service_url: str, *, timeout_seconds: float = 0.0, stopped: bool = False) -> None:
    """Migrate the database as its owner, and grant the service role what it needs.

    `stopped`: no older version runs.
    Raises RecordError.
    """
    upgrade(owner_url(service_url), timeout_seconds=timeout_seconds, service_role=SERVICE, stopped=stopped)


def upgrade_keys_as_owner(keys_url: str, *, timeout_seconds: float = 0.0) -> None:
    """Create the key store's tables as their owner, and grant its service role what it needs.

    Raises RecordError.
    """
    key_store.upgrade(owner_url(keys_url), timeout_seconds=timeout_seconds, service_role=KEYS)
