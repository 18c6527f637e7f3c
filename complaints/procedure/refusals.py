"""R11: refusals of acts. A refusal has a code, a sentence and, for some acts, a consequence."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from complaints.procedure.enums import Alert, Code, Letter


class Consequence(BaseModel):
    """The alert to staff, or letter to the complainant, or both, that follow a refused act."""

    model_config = ConfigDict(frozen=True)

    alert: Alert | None = None
    recipients: tuple[str, ...] = ()
    """`staff:ID` or `lead:TIER`; empty: the current tier's lead."""
    letter: Letter | None = None
    letter_detail: dict[str, Any] = {}
    """The letter's variables, as in `ComplaintState.letter`."""


class DailyNotices(BaseModel):
    """The letters and alerts that refusals have caused on one day; each goes once a day (R11)."""

    day: date | None = None
    sent: list[str] = []

    def add(self, day: date, *notice: str) -> bool:
        """Note a letter or alert; return False if the same went already on that day."""
        if self.day != day:
            self.day, self.sent = day, []
        key = " ".join(notice)
        if key in self.sent:
            return False
        self.sent.append(key)
        return True


class Refusal(BaseModel):
    """Why an act may not be done."""

    code: Code
    sentence: str
    consequence: Consequence | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether the refusal goes on the record even where the sender gets it as an answer."""
        return self.consequence is not None


class RefusedError(Exception):
    """Raised by a rule whose act may not be done."""

    def __init__(self, code: Code, sentence: str, consequence: Consequence | None = None) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(code=code, sentence=sentence, consequence=consequence)
