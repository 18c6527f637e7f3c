"""The local mail server keeps each message whole, readable by its owner alone."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.ephemeral_stack import EphemeralMail, ephemeral_mail
from local.servers.mail import mail_folder, mail_server, smtp_url
from local.supervisor.ports import free_port
from local.supervisor.processes import wait_until
from local.supervisor.stack import Stack
from tests.channels.sample_messages import email


@pytest.fixture(scope="module")
def mail() -> Iterator[EphemeralMail]:
    with ephemeral_mail() as mail:
        yield mail


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_received_message_is_a_file_for_its_owner_only(mail: EphemeralMail) -> None:
    await SmtpChannel(SmtpAddress.read(mail.url)).send(email())
    assert files_in(mail.folder)[-1] == "000001.eml"
    message = mail.folder / "000001.eml"
    assert message.read_bytes() == bytes(email())
    assert message.stat().st_mode & 0o077 == 0
    assert mail.folder.stat().st_mode & 0o077 == 0


def test_the_mailbox_is_deleted_with_its_stack() -> None:
    with ephemeral_mail() as mail:
        assert files_in(mail.folder) == []
    assert not mail.folder.exists()


async def test_a_mail_server_that_was_killed_continues_the_numbers(tmp_path: Path) -> None:
    port, folder = free_port(), mail_folder(tmp_path)
    stack, sending = Stack(tmp_path), SmtpChannel(SmtpAddress.read(smtp_url(port)))
    try:
        stack.start([mail_server(tmp_path, port=port)])
        await sending.send(email())
        [process] = [entry.process for entry in stack.entries()]
        os.kill(process.pid, signal.SIGKILL)
        assert wait_until(lambda: not process.alive(), patience=5)
        assert stack.start([mail_server(tmp_path, port=port)]) == ["mail"]
        await sending.send(email(key="C-1003.8.letter"))
        assert files_in(folder) == ["000001.eml", "000002.eml"]
    finally:
        stack.stop()
