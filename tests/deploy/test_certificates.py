"""The certificates of mutual TLS to Temporal: who may show which, and when they are renewed."""

import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from complaints.runtime.clock import now
from local.supervisor.ports import LOOPBACK
from tests.fixtures.gateway import certificate, make_certificates, needs_openssl

pytestmark = needs_openssl

CLIENTS = ("worker", "intake", "page", "operator", "controller")
SERVERS = ("temporal", "gateway")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


def read(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate(folder, name).read_bytes())


def handshake(folder: Path, *, server: str, name: str, trusts: str, client: str | None, takes: str) -> str:
    """Return "" if both sides agree, else the reason of the side that does not."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate(folder, server), certificate(folder, server, "key"))
    serving.verify_mode = ssl.CERT_REQUIRED
    serving.load_verify_locations(certificate(folder, takes))
    calling = ssl.create_default_context(cafile=certificate(folder, trusts))
    calling.verify_flags |= ssl.VERIFY_X509_STRICT
    if client:
        calling.load_cert_chain(certificate(folder, client), certificate(folder, client, "key"))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        calling.wrap_bio(to_client, to_server, server_hostname=name),
        serving.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                return str(error.reason)
    return ""


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["temporal-gateway", "localhost", LOOPBACK])
def test_a_client_and_the_gateway_know_each_other(made: Path, client: str, name: str) -> None:
    assert not handshake(made, server="gateway", name=name, trusts="server-ca", client=client, takes="client-ca")


@pytest.mark.parametrize("client", SERVERS)
def test_the_gateway_and_temporal_itself_are_temporals_clients(made: Path, client: str) -> None:
    assert not handshake(made, server="temporal", name="temporal", trusts="server-ca", client=client, takes="server-ca")


@pytest.mark.parametrize("client", [*CLIENTS, None])
def test_temporal_takes_no_other_client(made: Path, client: str | None) -> None:
    reason = handshake(made, server="temporal", name="temporal", trusts="server-ca", client=client, takes="server-ca")
    assert reason == ("CERTIFICATE_VERIFY_FAILED" if client else "PEER_DID_NOT_RETURN_A_CERTIFICATE")


@pytest.mark.parametrize("server", CLIENTS)
def test_a_client_cannot_pose_as_a_server(made: Path, server: str) -> None:
    for trusts in ("server-ca", "client-ca"):
        reason = handshake(made, server=server, name=server, trusts=trusts, client="worker", takes="client-ca")
        assert reason == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_named_by_one_uri_and_may_only_be_a_client(made: Path, client: str) -> None:
    shown = read(made, client).extensions
    names = shown.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [f"spiffe://complaints/{client}"]
    assert list(shown.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_certificates_live_for_a_year_and_authorities_for_ten(made: Path) -> None:
    for name in (*CLIENTS, *SERVERS):
        assert timedelta(364) < read(made, name).not_valid_after_utc - now() <= timedelta(365)
    for name in ("server-ca", "client-ca"):
        assert timedelta(3_649) < read(made, name).not_valid_after_utc - now() <= timedelta(3_650)


def test_only_the_owner_enters_the_folder_and_reads_an_authoritys_key(made: Path) -> None:
    folder = certificate(made, "worker").parent
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    keys = {path.stem: path.stat().st_mode & 0o777 for path in folder.glob("*.key")}
    # Users of containers read the files that are mounted for them.
    assert keys == {**dict.fromkeys((*CLIENTS, *SERVERS), 0o644), "server-ca": 0o600, "client-ca": 0o600}


def test_a_repeat_makes_what_is_missing_unsigned_or_about_to_expire(tmp_path: Path) -> None:
    make_certificates(tmp_path, "temporal.example.org", "192.0.2.7")
    assert make_certificates(tmp_path) == ""
    shown = read(tmp_path, "gateway").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "temporal.example.org" in shown.get_values_for_type(x509.DNSName)

    certificate(tmp_path, "page").unlink()
    certificate(tmp_path, "intake", "key").write_bytes(certificate(tmp_path, "operator", "key").read_bytes())
    shorten(tmp_path, "operator", days=61)
    shorten(tmp_path, "worker", days=59)
    assert names_in(make_certificates(tmp_path)) == ["worker", "intake", "page"]

    certificate(tmp_path, "client-ca").unlink()
    assert names_in(make_certificates(tmp_path)) == ["client-ca", *CLIENTS]


def names_in(printed: str) -> list[str]:
    return [Path(line.partition(":")[0]).stem for line in printed.splitlines()]


def shorten(folder: Path, name: str, *, days: int) -> None:
    """Replace a certificate by one that lives for as many days."""
    path, ca = certificate(folder, name), certificate(folder, "client-ca")
    copying = ("openssl", "x509", "-copy_extensions", "copyall")
    asked = openssl(*copying, "-x509toreq", "-in", str(path), "-signkey", str(path.with_suffix(".key")))
    signer = ("-CA", str(ca), "-CAkey", str(ca.with_suffix(".key")), "-CAcreateserial")
    path.write_bytes(openssl(*copying, "-req", *signer, "-days", str(days), given=asked))


def openssl(*command: str, given: bytes = b"") -> bytes:
    return subprocess.run(command, check=True, capture_output=True, input=given).stdout  # noqa: S603 (openssl)


def test_a_key_of_an_authority_can_be_kept_elsewhere_until_it_is_needed(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    certificate(tmp_path, "client-ca", "key").unlink()
    assert make_certificates(tmp_path) == ""
    certificate(tmp_path, "worker").unlink()
    script = ["sh", str(tmp_path / "deploy" / "certificates.sh")]
    done = subprocess.run(script, check=False, capture_output=True, text=True)  # noqa: S603 (the project's own script)
    assert done.returncode == 1
    assert done.stderr == (
        "certificates: secrets/certificates/client-ca.key is missing; bring it back, or remove "
        "secrets/certificates/client-ca.crt to make another authority\n"
    )
