"""`open`: forms from files, one or many, right or wrong."""

import io
import json
import sys
from pathlib import Path

import pytest

from admin.intake import open_forms
from tests.admin.cli_runner import CliRunner, form

HOUSING = "housing-complaint-handling-code"


async def test_a_form_is_opened_once(cli: CliRunner) -> None:
    complaint_form = form()
    first, second = [await cli.run("open", cli.write_file(complaint_form), "--json") for _ in range(2)]
    reference, file = complaint_form["reference"], str(cli.folder / "form.json")
    opened = {"file": file, "reference": reference, "closed_at": None, "closing_reason": None}
    assert first.json == opened | {"is_new": True}
    assert second.json == opened | {"is_new": False}


async def test_a_form_with_five_errors_lists_all_five(cli: CliRunner) -> None:
    complaint_form = form(
        reference="C 1",
        received_at="2026-11-23T10:00:00",
        complainant={"name": "", "capacity": "cat", "email": "ada", "prefers": "email"},
        concerns=[{"aspect": "delayed", "what_happened": "Nobody rang me back."}],
    )
    file = cli.write_file(complaint_form)
    result = await cli("open", file)
    assert result.code == 2
    assert result.errors == [
        f"{file}: {line}"
        for line in (
            "reference: give a reference of up to 64 letters, digits and . _ -",
            "received_at: give the offset too, as in 2026-12-09T10:00Z",
            "complainant.name: must not be empty",
            "complainant.capacity: give customer, representative or respondent_business",
            "complainant.email: give an address such as ada@example.org",
            "concerns[1].aspect: there is no such value; delay?",
        )
    ]


async def test_another_form_under_the_same_reference_is_refused(cli: CliRunner) -> None:
    complaint_form = form()
    await cli.run("open", cli.write_file(complaint_form))
    result = await cli("open", cli.write_file(complaint_form | {"put_right": "Say sorry."}), "--json")
    assert (result.code, result.json["code"]) == (3, "reference_taken")


async def test_an_invalid_line_does_not_stop_the_others(cli: CliRunner) -> None:
    first, last = form(concerns=[{"aspect": "delay", "what_happened": "a\u2028b"}]), form()
    broken = json.dumps(form())[:50]
    file = cli.write_file(first, broken, "", "[]", last, name="forms.jsonl")
    result = await cli("open", file)
    assert result.code == 2
    assert result.out.splitlines() == [f"{first['reference']}: opened", f"{last['reference']}: opened"]
    assert [line.split(": ")[0] for line in result.errors] == [f"{file}:2", f"{file}:4"]
    result = await cli("open", file, "--json")
    results = [json.loads(line) for line in result.out.splitlines()]
    assert [("error" in result, result["file"]) for result in results] == [
        (False, f"{file}:1"),
        (True, f"{file}:2"),
        (True, f"{file}:4"),
        (False, f"{file}:5"),
    ]


async def test_an_invalid_form_over_many_lines_is_one_error(cli: CliRunner) -> None:
    file = cli.write_file(json.dumps(form(), indent=2)[:-1] + ",}")
    result = await cli("open", file)
    assert result.code == 2
    [line] = result.errors
    assert line.startswith(f"{file}: not valid JSON; see line ")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
async def test_windows_line_ends_and_marks_are_read(cli: CliRunner, mark: bytes) -> None:
    file = cli.folder / "windows.json"
    file.write_bytes(mark + json.dumps(form(), indent=1).replace("\n", "\r\n").encode())
    await cli.run("open", file)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b" \r\n\n", "is empty"), (b"\x00\xff\xfe", "is not UTF-8 text"), (None, "cannot be read")],
    ids=["empty", "blank", "binary", "absent"],
)
async def test_a_file_that_cannot_be_read_is_named(cli: CliRunner, content: bytes | None, says: str) -> None:
    file = cli.folder / "odd.json"
    if content is not None:
        file.write_bytes(content)
    result = await cli("open", file, cli.folder, "--json")
    assert result.code == 2
    assert says in result.json["error"][0]
    assert result.json["error"][0].startswith(f"FILE: {file} ")
    assert "Is a directory" in result.json["error"][1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "not valid JSON; see line 1"),
        ('"\\ud800"', "not valid JSON"),
        ("[]", "give named fields, not a single value"),
        (json.dumps(form(put_right="a\0b")), "put_right: a text cannot hold the character NUL"),
        (json.dumps(form(put_right="x" * 500_000)), "put_right: give at most 10,000 characters"),
        (json.dumps(form(received_at="2199-01-01T00:00Z")), "lies in the future"),
        (json.dumps(form(received_at=20261123)), "received_at: give an instant with its offset, such as"),
    ],
    ids=["deep", "half a character", "a list", "NUL", "huge", "future", "a number for an instant"],
)
async def test_an_invalid_form_is_bad_input(cli: CliRunner, text: str, says: str) -> None:
    result = await cli("open", cli.write_file(text))
    assert (result.code, says in result.err) == (2, True)


async def test_a_form_comes_from_standard_input(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint_form = form()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(complaint_form).encode())))
    assert (await cli.run("open", "-")).out == f"{complaint_form['reference']}: opened\n"
    monkeypatch.setattr(sys, "stdin", None)
    result = await cli("open", "-")
    assert (result.code, result.errors) == (2, ["FILE: standard input cannot be read: standard input is closed"])


async def test_progress_is_shown_only_on_a_terminal(cli: CliRunner) -> None:
    forms = [form() for _ in range(open_forms.BATCH_SIZE + 1)]
    result = await cli.run("open", cli.write_file(*forms))
    assert result.out.splitlines() == [f"{each['reference']}: opened" for each in forms]
    assert result.err == ""


async def test_a_closed_complaint_is_answered_with_its_closing_reason(cli: CliRunner) -> None:
    complaint_form = form(concerns=[{"aspect": "outcome", "what_happened": "It is wrong."}])
    await cli.run("open", cli.write_file(complaint_form))
    result = await cli.run("open", cli.write_file(complaint_form))
    assert result.out.startswith(f"{complaint_form['reference']}: closed on ")
    assert result.out.endswith(", signposted\n")


async def test_a_policy_is_chosen_by_name_or_file(cli: CliRunner, tmp_path: Path) -> None:
    reference = await cli.open_complaint("--policy", HOUSING, case={"reference": "K-1", "open": False})
    assert (await cli.show(reference))["policy"].startswith("housing")
    for policy, says in (("none", "there is no policy 'none'"), (f"{tmp_path}/none.toml", "cannot be read")):
        result = await cli("open", cli.write_file(form()), "--policy", policy)
        assert (result.code, result.err.startswith("--policy: "), says in result.err) == (2, True, True)


async def test_a_misspelt_staff_id_opens_nothing(cli: CliRunner) -> None:
    file = cli.write_file(complaint_form := form())
    result = await cli("open", file, "--as", "m.okafo")
    assert (result.code, result.err.endswith("(unknown_staff)\n")) == (3, True)
    assert (await cli("show", complaint_form["reference"])).code == 2
    assert (await cli.run("open", file, "--as", "front-desk")).out == f"{complaint_form['reference']}: opened\n"
