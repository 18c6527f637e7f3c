"""The channels' settings: every error at once, with its variable and without secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from complaints.channels.addresses import Mailbox
from complaints.channels.smtp_settings import SmtpAddress, Tls
from complaints.channels.webhook_payloads import WebhookKind
from complaints.settings import WorkerSettings, settings_errors

ALL = {
    "COMPLAINTS_SMTP": "smtp://complaints:correct%20horse@mail.example.org:2525?tls=implicit",
    "COMPLAINTS_MAIL_FROM": "Complaints <complaints@example.org>",
    "COMPLAINTS_POST_ROOM": "/var/lib/post-room",
    "COMPLAINTS_WEBHOOK": "https://hooks.example.org/services/battery",
    "COMPLAINTS_WEBHOOK_SECRET": "staple" * 6,
    "COMPLAINTS_WEBHOOK_KIND": "slack",
}


def errors(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ValidationError) as error:
        WorkerSettings.read(environment)
    for secret in ("correct", "horse", "battery", "staple"):
        assert secret not in str(error.value)
    return settings_errors(error.value)


def test_every_setting_is_read() -> None:
    settings = WorkerSettings.read(ALL)
    assert settings.smtp == SmtpAddress("mail.example.org", 2525, Tls.IMPLICIT, "complaints", "correct horse")
    assert settings.mail_from == Mailbox(name="Complaints", address="complaints@example.org")
    assert settings.post_room == Path("/var/lib/post-room")
    assert settings.webhook
    assert settings.webhook.get_secret_value() == "https://hooks.example.org/services/battery"
    assert settings.webhook_secret
    assert settings.webhook_secret.get_secret_value() == "staple" * 6
    assert settings.webhook_kind is WebhookKind.SLACK


def test_every_setting_is_optional() -> None:
    settings = WorkerSettings.read({})
    assert (settings.smtp, settings.post_room, settings.webhook) == (None, None, None)
    assert settings.webhook_kind is WebhookKind.PLAIN


def test_no_secret_is_printed() -> None:
    settings = WorkerSettings.read(ALL)
    for printed in (repr(settings), str(settings), repr(settings.smtp), str(settings.smtp)):
        for secret in ("correct", "horse", "battery", "staple"):
            assert secret not in printed


def test_all_errors_are_reported_at_once() -> None:
    messages = errors(
        {
            "COMPLAINTS_SMTP": "smtp://complaints:correct-horse@mail.example.org:port",
            "COMPLAINTS_MAIL_FROM": "battery",
            "COMPLAINTS_WEBHOOK": "ftp://battery",
            "COMPLAINTS_WEBHOOK_SECRET": "staple",
            "COMPLAINTS_WEBHOOK_KIND": "staple",
        }
    )
    assert messages == [
        "COMPLAINTS_SMTP: give an address such as smtp://user:password@mail.example.org:587?tls=starttls",
        "COMPLAINTS_MAIL_FROM: give an address such as Complaints <complaints@example.org>",
        "COMPLAINTS_WEBHOOK: give an address such as https://alerts.example.org/complaints",
        "COMPLAINTS_WEBHOOK_SECRET: give at least 32 characters, such as those of: openssl rand -hex 32",
        "COMPLAINTS_WEBHOOK_KIND: give plain, slack or teams",
    ]


@pytest.mark.parametrize(
    ("variable", "counterpart"),
    [
        *(("COMPLAINTS_SMTP", "COMPLAINTS_MAIL_FROM"), ("COMPLAINTS_MAIL_FROM", "COMPLAINTS_SMTP")),
        *(("COMPLAINTS_WEBHOOK", "COMPLAINTS_WEBHOOK_SECRET"), ("COMPLAINTS_WEBHOOK_SECRET", "COMPLAINTS_WEBHOOK")),
    ],
)
def test_a_setting_without_its_counterpart_is_an_error(variable: str, counterpart: str) -> None:
    [message] = errors({variable: ALL[variable]})
    assert "give both, or neither" in message
    assert variable in message
    assert counterpart in message


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://mail.example.org", SmtpAddress("mail.example.org", 587, Tls.STARTTLS)),
        ("smtp://mail.example.org/?tls=starttls", SmtpAddress("mail.example.org", 587, Tls.STARTTLS)),
        ("smtp://mail.example.org?tls=implicit", SmtpAddress("mail.example.org", 465, Tls.IMPLICIT)),
        ("smtp://mail.example.org?tls=none", SmtpAddress("mail.example.org", 25, Tls.NONE)),
        ("smtp://[::1]:2525?tls=none", SmtpAddress("::1", 2525, Tls.NONE)),
        ("smtp://a%40b:c%3Ad@localhost?tls=none", SmtpAddress("localhost", 25, Tls.NONE, "a@b", "c:d")),
    ],
)
def test_an_address_of_a_mail_server_is_read(url: str, address: SmtpAddress) -> None:
    assert SmtpAddress.read(url) == address


@pytest.mark.parametrize(
    ("url", "message"),
    [
        *(
            (url, "give an address such as smtp://")
            for url in ("mail.example.org", "smtp://", "http://mail.example.org")
        ),
        *(
            (url, "give an address such as smtp://")
            for url in ("smtp://h:99999", "smtp://h/x", "smtp://h?ssl=1", "smtp://[")
        ),
        ("smtp://h?tls=always", "give starttls, implicit or none"),
        ("smtp://complaints:correct-horse@mail.example.org?tls=none", "would send the password in the clear"),
    ],
)
def test_a_malformed_address_of_a_mail_server_is_an_error(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        SmtpAddress.read(url)
    assert "correct-horse" not in str(error.value)
