"""Compare a year's figures with those of last year."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from complaints.reports.annual import AnnualReport
from complaints.reports.charts.drawing import Series
from complaints.reports.document import Table
from complaints.reports.figures import Figures


@dataclass(frozen=True)
class YearComparison:
    """The report's year, and last year where the report has it."""

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
        """Build a table with a row for each figure, and a column for each year."""
        return Table(
            caption, ("", *self.names), tuple((name, *map(format_value, self.figures)) for name, format_value in rows)
        )

    def series(self, values_of: Callable[[Figures], Sequence[int]]) -> list[Series]:
        return [(name, values_of(figures)) for name, figures in zip(self.names, self.figures, strict=True)]
