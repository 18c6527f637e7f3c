"""Headers hold every name and subject, in encoded words of at most 75 characters (RFC 2047)."""

import hashlib
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

from hypothesis import given
from hypothesis import strategies as st

from complaints.channels.addresses import flatten
from complaints.channels.mail_headers import address_header, text_header

FLAT_TEXT = st.one_of(
    st.text(min_size=1, max_size=200),
    st.text(alphabet='abc XYZ09,;:<>@"\\()=?_.éمℵ王😀\u0301', min_size=1, max_size=200),
).map(lambda text: str(flatten(text)) or "x")


def decoded(header: str) -> str:
    return str(make_header(decode_header(header.replace("\r\n", ""))))


def check_lines(header: str) -> None:
    assert header.isascii()
    for line in header.split("\r\n"):
        words = [word for word in line.split(" ") if word.startswith("=?")]
        assert not words or len(line) <= 76, line
        assert all(len(word.rstrip(",")) <= 75 for word in words), line
        assert len(line) <= 998
        assert line.strip()


@given(FLAT_TEXT)
def test_a_subject_arrives_unchanged(subject: str) -> None:
    header = text_header("Subject", subject)
    check_lines(header)
    assert decoded(header.removeprefix("Subject: ")) == subject


@given(st.lists(FLAT_TEXT, min_size=1, max_size=5))
def test_each_of_several_names_arrives_unchanged(names: list[str]) -> None:
    mailboxes = [(name, f"person{number}@example.org") for number, name in enumerate(names)]
    header = address_header("To", mailboxes)
    check_lines(header)
    to = message_from_bytes(f"{header}\r\n\r\n".encode())["To"].replace("\r\n", "")
    assert [(decoded(name), address) for name, address in getaddresses([to])] == mailboxes


def test_the_comma_between_two_names_is_a_comma() -> None:
    mailboxes = [("Zoë Ólafsdóttir", "zoe@example.org"), ("Łukasz Żak", "l.zak@example.org"), ("", "c@example.org")]
    assert address_header("To", mailboxes).split("\r\n") == [
        "To: =?utf-8?q?Zo=C3=AB_=C3=93lafsd=C3=B3ttir?= <zoe@example.org>,",
        " =?utf-8?q?=C5=81ukasz_=C5=BBak?= <l.zak@example.org>, c@example.org",
    ]


def test_headers_have_the_same_bytes_on_every_python() -> None:
    """Compare with a digest, as each version of Python runs this test."""
    names = [
        "Ada",
        "Ada Smith, Jr.",
        "مريم العربي" * 4,
        "Zoë " * 30,
        "x" * 150,
        'a "b" \\c',
        "= ?utf-8?q?x?=",
        "王😀" * 20,
    ]
    headers = [address_header("To", [(name, "a@example.org") for name in names])]
    headers += [text_header("Subject", name) for name in names]
    digest = hashlib.sha256("\r\n".join(headers).encode()).hexdigest()
    assert digest.startswith("959c21676296f450")
