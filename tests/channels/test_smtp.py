"""Email leaves over a real connection to a real server; what goes wrong is told apart: for good, or for now."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from time import monotonic

import pytest
import trustme

from complaints.channels.addresses import Mailbox
from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.supervisor.ports import free_port
from tests.channels.faults import Silence
from tests.channels.sample_messages import NOW, email
from tests.channels.smtp_server import SmtpServer

TIMEOUT_SECONDS = 0.3  # seconds

LOGIN = ("complaints", "correct horse")


@pytest.fixture
async def room() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as room:
        yield room


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def becomes_true(condition: Callable[[], object]) -> bool:
    """Whether it is so within five seconds."""
    for _ in range(500):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


def channel(room: SmtpServer, trusted: ssl.SSLContext | None = None, timeout_seconds: float = 10) -> SmtpChannel:
    return SmtpChannel(SmtpAddress.read(room.url), trusted=trusted, timeout_seconds=timeout_seconds)


async def test_a_message_arrives_whole(room: SmtpServer) -> None:
    await channel(room).send(email())
    [taken] = room.messages
    assert taken.raw == bytes(email())
    assert taken.sender == "complaints@example.gov.uk"
    assert taken.recipients == ("zoe@example.org",)
    assert "Wednesday 9 December 2026" in taken.text()
    assert "Zoë O&#39;Brien" in taken.text("html")


async def test_lines_that_begin_with_a_dot_or_with_from_arrive_as_they_are(room: SmtpServer) -> None:
    text = ".\n..\n.x\nFrom here on\n" + "long " * 400 + "\n"
    await channel(room).send(email(text=text, html=text))
    assert room.messages[0].text() == text


async def test_many_at_once_arrive_once_each(room: SmtpServer) -> None:
    letters = [email(key=f"C-{number}.7.letter") for number in range(30)]
    sending = channel(room)
    await asyncio.gather(*(sending.send(letter) for letter in letters))
    assert sorted(room.by_message_id()) == sorted(letter.message_id for letter in letters)
    assert len(room.messages) == 30


async def test_an_address_beyond_ascii_arrives_where_the_server_knows_such(room: SmtpServer) -> None:
    await channel(room).send(email(to=(Mailbox(name="Zoë", address="zoë@bücher.example"),)))
    assert room.messages[0].recipients == ("zoë@xn--bcher-kva.example",)
    assert "Zoë <zoë@xn--bcher-kva.example>".encode() in room.messages[0].raw


async def test_where_the_server_knows_none_it_is_refused_for_good() -> None:
    async with SmtpServer(knows_utf8=False) as room:
        with pytest.raises(ChannelRefusedError, match="SMTPUTF8"):
            await channel(room).send(email(to=(Mailbox(address="zoë@example.org"),)))
        await channel(room).send(email(to=(Mailbox(address="zoe@bücher.example"),)))
        assert room.messages[0].recipients == ("zoe@xn--bcher-kva.example",)


async def test_who_is_refused_keeps_it_from_nobody_else(room: SmtpServer) -> None:
    leads = tuple(Mailbox(address=f"{name}@example.org") for name in ("gone", "lena", "mary"))
    room.inject("rcpt", "550 5.1.1 no such mailbox", times=1)
    await channel(room).send(email(to=leads))
    assert room.messages[0].recipients == ("lena@example.org", "mary@example.org")
    assert str(room.messages[0].message["To"]) == "gone@example.org, lena@example.org, mary@example.org"


async def test_where_all_are_refused_it_is_tried_again_for_whoever_was_refused_for_now(room: SmtpServer) -> None:
    leads = tuple(Mailbox(address=f"{name}@example.org") for name in ("gone", "full"))
    room.inject("rcpt", "550 5.1.1 no such mailbox", times=1)
    room.inject("rcpt", "452 4.2.2 mailbox full", times=1)
    with pytest.raises(ChannelUnavailableError, match=r"for now \(452 4\.2\.2\)"):
        await channel(room).send(email(to=leads))


async def test_a_server_that_is_not_there_is_away() -> None:
    nobody = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{free_port()}?tls=none"))
    with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
        await nobody.send(email())


async def test_a_host_that_nobody_knows_is_away() -> None:
    nowhere = SmtpChannel(SmtpAddress.read("smtp://mail.invalid?tls=none"), timeout_seconds=TIMEOUT_SECONDS)
    with pytest.raises(ChannelUnavailableError):
        await nowhere.send(email())


async def test_a_server_that_dies_and_returns_takes_it_then(room: SmtpServer) -> None:
    await room.stop()
    with pytest.raises(ChannelUnavailableError):
        await channel(room).send(email())
    await room.start()
    await channel(room).send(email())
    assert len(room.messages) == 1


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        *(("greeting", "421 4.3.2 later"), ("greeting", "554 5.3.2 no service here")),
        *(("mail", "451 4.3.0 later"), ("mail", "550 5.7.1 not you"), ("mail", "530 5.7.0 log in first")),
        *(("rcpt", "450 4.2.1 grey"), ("rcpt", "421 4.3.2 closing"), ("rcpt", "530 5.7.0 log in first")),
        *(("data", "451 4.3.0 later"), ("data", "452 4.3.1 disk full")),
    ],
)
async def test_what_may_pass_is_for_now_and_then_it_is_taken(room: SmtpServer, step: str, answer: str) -> None:
    room.inject(step, answer, times=1)
    with pytest.raises(ChannelUnavailableError, match=answer[:3]):
        await channel(room).send(email())
    assert room.messages == []
    await channel(room).send(email())
    assert len(room.messages) == 1


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        *(("rcpt", "550 5.1.1 nobody"), ("rcpt", "553 5.1.3 bad address"), ("rcpt", "556 5.1.10 takes no mail")),
        *(("data", "554 5.7.1 spam"), ("data", "552 5.3.4 too large"), ("mail", "552 5.3.4 too large")),
    ],
)
async def test_what_is_said_of_the_recipient_or_the_message_is_for_good(
    room: SmtpServer, step: str, answer: str
) -> None:
    room.inject(step, answer)
    with pytest.raises(ChannelRefusedError, match=" ".join(answer.split()[:2])):
        await channel(room).send(email())
    assert room.messages == []


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", ["450", "550"])
async def test_what_a_server_says_at_length_is_not_repeated(room: SmtpServer, step: str, code: str) -> None:
    room.inject(step, f"{code} zoe@example.org (Zoë O'Brien) is unknown here")
    with pytest.raises((ChannelUnavailableError, ChannelRefusedError)) as failure:
        await channel(room).send(email())
    told = str(failure.value)
    assert code in told
    assert "zoe" not in told.lower().replace("zoë", "zoe")
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data"])
async def test_a_server_that_hangs_is_left(room: SmtpServer, step: str) -> None:
    room.inject(step, Silence.HANG)
    with pytest.raises(ChannelUnavailableError, match="did not answer in time"):
        await channel(room, timeout_seconds=TIMEOUT_SECONDS).send(email())


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data"])
async def test_a_server_that_hangs_up_is_away(room: SmtpServer, step: str) -> None:
    room.inject(step, Silence.DROP)
    with pytest.raises(ChannelUnavailableError, match="hung up"):
        await channel(room).send(email())


async def test_what_was_taken_before_it_hung_up_comes_again_with_the_same_id(room: SmtpServer) -> None:
    room.inject("data", Silence.DROP, times=1)
    with pytest.raises(ChannelUnavailableError, match="before it confirmed the message"):
        await channel(room).send(email())
    await channel(room).send(email())
    assert [len(repeats) for repeats in room.by_message_id().values()] == [2]
    assert room.messages[0].raw == room.messages[1].raw


@pytest.mark.parametrize("fault", [Silence.DROP, "421 4.3.2 closing", "500 5.5.1 what?"])
async def test_what_was_taken_is_taken_however_they_part(room: SmtpServer, fault: Silence | str) -> None:
    room.inject("quit", fault)
    await channel(room).send(email())
    assert len(room.messages) == 1


async def test_a_server_that_is_slow_is_waited_for_and_keeps_nobody_else_waiting(room: SmtpServer) -> None:
    room.inject("data", 1.0, times=10)
    begun = monotonic()
    await asyncio.gather(*(channel(room).send(email(key=f"C-{n}.7.letter")) for n in range(10)))
    assert 1.0 <= monotonic() - begun < 10 * 1.0
    assert len(room.messages) == 10


async def test_one_that_is_cancelled_leaves_no_connection(room: SmtpServer) -> None:
    room.inject("data", Silence.HANG)
    sending = asyncio.create_task(channel(room).send(email()))
    assert await becomes_true(lambda: room.messages)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await becomes_true(lambda: room.open_connection_count == 0)


async def test_over_starttls(certified: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async with SmtpServer(tls=certified) as room:
        await channel(room, trusted).send(email())
        assert len(room.messages) == 1


async def test_over_tls_from_the_first_byte(certified: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async with SmtpServer(tls=certified, implicit=True) as room:
        await channel(room, trusted).send(email())
        assert len(room.messages) == 1


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_certificate_of_nobody_we_know_is_not_trusted(certified: ssl.SSLContext, implicit: bool) -> None:
    async with SmtpServer(tls=certified, implicit=implicit) as room:
        with pytest.raises(ChannelUnavailableError, match="certificate is not trusted"):
            await channel(room).send(email())
        assert room.messages == []


async def test_where_starttls_is_wanted_and_not_offered_nothing_is_sent(room: SmtpServer) -> None:
    wary = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{room.port}"))
    with pytest.raises(ChannelUnavailableError, match="offers no STARTTLS"):
        await wary.send(email())
    assert room.messages == []


async def test_a_server_that_insists_on_tls_tells_of_us_and_not_of_the_message(certified: ssl.SSLContext) -> None:
    async with SmtpServer(tls=certified) as room:
        plain = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{room.port}?tls=none"))
        with pytest.raises(ChannelUnavailableError, match="530"):
            await plain.send(email())


async def test_a_server_that_does_not_speak_tls_is_away(room: SmtpServer) -> None:
    implicit = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{room.port}?tls=implicit"))
    with pytest.raises(ChannelUnavailableError, match="TLS with the mail server failed"):
        await implicit.send(email())


@pytest.mark.parametrize("implicit", [False, True])
async def test_with_the_right_password(certified: ssl.SSLContext, trusted: ssl.SSLContext, implicit: bool) -> None:
    async with SmtpServer(tls=certified, implicit=implicit, login=LOGIN) as room:
        await channel(room, trusted).send(email())
        assert len(room.messages) == 1


async def test_with_a_wrong_password_it_is_for_now_and_the_password_is_told_nowhere(
    certified: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async with SmtpServer(tls=certified, login=LOGIN) as room:
        url = f"smtp://complaints:battery%20staple@127.0.0.1:{room.port}"
        with pytest.raises(ChannelUnavailableError, match="did not let us log in") as failure:
            await SmtpChannel(SmtpAddress.read(url), trusted=trusted).send(email())
        assert "battery" not in repr(failure.value)
        assert room.messages == []


async def test_where_nobody_can_log_in_it_is_for_now(room: SmtpServer) -> None:
    url = f"smtp://complaints:secret@127.0.0.1:{room.port}?tls=none"
    with pytest.raises(ChannelUnavailableError, match="log in"):
        await SmtpChannel(SmtpAddress.read(url)).send(email())


async def test_a_repeat_of_long_after_is_the_same_message(room: SmtpServer) -> None:
    for sent_at in (NOW, NOW, NOW + timedelta(days=3)):
        await channel(room).send(email(sent_at=sent_at))
    first, second, third = room.messages
    assert first.raw == second.raw
    assert first.message_id == third.message_id
