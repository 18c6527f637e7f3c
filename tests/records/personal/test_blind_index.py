"""A complaint has the tokens of its words' beginnings, and of nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from complaints.encryption.data_keys import new_key
from complaints.records.personal.blind_index import (
    has_word,
    query_words,
    token_of_term,
    token_of_word,
    tokens_of,
)
from complaints.records.search import normalise

KEY = new_key()
TERMS = ("zoe obrien-luczak", "zoe.obrien@example.org", "k-2031", "bo")


def has_token(word: str) -> bool:
    return token_of_word(KEY, word) in tokens_of(KEY, TERMS)


def test_a_beginning_of_a_word_has_a_token() -> None:
    for word in ("zoe", "obr", "obrien-lucza", "luc", "exa", "example.org", "org", "203", "k-20", "bo", "k"):
        assert has_token(word), word
        assert has_word(TERMS, word), word


def test_the_middle_of_a_word_and_its_first_two_letters_have_none() -> None:
    for word in ("brien", "zo", "ob", "ex", "xample", "b", "20", "2"):
        assert not has_token(word), word
        assert not has_word(TERMS, word), word


def test_a_whole_term_has_a_token_of_its_own() -> None:
    tokens = tokens_of(KEY, TERMS)
    assert token_of_term(KEY, "zoe obrien-luczak") in tokens
    assert token_of_term(KEY, "zoe") not in tokens


def test_another_key_gives_other_tokens() -> None:
    assert not set(tokens_of(KEY, TERMS)) & set(tokens_of(new_key(), TERMS))


def test_a_complaint_has_few_tokens() -> None:
    assert len(tokens_of(KEY, TERMS)) < 100


@given(st.lists(st.text().map(normalise)), st.text().map(normalise))
def test_what_the_comparison_finds_has_a_token(terms: list[str], wanted: str) -> None:
    tokens = tokens_of(KEY, tuple(terms))
    for word in query_words(wanted):
        assert not has_word(terms, word) or token_of_word(KEY, word) in tokens


@given(st.text().map(normalise))
def test_each_word_of_a_term_finds_it(term: str) -> None:
    assert all(has_word([term], word) for word in query_words(term))
