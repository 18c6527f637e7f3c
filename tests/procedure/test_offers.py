"""Whatever a refusal or a letter offers is possible for those who are offered it (R7)."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings

from complaints.letters.facts import Correction, ReplyFacts, Settlement
from complaints.letters.facts_builder import build_facts
from complaints.letters.owed_letter import OwedLetter
from complaints.procedure import acts
from complaints.procedure.acts import ACT_NAMES, ACTS, Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import TICK
from complaints.procedure.enums import ClosingReason, EventKind, Letter, Status
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import ComplaintState, Event
from tests.fixtures.random_acts import LEAD, RANDOM_ACT_TYPES, RandomAct, build_act
from tests.fixtures.random_complaints import RandomComplaint, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.test_random_complaints import Lived

LEADS_ACTS = {acts.AcceptLate, acts.Classify, acts.Reopen, acts.CloseInError, acts.AnswerRecommendation, acts.CarryOut}
PLAIN = RandomAct(timedelta(0), None, None, 0, False, 0, None, None, None, 0, False)
ANYBODY = "front-desk"
EXAMPLES = settings().max_examples * 2 // 5
"""Fewer than elsewhere: each step of an example attempts every act, which costs a quarter of a second."""


class Promise(NamedTuple):
    """An offer in a letter about a reply or a settlement: to go on until an instant."""

    tier_period: int
    until: datetime


class OfferedLife(Lived):
    """A random complaint whose refusals and letters are followed up after each step."""

    def __init__(self, life: RandomComplaint) -> None:
        super().__init__(life)
        self.promises: list[Promise] = []
        self.read = 0
        self.offers: Counter[str] = Counter()

    def hold(self) -> None:
        super().hold()
        for act in self._attempts():
            refusal = self.complaint.may(act, self.now, DIRECTORY_RESULT)
            if refusal:
                self._follow_up(act, refusal)
        state = self.complaint.state
        for event in state.events:
            if event.sequence > self.read and event.kind == EventKind.LETTER:
                self._read(event)
        self.read = state.sequence
        self._keep_promises()
        self._hold_other_letters()

    def wait_until(self, then: datetime) -> None:
        """Wait without the twin, whose checks `test_random_complaints` makes."""
        self.complaint.elapse(then)
        self.now = then
        self.answer_directory()

    def take(self, random_act: RandomAct) -> None:
        state = self.complaint.state
        act = build_act(random_act, f"act {len(self.acts) + 1}", state.status, state.tier_id, self.now)
        self.acts.append(act)
        self.complaint.apply(act, self.now, DIRECTORY_RESULT)
        self.answer_directory()

    def _attempts(self) -> Iterator[Act]:
        """Yield one attempt at every act, and more ways to go on."""
        state = self.complaint.state
        for act_type in RANDOM_ACT_TYPES:
            by = LEAD if act_type in LEADS_ACTS else f"staff.{state.tier_id}"
            for number in (0, 8):
                pick = PLAIN._replace(act_type=act_type, number=number)
                yield build_act(pick, "attempt", state.status, state.tier_id, self.now).model_copy(update={"by": by})
        for tier in (*state.policy.tiers, None):
            fields = {"to": tier.id if tier else None, "from_complainant": True}
            yield acts.Escalate(id="attempt", by=ANYBODY, **fields)
            yield acts.Escalate(id="attempt", by=ANYBODY, received_at=self.now - timedelta(days=40), **fields)
        yield acts.AskManager(id="attempt", by=ANYBODY, received_at=self.now - timedelta(days=400))

    def _follow_up(self, attempt: Act, refusal: Refusal) -> None:
        """Check the acts and the day that a refusal names."""
        named = set(re.findall(r"\((\w+)\)|with (\w+)\.", refusal.sentence))
        for name in {one or other for one, other in named} & ACT_NAMES:
            self.offers[name] += 1
            act = self._offered(next(act for act in ACTS if act.name == name), attempt)
            assert self.complaint.may(act, self.now, DIRECTORY_RESULT) is None, refusal.sentence
        if from_day := re.search(r"possible from \w+ (\d+ \w+ \d+)", refusal.sentence):
            self.offers["possible from"] += 1
            day = datetime.strptime(from_day[1], "%d %b %Y").date()  # noqa: DTZ007 (a day of the policy's time zone)
            at = max(self.now, self.complaint.state.calendar.end_of(day) - TICK)
            assert self._may_go_on(at), refusal.sentence

    def _offered(self, act: type[Act], attempt: Act | None = None) -> Act:
        if act is acts.Classify:
            return acts.Classify(id="offer", by=LEAD, concern=1, aspect="delay", reason="So it is.")
        fields: dict[str, Any] = {"reason": "So it is."} if act in (acts.AcceptLate, acts.Reopen) else {}
        if act is acts.AddInformation:
            fields = {"note": "It was another file."}
        if act is acts.AskManager and isinstance(attempt, acts.Escalate):
            fields = {"received_at": attempt.received_at}
        by = LEAD if act in (acts.AcceptLate, acts.Reopen) else ANYBODY
        return act(id="offer", by=by, **fields)

    def _may_go_on(self, at: datetime) -> bool:
        """Return whether the complainant may go on at the instant, if nobody acts until then.

        Where the complaint has passed on automatically, nobody has to ask.
        """
        later = Complaint(self.complaint.state.model_copy(deep=True))
        later.elapse(at)
        if len(later.state.tier_periods) > len(self.complaint.state.tier_periods):
            return True
        kind = acts.AskManager if later.state.is_with_case_handler_step else acts.Escalate
        return later.may(kind(id="offer", by=ANYBODY), at, DIRECTORY_RESULT) is None

    def _read(self, event: Event) -> None:
        owed = OwedLetter.of(event)
        if owed.occasion not in (Letter.REPLY, Letter.CORRECTION, Letter.SETTLEMENT):
            return
        state = self.complaint.state
        text = {"findings": "So it was.", "explanation": "Sorted out.", "remedy 3": "Send the file."}
        facts = build_facts(state.form, state.policy, state.calendar, owed, text, event.at)
        assert isinstance(facts, ReplyFacts | Correction | Settlement)
        if facts.going_on:
            place = max(n for n, period in enumerate(state.tier_periods) if period.tier == owed.detail["tier"])
            until = state.calendar.end_of(facts.going_on.by)
            window = state.policy.step(owed.detail["tier"]).window
            if window and window.seconds is None:
                self.promises.append(Promise(place, until))

    def _keep_promises(self) -> None:
        state = self.complaint.state
        for promise in self.promises:
            is_here = promise.tier_period == len(state.tier_periods) - 1
            in_error = any(closing.reason is ClosingReason.OPENED_IN_ERROR for closing in state.closings)
            if is_here and not in_error and self.now < promise.until:
                self.offers["letter"] += 1
                assert self._may_go_on(self.now)
                assert self._may_go_on(promise.until - TICK)

    def _hold_other_letters(self) -> None:
        state = self.complaint.state
        if state.status in (Status.AWAITING_COMPLAINANT, Status.WITH_CASE_HANDLER):
            self.offers["next step"] += 1
            assert self._may_go_on(self.now), "the letter says that the next tier may be asked"
        if self._is_late():
            self.offers["late reply"] += 1
            assert self._may_go_on(self.now), "the letter about the late reply says so"
        late_letters = {Letter.CLOSED, Letter.OUT_OF_TIME, Letter.ESCALATION_OUT_OF_TIME}
        reasons = {ClosingReason.NOT_TAKEN_FURTHER, ClosingReason.SETTLED, ClosingReason.OUT_OF_TIME}
        if state.closing and state.closing.reason in reasons and _last_letter(state) in late_letters:
            self.offers["after a closing"] += 1
            act = self._offered(acts.AcceptLate)
            assert self.complaint.may(act, self.now, DIRECTORY_RESULT) is None, "the letter says that we can decide"

    def _is_late(self) -> bool:
        """Return whether a reply has lapsed and the next tier replies."""
        state = self.complaint.state
        lapsed = any(each.is_running and each.has_passed and each.kind == "reply" for each in state.deadlines)
        return bool(lapsed and state.next_tier and state.next_tier.reply)


def _last_letter(state: ComplaintState) -> str | None:
    letters = (event.detail["occasion"] for event in reversed(state.events) if event.kind == EventKind.LETTER)
    return next(letters, None)


@pytest.mark.timeout(3600)
def test_what_a_refusal_or_a_letter_offers_is_possible() -> None:
    """Check also that the examples reach the kinds of offer that are not rare."""
    offers: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(random_complaints())
    def live(random_complaint: RandomComplaint) -> None:
        lived = OfferedLife(random_complaint)
        lived.live()
        offers.update(lived.offers)

    live()
    in_letters = {"letter", "next step", "late reply", "after a closing"}
    in_refusals = {"accept_late", "ask_manager", "reopen", "add_information", "possible from"}
    assert in_letters | in_refusals <= {*offers}
