"""A database's address takes libpq's parameters; each mistake in it is one clear sentence."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from complaints.postgresql.address import parse_address
from complaints.postgresql.errors import AddressError
from complaints.records.database import DatabaseUrlError, make_engine
from complaints.records.migrate import main
from complaints.settings import Settings

HOST = "postgresql+asyncpg://u:hidden@h:5433/d"


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, Path]:
    """Write an authority, a certificate, its key, another key, and a file that is none of these."""
    authority = trustme.CA()
    issued, other = authority.issue_cert("client"), authority.issue_cert("other")
    contents = {
        "ca": authority.cert_pem.bytes(),
        "cert": issued.cert_chain_pems[0].bytes(),
        "key": issued.private_key_pem.bytes(),
        "other": other.private_key_pem.bytes(),
        "text": b"no certificate",
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.pem").write_bytes(content)
    return {name: tmp_path / f"{name}.pem" for name in contents}


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_an_address_may_have_any_of_the_usual_schemes(scheme: str) -> None:
    url = parse_address(f"{scheme}://u:p%40ss@h:5433/d").url
    assert (url.drivername, url.username, url.password) == ("postgresql+asyncpg", "u", "p@ss")
    assert (url.host, url.port, url.database, dict(url.query)) == ("h", 5433, "d", {})


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
@pytest.mark.parametrize("name", ["sslmode", "ssl"])
def test_a_mode_that_may_do_without_tls_is_passed_on(name: str, mode: str) -> None:
    assert parse_address(f"{HOST}?{name}={mode}").driver_arguments == {"ssl": mode}


def test_require_encrypts_and_checks_a_certificate_only_against_a_given_authority(pem: dict[str, Path]) -> None:
    unchecked = parse_address(f"{HOST}?sslmode=require").driver_arguments["ssl"]
    checked = parse_address(f"{HOST}?sslmode=require&sslrootcert={pem['ca']}").driver_arguments["ssl"]
    assert (unchecked.verify_mode, checked.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)
    assert not checked.check_hostname


@pytest.mark.parametrize(("mode", "checks_name"), [("verify-ca", False), ("verify-full", True)])
@pytest.mark.parametrize("authority", ["ca", "system"])
def test_verify_checks_the_certificate_and_verify_full_its_name(
    pem: dict[str, Path], mode: str, checks_name: bool, authority: str
) -> None:
    url = f"{HOST}?sslmode={mode}&sslrootcert={pem.get(authority, authority)}&sslcert={pem['cert']}&sslkey={pem['key']}"
    context = parse_address(url).driver_arguments["ssl"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, checks_name)


ERRORS = {
    "nonsense": "the database URL is malformed; give postgresql+asyncpg://…",
    "mysql://u:hidden@h/d": "the database URL is malformed; give postgresql+asyncpg://…",
    "postgresql://u:hidden@h:port/d": "the database URL is malformed; give postgresql+asyncpg://…",
    f"{HOST}?sslmode=verify": "sslmode: 'verify' is no mode; give one of disable, allow, prefer, require, verify-ca, ",
    f"{HOST}?ssl=true": "sslmode: 'true' is no mode; give one of disable",
    f"{HOST}?sslmod=require": "parameter sslmod: there is no sslmod; sslmode?",
    f"{HOST}?channel_binding=require": "parameter channel_binding: there is no channel_binding; give sslmode, ",
    f"{HOST}?sslmode=require&sslmode=disable": "sslmode: given twice; give it once",
    f"{HOST}?sslmode=require&ssl=disable": "sslmode: given twice; give it once",
    f"{HOST}?sslmode=verify-full": "sslrootcert: needed for sslmode=verify-full; give the authority's file, or system",
    f"{HOST}?sslrootcert=/ca.pem": "sslrootcert: it needs sslmode=require, verify-ca or verify-full; give one",
    f"{HOST}?sslmode=prefer&sslrootcert=system": "sslrootcert: it needs sslmode=require, verify-ca or verify-full",
    f"{HOST}?sslmode=require&sslrootcert=/none": "sslrootcert: /none cannot be read (No such file or directory); give",
    f"{HOST}?sslmode=require&sslrootcert=TEXT": "sslrootcert: TEXT holds no certificate in PEM; give a file in PEM",
    f"{HOST}?sslmode=require&sslcert=CERT&sslkey=OTHER": "sslcert: CERT and its key are not a certificate and its key",
    f"{HOST}?sslmode=require&sslcert=CERT": "sslcert: CERT and its key are not a certificate and its key in PEM",
    f"{HOST}?sslmode=require&sslkey=KEY": "sslkey: it needs sslcert, the certificate of this key; give both",
    f"{HOST}?pgbouncer=yes": "pgbouncer: 'yes' is neither true nor false; give one of them",
    f"{HOST}?target_session_attrs=readwrite": "target_session_attrs: there is no readwrite; read-write?",
    f"{HOST}?password_file=TEXT": "password: it is in the address and in a file; give one of them",
    "postgresql://u@h/d?password_file=/none": "the password file /none cannot be read (No such file or directory);",
}


@pytest.mark.parametrize("url", ERRORS)
def test_a_mistake_is_one_sentence_without_the_password(url: str, pem: dict[str, Path]) -> None:
    error = ERRORS[url]
    for name, file in pem.items():
        url, error = url.replace(f"={name.upper()}", f"={file}"), error.replace(f" {name.upper()} ", f" {file} ")
    with pytest.raises(AddressError) as raised:
        parse_address(url)
    assert str(raised.value).startswith(error)
    with pytest.raises(DatabaseUrlError) as named:
        make_engine(url)
    assert str(named.value) == f"COMPLAINTS_DATABASE_URL: {raised.value}"
    assert "hidden" not in str(named.value)


def test_a_password_file_is_read_for_each_connection(tmp_path: Path) -> None:
    file = tmp_path / "a secret & more"
    file.write_text("first\n")
    settings = Settings.read(
        {
            "COMPLAINTS_DATABASE_URL": "postgresql://u@h/d?sslmode=require",
            "COMPLAINTS_DATABASE_PASSWORD_FILE": str(file),
        }
    )
    password = parse_address(settings.database_url or "").driver_arguments["password"]
    assert password() == "first"
    file.write_text("second")
    assert password() == "second"
    file.write_text("\n")
    with pytest.raises(AddressError, match="is empty; write the password into it"):
        password()


def test_settings_do_not_show_the_address() -> None:
    assert "hidden" not in repr(Settings.read({"COMPLAINTS_DATABASE_URL": HOST}))


def test_the_migration_names_a_wrong_address_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", f"{HOST}?sslmod=require")
    assert main() == 2
    assert capsys.readouterr().err == "COMPLAINTS_DATABASE_URL: parameter sslmod: there is no sslmod; sslmode?\n"


def test_settings_are_read_without_the_database_driver() -> None:
    code = "import sys, complaints.settings; print([m for m in ('sqlalchemy', 'asyncpg', 'ssl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert "sqlalchemy" not in done.stdout
