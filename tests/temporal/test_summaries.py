"""A summary of any policy's titles fits into what Temporal takes."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from complaints.temporal.summaries import MAX_SUMMARY_BYTES, fit_summary


@given(st.one_of(st.text(max_size=500), st.text(alphabet='"\\😀é', min_size=100, max_size=300)))
def test_a_summary_fits(text: str) -> None:
    summary = fit_summary(text)
    assert len(to_json(summary)) <= MAX_SUMMARY_BYTES
    assert text.startswith(summary.removesuffix("…"))
    assert summary == text or len(to_json(text)) > MAX_SUMMARY_BYTES
