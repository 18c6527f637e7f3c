"""No spreadsheet runs a cell; numbers stay numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.formatting.csv_cells import csv_cells


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\rx", "\nx", "  =1", "\u00a0=1", "\uff1d1", "-", "=", "+44 20"],
)
def test_a_text_that_a_spreadsheet_may_run_begins_with_an_apostrophe(text: str) -> None:
    assert csv_cells([text]) == [f"'{text}"]


@pytest.mark.parametrize("value", [-7, 1.5, None, True, "-7", "+1.50", "12", "C-1003", "Ada = Bea", "2026-01-02", ""])
def test_other_values_stay_as_they_are(value: object) -> None:
    assert csv_cells([value]) == [value]


@given(st.text())
def test_no_cell_begins_with_a_formula(text: str) -> None:
    [cell] = csv_cells([text])
    assert isinstance(cell, str)
    assert cell in (text, f"'{text}")
    is_number = cell.lstrip("+-").replace(".", "", 1).isdigit()
    assert is_number or not cell.strip().startswith(("=", "+", "-", "@"))
