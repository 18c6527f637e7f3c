"""`complaints mail` shows what the local stack's mail server took."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin.shared.errors import Exit
from complaints.channels.addresses import Mailbox
from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.ephemeral_stack import EphemeralMail, ephemeral_mail
from tests.admin.cli_runner import Script
from tests.channels.sample_messages import email

ACKNOWLEDGED = "We have received your complaint"


@pytest.fixture
async def mail(alone: Script, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EphemeralMail]:
    with ephemeral_mail() as mail:
        monkeypatch.setenv("COMPLAINTS_LOCAL_MAIL", str(mail.folder))
        yield mail


@pytest.fixture
async def with_two(mail: EphemeralMail, alone: Script) -> Script:
    """Put two messages into the mailbox, one of them to an address that is not ASCII."""
    sending = SmtpChannel(SmtpAddress.read(mail.url))
    await sending.send(email())
    await sending.send(
        email(key="C-1004.9.letter", to=(Mailbox(name="Zoë", address="zoë@example.org"),), subject="\x1b[31mClosed …")
    )
    return alone


async def test_messages_are_listed_in_order_of_arrival(with_two: Script) -> None:
    lines = (await with_two.done("mail")).out.splitlines()
    first, second = (line.split() for line in lines if line.strip().startswith(("1 ", "2 ")))
    assert first == ["1", "2026-12-09", "10:00Z", "Zoë", "O'Brien", "<zoe@example.org>", *ACKNOWLEDGED.split()]
    assert second == ["2", "2026-12-09", "10:00Z", "Zoë", "<zoë@example.org>", "[31mClosed", "…"]


async def test_one_message_is_shown_with_its_text(with_two: Script) -> None:
    shown = (await with_two.done("mail", "1")).out
    assert shown.splitlines()[:4] == [
        "From: Complaints <complaints@example.gov.uk>",
        "To: Zoë O'Brien <zoe@example.org>",
        "Date: 2026-12-09 10:00Z",
        "Subject: We have received your complaint",
    ]
    assert "Dear Zoë O'Brien,\n\nWe will reply by Wednesday 9 December 2026." in shown


async def test_json_has_every_field_of_a_message(with_two: Script) -> None:
    listed = (await with_two.done("mail", "--json")).json
    assert [message["number"] for message in listed] == [1, 2]
    assert (await with_two.done("mail", "1", "--json")).json == listed[0]
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


async def test_an_empty_mailbox_is_reported(mail: EphemeralMail, alone: Script) -> None:
    assert (await alone.done("mail")).out.strip() == "There is none."
    assert (await alone.done("mail", "--json")).json == []
    assert (await alone("mail", "1")).errors == ["N: there is no message 1; no mail has come yet"]


@pytest.mark.parametrize("number", ["3", "0", "one"])
async def test_an_unknown_message_number_is_bad_input(with_two: Script, number: str) -> None:
    ran = await with_two("mail", number)
    assert ran.code == Exit.BAD_INPUT
    assert ran.errors == [f"N: there is no message {number}; the last is 2"]


async def test_without_a_local_stack_the_error_names_make_up(alone: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPLAINTS_LOCAL_MAIL", raising=False)
    ran = await alone("mail")
    assert ran.code == Exit.UNREACHABLE
    assert ran.errors == ["no local stack runs; start it with: make up"]


async def test_an_incomplete_file_is_not_listed(mail: EphemeralMail, alone: Script) -> None:
    half_written(mail.folder)
    assert (await alone.done("mail")).out.strip() == "There is none."


def half_written(folder: Path) -> None:
    (folder / "000001.new").write_bytes(bytes(email())[:100])
