"""Remedies: they put things right (R4, R8)."""

from typing import Self

from pydantic import model_validator

from complaints.procedure.enums import RemedyKind
from complaints.procedure.field_types import InputModel, Pence, ShortText


class Remedy(InputModel):
    """An apology, an action (`what`), or compensation (`pence`)."""

    kind: RemedyKind
    what: ShortText | None = None
    pence: Pence | None = None

    @model_validator(mode="after")
    def _fields_match_kind(self) -> Self:
        if (self.kind is RemedyKind.ACTION) != (self.what is not None):
            raise ValueError("what: say what is to be done for an action, and for nothing else")
        if (self.kind is RemedyKind.COMPENSATION) != (self.pence is not None):
            raise ValueError("pence: give an amount for compensation, and for nothing else")
        return self

    def __str__(self) -> str:
        if self.pence is not None:
            return f"compensation of £{self.pence // 100:,}.{self.pence % 100:02}"
        return self.what or str(self.kind)


def action_texts(field: str, remedies: tuple[Remedy, ...]) -> dict[str, str | None]:
    """Return the free text of each action as `{field} {number}`; None for other remedies."""
    return {f"{field} {number}": remedy.what for number, remedy in enumerate(remedies, start=1)}
