"""What may not be done is refused with a code and a sentence, and changes nothing (R11)."""

from typing import Any

from pydantic import BaseModel

from complaints.procedure.enums import Alert, Code, Letter


class Refusal(BaseModel):
    """Why an act was not taken."""

    code: Code
    sentence: str
    is_recorded: bool = False
    """Whether it goes on the record even where its sender hears it."""


class Refused(Exception):  # noqa: N818 (it is an answer, not an error)
    """Raised by a rule whose act may not be done."""

    def __init__(
        self,
        code: Code,
        sentence: str,
        *,
        who_may_act: bool = False,
        is_recorded: bool = False,
        alert: Alert | None = None,
        to: list[str] | None = None,
        letter: Letter | None = None,
        letter_detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(code=code, sentence=sentence, is_recorded=is_recorded or who_may_act)
        self.alert = Alert.WHO_MAY_ACT if who_may_act else alert
        self.to = to
        self.letter = letter
        self.letter_detail = letter_detail or {}
