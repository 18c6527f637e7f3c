"""A year's figures beside those of the last one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from complaints.reports.annual import AnnualReport
from complaints.reports.charts import Series
from complaints.reports.document import Table
from complaints.reports.figures import Figures


@dataclass(frozen=True)
class Years:
    """This year beside the last one, where that is known."""

    report: AnnualReport

    @property
    def names(self) -> tuple[str, ...]:
        last = self.report.last_year
        return (self.report.name, last.name) if last else (self.report.name,)

    @property
    def figures(self) -> tuple[Figures, ...]:
        last = self.report.last_year
        return (self.report.figures, last.figures) if last else (self.report.figures,)

    def table(self, caption: str, rows: Sequence[tuple[str, Callable[[Figures], str]]]) -> Table:
        """A row for each figure, a column for each year."""
        return Table(caption, ("", *self.names), tuple((name, *map(say, self.figures)) for name, say in rows))

    def series(self, of: Callable[[Figures], Sequence[int]]) -> list[Series]:
        return [(name, of(figures)) for name, figures in zip(self.names, self.figures, strict=True)]
