"""Email goes to a real server; a failure is permanent or temporary."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import pytest

from complaints.channels.addresses import Mailbox
from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.supervisor.ports import free_port
from tests.channels.faults import Silence
from tests.channels.sample_messages import NOW, email
from tests.channels.smtp_server import SmtpServer, channel

TIMEOUT_SECONDS = 0.3


async def becomes_true(condition: Callable[[], object]) -> bool:
    """Return whether the condition becomes true within five seconds."""
    for _ in range(500):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_message_arrives_whole(smtp_server: SmtpServer) -> None:
    await channel(smtp_server).send(email())
    [message] = smtp_server.messages
    assert message.raw == bytes(email())
    assert message.sender == "complaints@example.gov.uk"
    assert message.recipients == ("zoe@example.org",)
    assert "Wednesday 9 December 2026" in message.text()
    assert "Zoë O&#39;Brien" in message.text("html")


async def test_lines_that_begin_with_a_dot_or_with_from_arrive_unchanged(smtp_server: SmtpServer) -> None:
    text = ".\n..\n.x\nFrom here on\n" + "long " * 400 + "\n"
    await channel(smtp_server).send(email(text=text, html=text))
    assert smtp_server.messages[0].text() == text


async def test_messages_sent_at_the_same_time_arrive_once_each(smtp_server: SmtpServer) -> None:
    letters = [email(key=f"C-{number}.7.letter") for number in range(30)]
    sending = channel(smtp_server)
    await asyncio.gather(*(sending.send(letter) for letter in letters))
    assert sorted(smtp_server.by_message_id()) == sorted(letter.message_id for letter in letters)
    assert len(smtp_server.messages) == 30


async def test_an_address_beyond_ascii_is_accepted_by_a_server_with_smtputf8(smtp_server: SmtpServer) -> None:
    await channel(smtp_server).send(email(to=(Mailbox(name="Zoë", address="zoë@bücher.example"),)))
    assert smtp_server.messages[0].recipients == ("zoë@xn--bcher-kva.example",)
    assert "=?utf-8?b?Wm/Dqw==?= <zoë@xn--bcher-kva.example>".encode() in smtp_server.messages[0].raw


async def test_without_smtputf8_an_address_beyond_ascii_is_a_permanent_failure() -> None:
    async with SmtpServer(supports_utf8=False) as smtp_server:
        with pytest.raises(ChannelRefusedError, match="SMTPUTF8"):
            await channel(smtp_server).send(email(to=(Mailbox(address="zoë@example.org"),)))
        await channel(smtp_server).send(email(to=(Mailbox(address="zoe@bücher.example"),)))
        assert smtp_server.messages[0].recipients == ("zoe@xn--bcher-kva.example",)


async def test_a_refused_recipient_does_not_keep_a_message_from_the_others(smtp_server: SmtpServer) -> None:
    leads = tuple(Mailbox(address=f"{name}@example.org") for name in ("gone", "lena", "mary"))
    smtp_server.inject("rcpt", "550 5.1.1 no such mailbox", times=1)
    await channel(smtp_server).send(email(to=leads))
    assert smtp_server.messages[0].recipients == ("lena@example.org", "mary@example.org")
    assert str(smtp_server.messages[0].message["To"]) == "gone@example.org, lena@example.org, mary@example.org"


async def test_one_temporarily_refused_recipient_makes_the_failure_temporary(smtp_server: SmtpServer) -> None:
    leads = tuple(Mailbox(address=f"{name}@example.org") for name in ("gone", "full"))
    smtp_server.inject("rcpt", "550 5.1.1 no such mailbox", times=1)
    smtp_server.inject("rcpt", "452 4.2.2 mailbox full", times=1)
    with pytest.raises(ChannelUnavailableError, match=r"for now \(452 4\.2\.2\)"):
        await channel(smtp_server).send(email(to=leads))


async def test_an_unreachable_server_is_a_temporary_failure() -> None:
    unreachable = SmtpChannel(SmtpAddress.read(f"smtp://127.0.0.1:{free_port()}?tls=none"))
    with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
        await unreachable.send(email())


async def test_an_unknown_host_is_a_temporary_failure() -> None:
    unknown = SmtpChannel(SmtpAddress.read("smtp://mail.invalid?tls=none"), timeout_seconds=TIMEOUT_SECONDS)
    with pytest.raises(ChannelUnavailableError):
        await unknown.send(email())


async def test_a_server_that_is_started_again_accepts_the_message(smtp_server: SmtpServer) -> None:
    await smtp_server.stop()
    with pytest.raises(ChannelUnavailableError):
        await channel(smtp_server).send(email())
    await smtp_server.start()
    await channel(smtp_server).send(email())
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        *(("greeting", "421 4.3.2 later"), ("greeting", "554 5.3.2 no service here")),
        *(("mail", "451 4.3.0 later"), ("mail", "550 5.7.1 not you"), ("mail", "530 5.7.0 log in first")),
        *(("rcpt", "450 4.2.1 grey"), ("rcpt", "421 4.3.2 closing"), ("rcpt", "530 5.7.0 log in first")),
        *(("data", "451 4.3.0 later"), ("data", "452 4.3.1 disk full")),
    ],
)
async def test_after_a_temporary_failure_the_message_is_accepted(
    smtp_server: SmtpServer, step: str, answer: str
) -> None:
    smtp_server.inject(step, answer, times=1)
    with pytest.raises(ChannelUnavailableError, match=answer[:3]):
        await channel(smtp_server).send(email())
    assert smtp_server.messages == []
    await channel(smtp_server).send(email())
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        *(("rcpt", "550 5.1.1 nobody"), ("rcpt", "553 5.1.3 bad address"), ("rcpt", "556 5.1.10 takes no mail")),
        *(("data", "554 5.7.1 spam"), ("data", "552 5.3.4 too large"), ("mail", "552 5.3.4 too large")),
    ],
)
async def test_a_refusal_of_the_recipient_or_the_message_is_a_permanent_failure(
    smtp_server: SmtpServer, step: str, answer: str
) -> None:
    smtp_server.inject(step, answer)
    with pytest.raises(ChannelRefusedError, match=" ".join(answer.split()[:2])):
        await channel(smtp_server).send(email())
    assert smtp_server.messages == []


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", ["450", "550"])
async def test_an_error_holds_the_servers_code_and_not_its_text(smtp_server: SmtpServer, step: str, code: str) -> None:
    smtp_server.inject(step, f"{code} zoe@example.org (Zoë O'Brien) is unknown here")
    with pytest.raises((ChannelUnavailableError, ChannelRefusedError)) as failure:
        await channel(smtp_server).send(email())
    message = str(failure.value)
    assert code in message
    assert "zoe" not in message.lower().replace("zoë", "zoe")
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data"])
async def test_a_server_that_hangs_is_a_temporary_failure(smtp_server: SmtpServer, step: str) -> None:
    smtp_server.inject(step, Silence.HANG)
    with pytest.raises(ChannelUnavailableError, match="did not answer in time"):
        await channel(smtp_server, timeout_seconds=TIMEOUT_SECONDS).send(email())


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data"])
async def test_a_server_that_hangs_up_is_a_temporary_failure(smtp_server: SmtpServer, step: str) -> None:
    smtp_server.inject(step, Silence.DROP)
    with pytest.raises(ChannelUnavailableError, match="hung up"):
        await channel(smtp_server).send(email())


async def test_an_unconfirmed_message_is_sent_again_with_the_same_id(smtp_server: SmtpServer) -> None:
    smtp_server.inject("data", Silence.DROP, times=1)
    with pytest.raises(ChannelUnavailableError, match="before it confirmed the message"):
        await channel(smtp_server).send(email())
    await channel(smtp_server).send(email())
    assert [len(repeats) for repeats in smtp_server.by_message_id().values()] == [2]
    assert smtp_server.messages[0].raw == smtp_server.messages[1].raw


@pytest.mark.parametrize("fault", [Silence.DROP, "421 4.3.2 closing", "500 5.5.1 what?"])
async def test_a_failure_after_the_message_was_accepted_is_ignored(
    smtp_server: SmtpServer, fault: Silence | str
) -> None:
    smtp_server.inject("quit", fault)
    await channel(smtp_server).send(email())
    assert len(smtp_server.messages) == 1


async def test_messages_to_a_slow_server_do_not_wait_for_each_other(smtp_server: SmtpServer) -> None:
    smtp_server.inject("data", 1.0, times=10)
    started = monotonic()
    await asyncio.gather(*(channel(smtp_server).send(email(key=f"C-{n}.7.letter")) for n in range(10)))
    assert 1.0 <= monotonic() - started < 10 * 1.0
    assert len(smtp_server.messages) == 10


async def test_a_cancelled_message_leaves_no_connection(smtp_server: SmtpServer) -> None:
    smtp_server.inject("data", Silence.HANG)
    sending = asyncio.create_task(channel(smtp_server).send(email()))
    assert await becomes_true(lambda: smtp_server.messages)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await becomes_true(lambda: smtp_server.open_connection_count == 0)


async def test_a_repeat_days_later_is_the_same_message(smtp_server: SmtpServer) -> None:
    for sent_at in (NOW, NOW, NOW + timedelta(days=3)):
        await channel(smtp_server).send(email(sent_at=sent_at))
    first, second, third = smtp_server.messages
    assert first.raw == second.raw
    assert first.message_id == third.message_id
