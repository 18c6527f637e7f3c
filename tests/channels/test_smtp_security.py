"""Email goes over TLS and with a login, as its settings require."""

import ssl

import pytest
import trustme

from complaints.channels.errors import ChannelUnavailableError
from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from tests.channels.sample_messages import email
from tests.channels.smtp_server import SmtpServer, channel

LOGIN = ("complaints", "correct horse")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_message_is_sent_over_starttls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with SmtpServer(tls=server_tls) as smtp_server:
        await channel(smtp_server, client_tls).send(email())
        assert len(smtp_server.messages) == 1


async def test_a_message_is_sent_over_implicit_tls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with SmtpServer(tls=server_tls, implicit=True) as smtp_server:
        await channel(smtp_server, client_tls).send(email())
        assert len(smtp_server.messages) == 1


@pytest.mark.parametrize("implicit", [False, True])
async def test_an_unknown_authoritys_certificate_is_not_trusted(server_tls: ssl.SSLContext, implicit: bool) -> None:
    async with SmtpServer(tls=server_tls, implicit=implicit) as smtp_server:
        with pytest.raises(ChannelUnavailableError, match="certificate is not trusted"):
            await channel(smtp_server).send(email())
        assert smtp_server.messages == []


async def test_nothing_is_sent_when_the_server_does_not_offer_starttls(smtp_server: SmtpServer) -> None:
    with_starttls = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{smtp_server.port}"))
    with pytest.raises(ChannelUnavailableError, match="offers no STARTTLS"):
        await with_starttls.send(email())
    assert smtp_server.messages == []


async def test_a_server_that_requires_tls_is_a_temporary_failure(server_tls: ssl.SSLContext) -> None:
    async with SmtpServer(tls=server_tls) as smtp_server:
        without_tls = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{smtp_server.port}?tls=none"))
        with pytest.raises(ChannelUnavailableError, match="530"):
            await without_tls.send(email())


async def test_a_server_without_tls_is_a_temporary_failure(smtp_server: SmtpServer) -> None:
    implicit = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{smtp_server.port}?tls=implicit"))
    with pytest.raises(ChannelUnavailableError, match="TLS with the mail server failed"):
        await implicit.send(email())


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_message_is_sent_with_the_right_password(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, implicit: bool
) -> None:
    async with SmtpServer(tls=server_tls, implicit=implicit, login=LOGIN) as smtp_server:
        await channel(smtp_server, client_tls).send(email())
        assert len(smtp_server.messages) == 1


async def test_a_wrong_password_is_a_temporary_failure_and_is_printed_nowhere(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with SmtpServer(tls=server_tls, login=LOGIN) as smtp_server:
        url = f"smtp://complaints:battery%20staple@127.0.0.1:{smtp_server.port}"
        with pytest.raises(ChannelUnavailableError, match="did not let us log in") as failure:
            await SmtpChannel(SmtpAddress.read(url), trusted=client_tls).send(email())
        assert "battery" not in repr(failure.value)
        assert smtp_server.messages == []


async def test_a_server_without_logins_is_a_temporary_failure(smtp_server: SmtpServer) -> None:
    url = f"smtp://complaints:secret@127.0.0.1:{smtp_server.port}?tls=none"
    with pytest.raises(ChannelUnavailableError, match="log in"):
        await SmtpChannel(SmtpAddress.read(url)).send(email())
