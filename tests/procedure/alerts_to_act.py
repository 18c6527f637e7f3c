"""Who must have been alerted to act, from the state before and after each step (R6)."""

from typing import NamedTuple

from complaints.procedure.enums import Status
from complaints.procedure.state import ComplaintState

ACTING = {
    Status.WITH_CASE_HANDLER,
    Status.AWAITING_ACKNOWLEDGEMENT,
    Status.AWAITING_REPLY,
    Status.AWAITING_CASE_CLOSING,
    Status.AWAITING_ADMISSION,
    Status.AWAITING_OPINION,
}
TO_ACT = ("given", "goes_on", "nobody_to_hold", "no_case_handler", "review_requested")


class Situation(NamedTuple):
    """The tier that has the complaint, who holds it, and how often it was reopened."""

    periods: int
    holder: str | None
    reopenings: int
    case_is_awaited: bool


class AlertsToAct:
    """Check after each step that those who are to act are alerted once."""

    def __init__(self) -> None:
        self._sequence = 0
        self._before = Situation(0, None, 0, case_is_awaited=False)

    def check(self, state: ComplaintState, by: str | None = None) -> None:
        """Check the events of one step. `by`: the actor, who gets no alert that they hold it."""
        events = [event for event in state.events if event.sequence > self._sequence]
        now = Situation(
            len(state.tier_periods),
            state.holder,
            sum(event.kind == "reopened" for event in state.events),
            case_is_awaited=state.status is Status.AWAITING_CASE_CLOSING,
        )
        alerts = [event for event in events if event.detail.get("occasion") in TO_ACT]
        reached = sum(event.kind == "tier_reached" for event in events)
        given = [event.detail["to"] for event in events if event.kind == "given_to"]
        is_new = reached or now.reopenings > self._before.reopenings or now.holder != self._before.holder
        is_new = is_new or (self._before.case_is_awaited and state.status is Status.AWAITING_ADMISSION)
        reopened_it = now.reopenings > self._before.reopenings
        took_it = now.holder is not None and now.holder == by and (now.holder in given or reopened_it)
        if state.status in ACTING and is_new and not took_it:
            to = [f"staff:{now.holder}"] if now.holder else _unheld(state)
            assert [event.detail["to"] for event in alerts][-1:] == [to], (state.status, now, alerts)
        if not is_new:
            assert not alerts
        recipients = [tuple(event.detail["to"]) for event in alerts]
        assert len(recipients) == len(set(recipients)), "each is alerted once"
        self._sequence, self._before = state.sequence, now


def _unheld(state: ComplaintState) -> list[str]:
    tier = state.tier_period.tier
    if state.tier is None:
        return [f"lead:{state.policy.tiers[0].id}"]
    return [f"lead:{tier}", f"role:{tier}"]
