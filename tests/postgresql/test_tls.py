"""Connections to a PostgreSQL that speaks TLS, and to one that does not."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import RecordUnreachableError, make_engine, translate_database_errors
from tests.fixtures.debian_servers import needs_tls_server, tls_server

IS_ENCRYPTED = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")

UNKNOWN = "(self-signed certificate in certificate chain|unable to get local issuer certificate)"
"""How different versions of OpenSSL say that they do not know the authority."""

pytestmark = needs_tls_server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the files: two authorities, and certificates of the server and of `certified`."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = trustme.CA(), trustme.CA()
    client = authority.issue_cert(common_name="certified")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    other.cert_pem.write_to_path(folder / "other-ca.pem")
    client.private_key_pem.write_to_path(folder / "client.key")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    server = authority.issue_cert("localhost")
    server.private_key_pem.write_to_path(folder / "server.key")
    server.cert_chain_pems[0].write_to_path(folder / "server.pem")
    return folder


@pytest.fixture(scope="module")
def port(certificates: Path) -> Iterator[int]:
    names = ("ca.pem", "server.pem", "server.key")
    with tls_server({name: (certificates / name).read_bytes() for name in names}) as port:
        yield port


@asynccontextmanager
async def engine_at(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url, pool_size=1)
    yield engine
    await engine.dispose()


async def is_encrypted(url: str) -> bool:
    async with engine_at(url) as engine:
        with translate_database_errors():
            async with engine.connect() as connection:
                return bool(await connection.scalar(IS_ENCRYPTED))


def url(host: str, port: int, parameters: str) -> str:
    return f"postgresql+asyncpg://postgres:secret@{host}:{port}/postgres?{parameters}"


@pytest.mark.parametrize(
    ("host", "parameters", "encrypted"),
    [
        ("127.0.0.1", "sslmode=disable", False),
        ("127.0.0.1", "sslmode=prefer", True),
        ("127.0.0.1", "", True),
        ("127.0.0.1", "sslmode=require", True),
        ("127.0.0.1", "sslmode=require&sslrootcert=ca.pem", True),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=ca.pem", True),
        ("localhost", "sslmode=verify-full&sslrootcert=ca.pem", True),
    ],
)
async def test_each_mode_encrypts_as_libpq_does(
    port: int, certificates: Path, host: str, parameters: str, encrypted: bool
) -> None:
    assert await is_encrypted(url(host, port, parameters.replace("=ca", f"={certificates}/ca"))) is encrypted


@pytest.mark.parametrize(
    ("host", "parameters", "why"),
    [
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=ca.pem", "IP address mismatch"),
        ("localhost", "sslmode=verify-full&sslrootcert=other-ca.pem", UNKNOWN),
        ("127.0.0.1", "sslmode=require&sslrootcert=other-ca.pem", UNKNOWN),
        ("localhost", "sslmode=verify-full&sslrootcert=system", UNKNOWN),
    ],
)
async def test_a_certificate_that_is_not_trusted_is_refused_with_the_reason(
    port: int, certificates: Path, host: str, parameters: str, why: str
) -> None:
    address = url(host, port, parameters)
    for name in ("ca.pem", "other-ca.pem"):
        address = address.replace(f"={name}", f"={certificates}/{name}")
    with pytest.raises(RecordUnreachableError, match=f"its certificate is refused: {why}.*; see sslmode and sslroot"):
        await is_encrypted(address)


async def test_a_role_logs_in_by_its_certificate(port: int, certificates: Path) -> None:
    async with engine_at(url("localhost", port, "sslmode=require")) as engine, engine.begin() as connection:
        await connection.execute(text("CREATE ROLE certified LOGIN"))
    server = f"sslmode=verify-full&sslrootcert={certificates}/ca.pem"
    own = f"sslcert={certificates}/client.pem&sslkey={certificates}/client.key"
    without = f"postgresql://certified@localhost:{port}/postgres?{server}"
    assert await is_encrypted(f"{without}&{own}")
    with pytest.raises(RecordUnreachableError, match="connection requires a valid client certificate"):
        await is_encrypted(without)


async def test_a_server_without_tls_is_refused_where_tls_is_required(server_url: str) -> None:
    assert await is_encrypted(server_url) is False
    with pytest.raises(RecordUnreachableError, match="rejected SSL upgrade"):
        await is_encrypted(f"{server_url}?sslmode=require")
