"""`complaints mail` shows what the local stack's mail server took."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin.shared.errors import Exit
from complaints.channels.addresses import Mailbox
from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.ephemeral_stack import EphemeralMail, ephemeral_mail
from tests.admin.cli_runner import CliRunner
from tests.channels.sample_messages import email

ACKNOWLEDGED = "We have received your complaint"


@pytest.fixture
async def mail(cli_offline: CliRunner, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EphemeralMail]:
    with ephemeral_mail() as mail:
        monkeypatch.setenv("COMPLAINTS_LOCAL_MAIL", str(mail.folder))
        yield mail


@pytest.fixture
async def cli_with_two_messages(mail: EphemeralMail, cli_offline: CliRunner) -> CliRunner:
    """Put two messages into the mailbox, one of them to an address that is not ASCII."""
    sending = SmtpChannel(SmtpAddress.read(mail.url))
    await sending.send(email())
    await sending.send(
        email(key="C-1004.9.letter", to=(Mailbox(name="Zoë", address="zoë@example.org"),), subject="\x1b[31mClosed …")
    )
    return cli_offline


async def test_messages_are_listed_in_order_of_arrival(cli_with_two_messages: CliRunner) -> None:
    lines = (await cli_with_two_messages.run("mail")).out.splitlines()
    first, second = (line.split("\t") for line in lines)
    assert first == ["1", "Wed 9 Dec 2026 10:00", "Zoë O'Brien <zoe@example.org>", ACKNOWLEDGED]
    assert second == ["2", "Wed 9 Dec 2026 10:00", "Zoë <zoë@example.org>", "[31mClosed …"]


async def test_one_message_is_shown_with_its_text(cli_with_two_messages: CliRunner) -> None:
    shown = (await cli_with_two_messages.run("mail", "1")).out
    assert shown.splitlines()[:4] == [
        "From: Complaints <complaints@example.gov.uk>",
        "To: Zoë O'Brien <zoe@example.org>",
        "Date: Wed 9 Dec 2026 10:00",
        "Subject: We have received your complaint",
    ]
    assert "Dear Zoë O'Brien,\n\nWe will reply by Wednesday 9 December 2026." in shown


async def test_json_has_every_field_of_a_message(cli_with_two_messages: CliRunner) -> None:
    listed = (await cli_with_two_messages.run("mail", "--json")).json
    assert [message["number"] for message in listed] == [1, 2]
    assert (await cli_with_two_messages.run("mail", "1", "--json")).json == listed[0]
    assert listed[0] == {
        "number": 1,
        "at": "2026-12-09T10:00:00Z",
        "sender": "Complaints <complaints@example.gov.uk>",
        "to": "Zoë O'Brien <zoe@example.org>",
        "subject": "We have received your complaint",
        "reference": "C-1003",
        "message_id": "<C-1003.7.letter@example.gov.uk>",
        "text": "Dear Zoë O'Brien,\n\nWe will reply by Wednesday 9 December 2026.\n",
    }


async def test_an_empty_mailbox_is_reported(mail: EphemeralMail, cli_offline: CliRunner) -> None:
    assert (await cli_offline.run("mail")).out.strip() == "There is none."
    assert (await cli_offline.run("mail", "--json")).json == []
    assert (await cli_offline("mail", "1")).errors == ["N: there is no message 1; no mail has come yet"]


@pytest.mark.parametrize("number", ["3", "0", "one"])
async def test_an_unknown_message_number_is_bad_input(cli_with_two_messages: CliRunner, number: str) -> None:
    result = await cli_with_two_messages("mail", number)
    assert result.code == Exit.BAD_INPUT
    assert result.errors == [f"N: there is no message {number}; the last is 2"]


async def test_without_a_local_stack_the_error_names_make_up(
    cli_offline: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMPLAINTS_LOCAL_MAIL", raising=False)
    result = await cli_offline("mail")
    assert result.code == Exit.UNREACHABLE
    assert result.errors == ["no local stack runs; start it with: make up"]


async def test_an_incomplete_file_is_not_listed(mail: EphemeralMail, cli_offline: CliRunner) -> None:
    half_written(mail.folder)
    assert (await cli_offline.run("mail")).out.strip() == "There is none."


def half_written(folder: Path) -> None:
    (folder / "000001.new").write_bytes(bytes(email())[:100])
