"""A message has the same bytes each time, and no text reaches beyond its field."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from complaints.channels.addresses import Mailbox
from complaints.channels.email_message import Email
from complaints.channels.errors import ChannelRefusedError
from tests.channels.sample_messages import NOW, email

HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Complaint-Reference", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
]

EXPECTED_MESSAGE = b"""\
From: Complaints <complaints@example.gov.uk>
To: =?utf-8?q?Zo=C3=AB_O=27Brien?= <zoe@example.org>
Subject: We have received your complaint
Date: Wed, 09 Dec 2026 10:00:00 +0000
Message-ID: <C-1003.7.letter@example.gov.uk>
Complaint-Reference: C-1003
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_b"

--=_b
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Dear Zo=C3=AB O'Brien,

We will reply by Wednesday 9 December 2026.

--=_b
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable
MIME-Version: 1.0

<p>Dear Zo=C3=AB O&#39;Brien,</p>
<p>We will reply by Wednesday 9 December 2026.</p>

--=_b--
"""


def parse(message: Email) -> EmailMessage:
    return message_from_bytes(bytes(message), policy=policy.default)


def test_a_message_has_the_expected_bytes() -> None:
    raw = bytes(email())
    boundary = parse(email()).get_boundary()
    assert boundary
    assert raw.replace(boundary.encode(), b"=_b").replace(b"\r\n", b"\n") == EXPECTED_MESSAGE
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_a_message_is_the_same_each_time_and_another_message_has_another_boundary() -> None:
    assert bytes(email()) == bytes(email())
    assert parse(email()).get_boundary() != parse(email(key="C-1003.8.letter")).get_boundary()


def test_a_message_about_several_complaints_has_no_reference() -> None:
    assert parse(email(reference=None))["Complaint-Reference"] is None


@pytest.mark.parametrize(
    ("key", "message_id"),
    [
        ("C-1003.7.letter", "<C-1003.7.letter@example.gov.uk>"),
        ("C..1.letter", "<C.=2E1.letter@example.gov.uk>"),
        (".C.", "<=2EC=2E@example.gov.uk>"),
        ("C=2E", "<C=3D2E@example.gov.uk>"),
        ("a>b\r\nBcc: c", "<a=3Eb=0D=0ABcc=3A=20c@example.gov.uk>"),
        ("lead:é@2026", "<lead=3A=C3=A9=402026@example.gov.uk>"),
    ],
)
def test_a_message_id_is_made_of_the_key(key: str, message_id: str) -> None:
    assert email(key=key).message_id == message_id
    assert parse(email(key=key))["Message-ID"] == message_id


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_different_keys_make_different_message_ids(one: str, other: str) -> None:
    assert (email(key=one).message_id == email(key=other).message_id) == (one == other)


def test_the_longest_reference_makes_a_message_id_on_one_line() -> None:
    message = email(key=f"{'C' * 64}.10000.letter")
    assert f"Message-ID: {message.message_id}\r\n".encode() in bytes(message)


HOSTILE_TEXT = st.one_of(
    st.text(max_size=60),
    st.text(alphabet='=?utf8qbBcc: <>@,;"\\\r\n\x0b\x0c\x85\u2028_0123456789ADéÿ.', max_size=120),
    st.sampled_from(
        [
            "Ada\r\nBcc: evil@example.org",
            "=?utf-8?q?=0D=0ABcc:_evil@example.org?=",
            "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmc=?=",
            "=\r?utf-8?q?=0D=0ABcc:_evil@example.org?=",
            "Ada\u2028Bcc: evil@example.org",
            "Ada\x85Bcc: evil@example.org",
            '"Ada" <evil@example.org>, ',
            "<script>alert(1)</script>",
            "evil@example.org, Ada",
            "x" * 190,
            "é" * 190,
        ]
    ),
)


@given(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT)
def test_hostile_text_stays_in_its_field(name: str, subject: str, text: str) -> None:
    message = email(
        to=(Mailbox(name=name, address="ada@example.org"),), subject=f"Re: {subject}"[:200], text=text, html=text
    )
    parsed = parse(message)
    assert parsed.keys() == HEADERS
    assert [address.addr_spec for address in parsed["To"].addresses] == ["ada@example.org"]
    assert [address.addr_spec for address in parsed["From"].addresses] == ["complaints@example.gov.uk"]
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert all(len(line) <= 998 for line in bytes(message).split(b"\r\n"))


@pytest.mark.parametrize("name", ['Zoë "Zed" O\'Brien, Jr.', "مريم العربي", "Łukasz <script>", "Ада", "a, b; c: d"])
def test_a_name_arrives_unchanged(name: str) -> None:
    [to] = parse(email(to=(Mailbox(name=name, address="ada@example.org"),)))["To"].addresses
    assert to.display_name == name


def test_a_name_of_several_lines_becomes_one_line() -> None:
    [to] = parse(email(to=(Mailbox(name=" Ada\r\nBcc: evil@example.org ", address="ada@example.org"),)))["To"].addresses
    assert to.display_name == "Ada Bcc: evil@example.org"


@pytest.mark.parametrize(
    ("input_address", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada+complaints@EXAMPLE.org", "Ada+complaints@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),  # not strasse, which is another's
        ("zoë@example.org", "zoë@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
    ],
)
def test_a_valid_address_is_accepted(input_address: str, address: str) -> None:
    mailbox = Mailbox(address=input_address)
    assert mailbox.address == address
    [to] = parse(email(to=(mailbox,)))["To"].addresses
    assert to.addr_spec.encode(errors="surrogateescape").decode() == address


@pytest.mark.parametrize(
    "address",
    [
        *("bob", "@example.com", "bob@", "bob@@example.com", "b b@example.com", "bob@exa mple.com"),
        *("bob@example.com\r\nBcc: evil@example.com", "bob\r\n@example.com", "bob@example.com\n", "b\x00b@example.com"),
        *("<bob@example.com>", "bob@example.com,evil@example.com", "bob,evil@example.com", '"bob"@example.com'),
        *(".bob@example.com", "b..b@example.com", "bob.@example.com", "bob@[127.0.0.1]", "bob@example.com."),
        *(f"{'b' * 65}@example.com", f"bob@{'b' * 64}.com", f"bob@{'b.' * 130}com", "bob\u200b@example.com"),
        *("bob@-.com", "bob@example..com"),
    ],
)
def test_an_invalid_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Mailbox(name="Ada", address=address)
    assert address not in str(refusal.value)
    with pytest.raises(ChannelRefusedError) as permanent_failure:
        Mailbox.of("Ada", address)
    assert address not in str(permanent_failure.value)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("complaints@example.org", "", "complaints@example.org"),
        ("<complaints@example.org>", "", "complaints@example.org"),
        ("Complaints <complaints@example.org>", "Complaints", "complaints@example.org"),
        ('"Complaints, London" <complaints@example.org>', "Complaints, London", "complaints@example.org"),
    ],
)
def test_a_mailbox_is_read_with_or_without_a_name(text: str, name: str, address: str) -> None:
    assert Mailbox.read(text) == Mailbox(name=name, address=address)


def test_a_subject_is_required() -> None:
    with pytest.raises(ValidationError):
        email(subject=" \r\n ")


def test_the_date_is_sent_at() -> None:
    assert parse(email(sent_at=NOW + timedelta(days=200)))["Date"].datetime == NOW + timedelta(days=200)


def test_answers_go_to_the_reply_address_if_there_is_one() -> None:
    message = email().model_copy(update={"reply_to": Mailbox(name="Assessor", address="assessor@example.org")})
    assert message_from_bytes(bytes(message), policy=policy.SMTP)["Reply-To"] == "Assessor <assessor@example.org>"
    assert message_from_bytes(bytes(email()), policy=policy.SMTP)["Reply-To"] is None
