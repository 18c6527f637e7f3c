"""Print records: as a table or in blocks on a terminal, one a line in a pipe."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from admin.shared.console import out, wrap
from admin.shared.output import printable

WIDE = 100
"""Columns of a terminal from which on a record is a row of a table."""
FEW_COLUMNS = 3
"""A table of so few columns is printed on any terminal that it fits on."""
STORY_WIDTH = 40
"""A text that is longer wraps in its column, which never becomes narrower than this."""
GAP = 2
"""Spaces between columns."""
INDENT = "    "

Cell = str | Text


def print_records(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, is_matrix: bool = False
) -> None:
    """Print rows under a title. In a block, a column without a heading joins the first line.

    In a pipe the headings are printed for a matrix only, whose columns are data too.
    """
    cells = [[_as_text(cell) for cell in row] for row in rows]
    if title:
        out.print(Text(f"\n{title}" if out.is_terminal else title, style="bold"))
    if not out.is_terminal:
        for row in [[*map(Text, columns)], *cells] if is_matrix else cells:
            print("\t".join(one_line(cell.plain) for cell in row))
    elif widths := _widths(columns, cells):
        out.print(_table(columns, cells, widths))
    else:
        for row in cells:
            _print_block(columns, row)


def print_facts(facts: Iterable[tuple[str, str]], indent: str = "") -> None:
    """Print names with their values."""
    rows = [(name, printable(value)) for name, value in facts]
    if not out.is_terminal:
        for name, value in rows:
            print(f"{name}\t{one_line(value)}")
        return
    width = max((cell_len(name) for name, _ in rows), default=0)
    for name, value in rows:
        lines = wrap(Text(value), out.width - len(indent) - width - GAP)
        for number, line in enumerate(lines or [Text()]):
            label = Text(indent + (name if number == 0 else "").ljust(width + GAP), style="dim")
            out.print(Text.assemble(label, line), soft_wrap=True)


def print_note(text: str) -> None:
    """Print a line about the records above it; in a pipe, nothing."""
    if out.is_terminal:
        out.print(Text(printable(text), style="dim"))


def print_paragraph(text: Text, indent: str = "") -> None:
    """Print a text that wraps between words, each line after the indent."""
    for line in wrap(text, out.width - len(indent)) if out.is_terminal else [text]:
        out.print(Text.assemble(indent, line), soft_wrap=True)


def one_line(text: str) -> str:
    """Return the text with one space for each run of spaces, tabs and line breaks."""
    return " ".join(text.split())


def wrap_words(text: str) -> list[str]:
    """Split a text into lines that fit a terminal after an indent."""
    return [line.plain for line in wrap(Text(printable(text)), out.width - len(INDENT))]


def wrap_command(command: str) -> list[str]:
    """Split a command into lines that fit a terminal and that a shell takes as one."""
    lines: list[str] = []
    for part in printable(command).split(" --"):
        option = f"--{part}" if lines else part
        if lines and cell_len(f"{lines[-1]} {option} \\") <= out.width - len(INDENT):
            lines[-1] += f" {option}"
        else:
            lines.append(f"{INDENT}{option}" if lines else option)
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _as_text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(printable(cell))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int] | None:
    """Return the width of each column; None: no table fits."""
    if out.width < WIDE and len(columns) > FEW_COLUMNS:
        return None
    texts = [[column, *(row[number].plain for row in rows)] for number, column in enumerate(columns)]
    natural = [max(_longest(text.splitlines()) for text in column) for column in texts]
    space = out.width - GAP * (len(columns) - 1)
    if sum(natural) <= space:
        return natural
    if out.width < WIDE:
        return None
    least = [
        max(min(width, STORY_WIDTH), *(_longest(text.split()) for text in column))
        for width, column in zip(natural, texts, strict=True)
    ]
    spare = space - sum(least)
    if spare < 0:
        return None
    for number, width in enumerate(natural):
        more = min(spare, width - least[number])
        least[number] += more
        spare -= more
    return least


def _longest(parts: Iterable[str]) -> int:
    return max(map(cell_len, parts), default=0)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Text]], widths: Sequence[int]) -> Table:
    result = Table.grid(padding=(0, GAP, 0, 0))
    for width in widths:
        result.add_column(width=width, overflow="fold")
    result.add_row(*columns, style="dim")
    for row in rows:
        result.add_row(*row)
    return result


def _print_block(columns: Sequence[str], row: Sequence[Text]) -> None:
    """Print the first cell as a heading, and the others below it."""
    heading, facts = row[0].copy(), list[tuple[str, str]]()
    heading.stylize("bold")
    for column, cell in zip(columns[1:], row[1:], strict=True):
        if column and cell.plain:
            facts.append((column, cell.plain))
        elif cell.plain:
            heading = heading + Text("  ") + cell
    out.print(heading)
    print_facts(facts, INDENT)
