"""Build the facts of an owed letter. Pure.

They are those at the time of the letter's event, also if the complaint has changed since.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from complaints.letters.facts import MODELS, AnyFacts
from complaints.letters.owed_letter import OwedLetter
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.window_dates import last_day, letter_receipt, window_allowance, window_end
from complaints.procedure.enums import Aspect, Letter
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy

SMALL_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class FactsError(ValueError):
    """A fact is missing or invalid. The message names the field and holds nothing personal."""


def build_facts(
    form: Form,
    policy: Policy,
    calendar: WorkingCalendar,
    owed: OwedLetter,
    free_text: Mapping[str, str],
    sending_at: datetime,
    dealt_with_by: str | None = None,
) -> AnyFacts:
    """Build the facts of a letter that is sent at `sending_at`.

    `dealt_with_by` is the holder's name, if the letter is to give it.
    `free_text` is that of the event that it quotes, by field. Each fact comes from the method of its name in
    `_FactSources`, or else from the letter's detail. Raises FactsError.
    """
    model = MODELS[owed.occasion]
    sources = _FactSources(form, policy, calendar, owed, free_text, sending_at, dealt_with_by)
    try:
        return model.model_validate({field: sources.of(field) for field in model.model_fields if field != "occasion"})
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
        raise FactsError(f"{owed.occasion}: missing or invalid: {fields}") from None
    except KeyError as error:
        raise FactsError(f"{owed.occasion}: missing: {error.args[0]}") from None


def address_lines(address: str) -> tuple[str, ...]:
    """Split an address into lines, as on an envelope; a single line is split at its commas."""
    lines = address.splitlines()
    if len(lines) == 1:
        lines = re.split(r",\s+", lines[0])
    return tuple(line.strip() for line in lines if line.strip())


def spell_duration(duration: str) -> str:
    """Spell out small numbers: `one month`, `three months`, `12 months`."""
    number, _, unit = duration.partition(" ")
    spelt = SMALL_NUMBERS[int(number)] if int(number) < len(SMALL_NUMBERS) else number
    return f"{spelt} {unit}"


class _FactSources:
    def __init__(
        self,
        form: Form,
        policy: Policy,
        calendar: WorkingCalendar,
        owed: OwedLetter,
        free_text: Mapping[str, str],
        sending_at: datetime,
        dealt_with_by: str | None,
    ) -> None:
        self._form, self._policy, self._calendar = form, policy, calendar
        self._owed, self._detail, self._free_text = owed, owed.detail, free_text
        self._sending_at = sending_at
        self._dealt_with_by = dealt_with_by

    def of(self, field: str) -> Any:
        source = getattr(self, field, None)
        return source() if source else self._detail[field]

    def reference(self) -> str:
        return self._form.reference

    def case_reference(self) -> str | None:
        return self._form.case.reference if self._policy.case_may_be_open else None

    def name(self) -> str:
        return self._form.complainant.name

    def represents(self) -> str | None:
        return self._form.complainant.represents

    def address(self) -> tuple[str, ...]:
        return address_lines(self._form.complainant.address or "")

    def large_print(self) -> bool:
        return self._form.complainant.needs.large_print

    def channel(self) -> str:
        return self._owed.channel

    def sent_on(self) -> date:
        return self._calendar.day_of(self._sending_at)

    def happened_on(self) -> date | str:
        """Return the day of what the letter is about, which may lie before the letter (R6, R7)."""
        return self._detail.get("happened_on") or self._calendar.day_of(self._owed.owed_at)

    def helpline(self) -> str | None:
        return self._policy.case_handler.helpline if self._policy.case_handler else None

    def merits(self) -> str:
        return self._policy.signpost(Aspect.OUTCOME)

    def dealt_with_by(self) -> str | None:
        return self._dealt_with_by

    def decision_process(self) -> str | None:
        return self._policy.decision_process

    def terms_of_reference(self) -> str | None:
        review = self._policy.tiers[-1].review
        return review.terms_of_reference if review else None

    def outside_body(self) -> str | None:
        """While a reply is awaited, only the last tier names the outside body."""
        is_awaited = self._owed.occasion in (Letter.MORE_TIME, Letter.REPLY_LATE)
        return None if is_awaited and self._policy.tier_after(self._detail["tier"]) else self._policy.outside_body

    def tier(self) -> dict[str, str]:
        return self._step(self._detail["tier"])

    def left(self) -> dict[str, str]:
        return self._step(self._detail["left"])

    def reviewer(self) -> dict[str, str] | None:
        tier_id = self._detail["reviewer"]
        return self._step(tier_id) if tier_id else None

    def before(self) -> dict[str, str]:
        return self._step(self._detail["before"])

    def may_ask(self) -> dict[str, str] | None:
        tier_id = self._detail["may_ask"]
        return self._step(tier_id) if tier_id else None

    def passed_to(self) -> dict[str, str] | None:
        tier_id = self._detail["passed_to"]
        return self._step(tier_id) if tier_id else None

    def following(self) -> dict[str, str] | None:
        following = self._policy.tier_after(self._detail["tier"])
        return self._step(following.id) if following and following.reply else None

    def reviews(self) -> bool:
        return self._policy.tier(self._detail["tier"]).review is not None

    def aspects(self) -> list[str]:
        return list(dict.fromkeys(self._detail["aspects"]))

    def findings(self) -> str:
        return self._free_text["findings"]

    def explanation(self) -> str:
        return self._free_text["explanation"]

    def reason(self) -> str | None:
        """Return a closing's reason, a code in the detail, or an answer's, which is free text."""
        return self._detail["reason"] if "reason" in self._detail else self._free_text.get("reason")

    def remedies(self) -> list[dict[str, Any]]:
        return self._with_free_text(self._detail["remedies"], "remedy")

    def recommendations(self) -> list[dict[str, Any]]:
        return self._with_free_text(self._detail["recommendations"], "recommendation")

    def recommended(self) -> dict[str, Any]:
        codes = {key: self._detail[key] for key in ("kind", "pence", "by")}
        return codes | {"what": self._free_text.get("recommendation")}

    def concerns(self) -> list[str]:
        return [self._form.concerns[number - 1].what_happened for number in self._detail["concerns"]]

    def put_right(self) -> str | None:
        return self._form.put_right

    def escalated_on(self) -> str | None:
        is_first = self._detail["tier"] == self._policy.tiers[0].id
        return None if is_first else self._detail["reached_on"]

    def where(self) -> str:
        return self._policy.signpost(Aspect(self._detail["aspect"]))

    def within(self) -> str:
        within = self._policy.in_time_within
        assert within, "only a policy with a limit refuses a complaint as out of time"
        return spell_duration(within.length)

    def going_on(self) -> dict[str, Any] | None:
        """Count from the day of sending: a letter that had to wait gives no less time (R7).

        A correction gives no less than the letters before it (R4).
        """
        next_step, tier_id = self._detail["going_on"], self._detail["tier"]
        if next_step is None:
            return None
        following = self._policy.tier(next_step["tier"])
        within = window_allowance(self._policy, tier_id)
        received = letter_receipt(self._policy, self._calendar, self._sending_at, self._owed.channel)
        closed_at = next_step["case_closed_at"] and datetime.fromisoformat(next_step["case_closed_at"])
        month_ends_at = within.due(self._calendar, received).at
        if earlier := next_step.get("month_ends_at"):
            month_ends_at = max(month_ends_at, datetime.fromisoformat(earlier))
        ends_at = window_end(self._policy, self._calendar, tier_id, month_ends_at, closed_at)
        return {
            "to": self._step(following.id),
            "by": last_day(self._calendar, ends_at),
            "case_open": next_step["case_open"],
            "after_closing": spell_duration(within.length) if following.review else None,
        }

    def _step(self, tier_id: str) -> dict[str, str]:
        return {"title": self._policy.title_of(tier_id), "name": self._policy.in_letters(tier_id)}

    def _with_free_text(self, remedies: list[dict[str, Any]], field: str) -> list[dict[str, Any]]:
        return [
            remedy | {"what": self._free_text.get(f"{field} {number}")}
            for number, remedy in enumerate(remedies, start=1)
        ]
