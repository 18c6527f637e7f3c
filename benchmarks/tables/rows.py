"""Rows of `make bench`: each figure, what it was the last time, whether it is reached."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.tables.markdown import facts, markdown, ranged

LAST = Path(__file__).with_name("last.json")
"""The figures of the last complete run, and of which machine."""
HEAD = ("", "baseline", "product", "product : baseline", "DBOS", "last time", "to reach", "reached")
NOT_INSTALLED = "not installed"


@dataclass(frozen=True)
class Target:
    """What a row is to reach, of the product's figure or of its ratio to the baseline's."""

    most: float
    is_ratio: bool = False

    def __str__(self) -> str:
        return f"at most {self.most:g}{' : 1' if self.is_ratio else ''}"


@dataclass(frozen=True)
class Row:
    """A measured quantity; each side has a figure for each round."""

    what: str
    product: Sequence[float]
    baseline: Sequence[float] = ()
    dbos: Sequence[float] = ()
    target: Target | None = None
    digits: int = 1
    note: str = field(default="", compare=False)
    """A remark that is printed under the table."""

    @property
    def figure(self) -> float:
        return median(self.product)

    @property
    def ratio(self) -> float | None:
        return median(self.product) / median(self.baseline) if any(self.baseline) else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None: there is none."""
        if self.target is None:
            return None
        figure = self.ratio if self.target.is_ratio else self.figure
        assert figure is not None, "a ratio has a baseline"
        return figure <= self.target.most

    def cells(self, last: Mapping[str, float], *, has_dbos: bool) -> tuple[str, ...]:
        write: Callable[[float], str] = f"{{:,.{self.digits}f}}".format
        dbos = ranged(self.dbos, write) if self.dbos else "" if has_dbos else NOT_INSTALLED
        reached = {None: "", True: "yes", False: "**no**"}[self.is_reached]
        return (
            self.what,
            ranged(self.baseline, write) if self.baseline else "",
            ranged(self.product, write),
            f"{self.ratio:.2f} : 1" if self.ratio is not None else "",
            dbos if self.dbos or self.baseline else "",
            write(last[self.what]) if self.what in last else "",
            str(self.target) if self.target else "",
            reached,
        )


def rows_table(rows: Sequence[Row], *, has_dbos: bool) -> str:
    """Return the table, the remarks on its rows, and the machine of the last time."""
    last = json.loads(LAST.read_text())
    lines = [markdown(HEAD, (row.cells(last["figures"], has_dbos=has_dbos) for row in rows))]
    lines += ["", f"The last time: {last['machine']}."]
    lines += [f"- {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join(lines)


def keep(rows: Sequence[Row]) -> None:
    """Write the product's figures, for the next run to print."""
    figures = {row.what: round(row.figure, 3) for row in rows}
    LAST.write_text(json.dumps({"machine": facts(), "figures": figures}, indent=2) + "\n")
