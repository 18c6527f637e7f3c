"""Hash search terms with a key, so that the record finds words that it does not hold.

A token is the HMAC-SHA256 of a word, or of the beginning of a word. Who has the record alone cannot guess names and
compare. They can see that two complaints share a token, and how many do.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from complaints.encryption.data_keys import DataKey

SEARCH = "*search"
"""The subject of the key of tokens: no complaint has this reference. Erasure deletes a complaint's tokens."""
MIN_PREFIX = 3
"""Shorter words are found as a whole only."""
MAX_PREFIX = 12
"""Of a longer word, tokens know the beginning; the search compares the rest after decrypting."""
_TOKEN_BYTES = 8
_WORD = re.compile(r"\w+")


@lru_cache(1_000)
def tokens_of(key: DataKey, terms: tuple[str, ...]) -> tuple[int, ...]:
    """Return the tokens of normalised terms, in order.

    They are of each term, and of the beginnings of its words.
    """
    texts: set[str] = set()
    for term in terms:
        texts.add(_whole(term))
        for word in _beginnings(term):
            texts.update([word] if len(word) < MIN_PREFIX else _prefixes(word))
    return tuple(sorted(_token(key, text) for text in texts))


def token_of_word(key: DataKey, word: str) -> int:
    """Return the token that a complaint has if one of its words begins so."""
    return _token(key, word[:MAX_PREFIX])


def token_of_term(key: DataKey, term: str) -> int:
    """Return the token that a complaint has if this is one of its terms."""
    return _token(key, _whole(term))


def query_words(text: str) -> list[str]:
    """Return the words of a normalised query, without the punctuation before them.

    [] if a word is only punctuation.
    """
    words = [word[match.start() :] if (match := _WORD.search(word)) else "" for word in text.split()]
    return words if all(words) else []


def has_word(terms: Iterable[str], word: str) -> bool:
    """Return whether a word of normalised terms begins with the word; a short one must be whole."""
    beginnings = (beginning for term in terms for beginning in _beginnings(term))
    if len(word) < MIN_PREFIX:
        return word in beginnings
    return any(beginning.startswith(word) for beginning in beginnings)


def _beginnings(term: str) -> Iterator[str]:
    """Yield what begins at a word, up to the next space.

    Also yield short words alone, such as `jo` of `jo@example.org`.
    """
    for part in term.split():
        for word in _WORD.finditer(part):
            yield part[word.start() :]
            if len(word[0]) < MIN_PREFIX:
                yield word[0]


def _prefixes(word: str) -> Iterator[str]:
    return (word[:length] for length in range(MIN_PREFIX, min(len(word), MAX_PREFIX) + 1))


def _whole(term: str) -> str:
    return f"={term}"


def _token(key: DataKey, text: str) -> int:
    return int.from_bytes(hmac.digest(key.secret, text.encode(), "sha256")[:_TOKEN_BYTES], "big", signed=True)
