"""What the service role may do with each table; the migrations' owner grants it."""

from sqlalchemy import Connection, text

READ = ("SELECT",)
APPEND = ("SELECT", "INSERT")
WRITE = ("SELECT", "INSERT", "UPDATE")
WRITE_AND_DELETE = ("SELECT", "INSERT", "UPDATE", "DELETE")

GRANTS: dict[str, tuple[str, ...]] = {
    "absences": WRITE_AND_DELETE,  # a member's absences are replaced
    "access_confirmations": WRITE,
    "administration_events": APPEND,
    "alembic_version": READ,  # the revision, which a worker checks at its start
    "alerts": APPEND,
    "answers": WRITE_AND_DELETE,  # erasure deletes them, anonymisation empties their sentences
    "audit_leaves": APPEND,
    "audit_roots": APPEND,
    "calendar_amendments": APPEND,
    "calendars": APPEND,
    "changes": WRITE,  # a number is given once
    "complaints": WRITE,
    "deadlines": WRITE,
    "deliveries": WRITE,
    "events": APPEND,
    "free_text": WRITE,  # erasure empties a text and keeps its row
    "holds": WRITE,
    "letters": APPEND,
    "policies": APPEND,
    "readings": WRITE,
    "refused_requests": WRITE,
    "restores": WRITE,
    "runs": WRITE,
    "search_terms": WRITE_AND_DELETE,  # erasure deletes the row
    "signed_out": WRITE_AND_DELETE,  # deleted once its tokens have expired
    "staff": WRITE,
    "staff_changes": APPEND,
    "system_keys": WRITE,
    "systems": WRITE,
    "tombstones": WRITE,
    "undertakings": WRITE,
}
"""Privileges by table. Every table of the metadata has an entry, and a test runs every statement under them."""

_MISSING = text(
    "SELECT privilege, name FROM unnest(CAST(:privileges AS text[]), CAST(:names AS text[])) AS n (privilege, name) "
    "WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(to_regclass(name), privilege) "
    "ORDER BY name, privilege"
)


class NoServiceRoleError(Exception):
    """The grants cannot be made; the message says why."""


def check_role(connection: Connection, role: str) -> None:
    """Check that a role can be the service role. Raises NoServiceRoleError."""
    if connection.scalar(text("SELECT current_user")) == role:
        raise NoServiceRoleError(f"{role} owns the tables; name the role of the worker and the intake service")
    if not connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}):
        raise NoServiceRoleError(f"PostgreSQL has no role {role}; create it: CREATE ROLE {role} LOGIN PASSWORD '…'")


def grant(connection: Connection, role: str) -> None:
    """Give a role exactly the privileges of `GRANTS`; tables that it does not name keep theirs.

    Run it as the owner of the tables.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    to = quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {to}"))
    for table, privileges in GRANTS.items():
        connection.execute(text(f"REVOKE ALL ON {quote(table)} FROM {to}"))
        connection.execute(text(f"GRANT {', '.join(privileges)} ON {quote(table)} TO {to}"))


def missing_grants(connection: Connection) -> list[str]:
    """List the privileges that the connection's own role lacks, such as `INSERT on letters`."""
    needed = [(privilege, table) for table, privileges in GRANTS.items() for privilege in privileges]
    parameters = {"privileges": [each[0] for each in needed], "names": [each[1] for each in needed]}
    return [f"{row.privilege} on {row.name}" for row in connection.execute(_MISSING, parameters)]
