"""Commands on a terminal of 80 columns, with and without a pager, and in a pipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from admin.shared.console import wrap
from tests.admin.cli_runner import CliRunner
from tests.admin.terminal import COLUMNS, on_terminal

STORY = "I was promised a call on three days in a row, each time by another person, and nobody ever rang me back. " * 3
WITHOUT_PAGER = {"PAGER": "cat"}


@pytest.fixture
async def reference(cli: CliRunner) -> str:
    """A complaint with a long story, on the record."""
    opened = await cli.open_complaint(concerns=[{"aspect": "delay", "what_happened": STORY}])
    await cli.wait_until_recorded(opened)
    return opened


async def test_nothing_is_cut_inside_a_word_on_80_columns(reference: str) -> None:
    by = ("--as", "m.okafor")
    for command in (["show", reference, "--words", *by], ["list"], ["find", "ada", *by], ["explain", reference]):
        screen = await on_terminal(*command, environment=WITHOUT_PAGER)
        assert screen.code == 0, screen.text
        assert [line for line in screen.lines if len(line) > COLUMNS] == []
    shown = await on_terminal("show", reference, "--words", *by, environment=WITHOUT_PAGER)
    assert " ".join(STORY.split()) in " ".join(shown.text.split())
    longest = max(len(line) for line in shown.lines if "promised" in line)
    assert longest > COLUMNS / 2


async def test_an_error_is_wrapped_between_words_on_a_terminal() -> None:
    arguments = ("reply", "C-1", "--as", "op", "--outcome", "upheld", "--findings", "Yes.", "--remedy", "money:1,00")
    screen = await on_terminal(*arguments, environment=WITHOUT_PAGER)
    assert screen.code == 2, screen.text
    assert [line for line in screen.lines if len(line) > COLUMNS] == []
    assert "give apology, action:TEXT or compensation:POUNDS" in " ".join(screen.text.split())


async def test_a_record_is_a_block_below_100_columns_and_a_row_from_there_on(reference: str) -> None:
    narrow = await on_terminal("list", "--tier", "manager", environment=WITHOUT_PAGER)
    assert reference in narrow.lines
    assert "    status  awaiting acknowledgement" in narrow.lines
    wide = await on_terminal("list", "--tier", "manager", columns=140, environment=WITHOUT_PAGER)
    assert any(line.startswith(f"{reference} ") and "awaiting acknowledgement" in line for line in wide.lines)


async def test_a_piped_record_is_one_plain_line(cli: CliRunner, reference: str) -> None:
    lines = (await cli.run("list")).out.splitlines()
    [line] = [line for line in lines if line.startswith(f"{reference}\t")]
    assert line.split("\t")[2:5] == ["manager", "awaiting acknowledgement", "m.okafor"]
    assert "  " not in line
    events = (await cli.run("show", reference, "--words", "--as", "m.okafor")).out.splitlines()
    assert sum(STORY.strip() in line for line in events) == 1


async def test_long_output_goes_through_the_pager_unless_it_is_off(reference: str) -> None:
    pager = "sed s/^/paged:/"
    paged = await on_terminal("show", reference, environment={"PAGER": pager})
    assert paged.lines[0] == f"paged:{reference}"
    for off in (["--no-pager", "show", reference], ["show", reference, "--no-pager"]):
        assert (await on_terminal(*off, environment={"PAGER": pager})).lines[0] == reference
    for command in ("", "cat", "there-is-no-such-pager"):
        assert (await on_terminal("show", reference, environment={"PAGER": command})).lines[0] == reference
    ended = await on_terminal("show", reference, environment={"PAGER": "head -n 1"})
    assert (ended.code, ended.lines) == (0, [reference])


async def test_the_version_and_tab_completion_are_typers_own(cli: CliRunner) -> None:
    assert (await cli.run("--version")).out.startswith("complaints ")
    screen = await on_terminal("--help", environment=WITHOUT_PAGER)
    assert "--install-completion" in screen.text
    completed = await on_terminal(
        environment={"_COMPLAINTS_COMPLETE": "complete_bash", "COMP_WORDS": "complaints ackn", "COMP_CWORD": "1"}
    )
    assert (completed.code, completed.lines) == (0, ["acknowledge"])


@given(st.text("ab \n", max_size=60), st.integers(1, 12))
def test_wrapping_keeps_every_word_whole(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Text(text), width)]
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line.strip() for line in lines)
