"""What puts things right (R4, R8)."""

from typing import Self

from pydantic import model_validator

from complaints.procedure.enums import RemedyKind
from complaints.procedure.field_types import InputModel, Pence, ShortText


class Remedy(InputModel):
    """What puts things right: an apology, an action (`what`), or compensation (`pence`)."""

    kind: RemedyKind
    what: ShortText | None = None
    pence: Pence | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind is RemedyKind.ACTION) != (self.what is not None):
            raise ValueError("an action, and nothing else, says what is to be done")
        if (self.kind is RemedyKind.COMPENSATION) != (self.pence is not None):
            raise ValueError("compensation, and nothing else, has an amount in pence")
        return self

    def __str__(self) -> str:
        if self.pence is not None:
            return f"compensation of £{self.pence // 100:,}.{self.pence % 100:02}"
        return self.what or str(self.kind)


def actions(field: str, remedies: tuple[Remedy, ...]) -> dict[str, str | None]:
    """The words in which each action was given, by its number; an act's other remedies have none."""
    return {f"{field} {number}": remedy.what for number, remedy in enumerate(remedies, start=1)}
