"""Write mail headers (RFC 5322, RFC 2047): the same bytes on every Python.

The standard library encodes the comma between two names on Python 3.11 and 3.12, and writes encoded words that are
longer than 75 characters.
"""

import base64
import re
import string
from collections.abc import Callable, Iterable, Iterator

MAX_LINE = 76
"""Characters of a line that holds an encoded word (RFC 2047, 2)."""
MAX_ENCODED_WORD = 75
MAX_PLAIN_NAME = 60
"""A longer name is written as encoded words, which fold."""

_PREFIX, _SUFFIX = "=?utf-8?", "?="
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_Q_SAFE = frozenset((string.ascii_letters + string.digits + "!*+-/").encode())
"""The octets that stand for themselves also within a name (RFC 2047, 5 (3))."""


def text_header(name: str, text: str) -> str:
    """Write a header of free text on one or several lines, such as the subject."""
    start = f"{name}:"
    is_plain = _is_printable_ascii(text) and "=?" not in text and max(map(len, text.split(" "))) <= MAX_PLAIN_NAME
    return start + _fold(len(start), text.split(" ") if is_plain else _encoded_words(text, len(start) + 1))


def address_header(name: str, mailboxes: Iterable[tuple[str, str]]) -> str:
    """Write a header of mailboxes, each a name, which may be empty, and an address."""
    start = f"{name}:"
    parts: list[str] = []
    for label, address in mailboxes:
        if parts:
            parts[-1] += ","
        indent = 1 if parts else len(start) + 1
        parts += [*_name(label, indent), f"<{address}>"] if label else [address]
    return start + _fold(len(start), parts)


def _name(label: str, indent: int) -> Iterator[str]:
    if not (_is_printable_ascii(label) and "=?" not in label and len(label) <= MAX_PLAIN_NAME):
        yield from _encoded_words(label, indent)
    elif _ATOMS.fullmatch(label):
        yield label
    else:
        escaped = label.replace("\\", "\\\\").replace('"', '\\"')
        yield f'"{escaped}"'


def _fold(indent: int, parts: Iterable[str]) -> str:
    """Join parts by a space, or by a line break and a space where the line would be too long."""
    lines, length = [""], indent
    for part in parts:
        if length + 1 + len(part) > MAX_LINE and length > indent:
            lines.append("")
            length = 0
        lines[-1] += f" {part}"
        length += 1 + len(part)
    return "\r\n".join(lines)


def _is_printable_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _encoded_words(text: str, indent: int) -> Iterator[str]:
    """Split a text into encoded words. The first begins at column `indent` of its line.

    No character is divided between two words, as some readers decode each alone.
    """
    octets = text.encode()
    encode = _q if sum(octet in _Q_SAFE for octet in octets) * 2 > len(octets) else _b
    room, part = min(MAX_ENCODED_WORD, MAX_LINE - indent), ""
    for unit in _units(text, lambda unit: len(encode(unit)) <= MAX_ENCODED_WORD - indent):
        if part and len(encode(part + unit)) > room:
            yield encode(part)
            room, part = MAX_ENCODED_WORD, ""
        part += unit
    yield encode(part)


def _units(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Split a text into words, each with the space after it.

    A word that does not fit is split into characters.
    """
    for word in re.findall(r"[^ ]+ ?| ", text):
        if fits(word):
            yield word
        else:
            yield from word


def _q(text: str) -> str:
    octets = (
        chr(octet) if octet in _Q_SAFE else "_" if octet == ord(" ") else f"={octet:02X}" for octet in text.encode()
    )
    return f"{_PREFIX}q?{''.join(octets)}{_SUFFIX}"


def _b(text: str) -> str:
    return f"{_PREFIX}b?{base64.b64encode(text.encode()).decode()}{_SUFFIX}"
