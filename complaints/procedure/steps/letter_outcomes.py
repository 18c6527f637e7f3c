"""What becomes of a letter that is owed, where it does not simply go: held, and sent late (R7)."""

from datetime import datetime

from complaints.procedure.acts import LetterHeld, LetterSent
from complaints.procedure.enums import Alert, Channel, Code, EventKind
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.steps import window
from complaints.procedure.steps.rules import Effect, not_in_future


def letter_held(c: ComplaintState, act: LetterHeld, now: datetime) -> Effect:
    """Taken on a closed complaint too: it is a fact."""
    _find(c, act.letter)
    if act.letter in c.held:
        raise RefusedError(Code.ALREADY_DONE, f"letter {act.letter} is held already.")

    def effect() -> None:
        what = f"letter {act.letter} is held: {act.reason}"
        c.note(act.name, now, act.by, what, {"letter": act.letter})
        c.held.append(act.letter)
        window.letter_held(c, act.letter, now)
        to = c.holder_and_lead(c.tier_period) if c.tier_periods else c.leads(c.policy.tiers[0].id)
        c.alert(Alert.LETTER_HELD, now, to, what, letter=act.letter)

    return effect


def letter_sent(c: ComplaintState, act: LetterSent, now: datetime) -> Effect:
    letter = _find(c, act.letter)
    channel = act.channel or (Channel(letter.detail["channel"]) if letter else None)
    sent_at = not_in_future(act.sent_at, now, "sent_at") if act.sent_at else act.instant(now)

    def effect() -> None:
        c.note(act.name, now, act.by, f"letter {act.letter} has gone", {"letter": act.letter, "sent_at": sent_at})
        if act.letter in c.held:
            c.held.remove(act.letter)
        window.letter_sent(c, act.letter, sent_at, channel, now)

    return effect


def _find(c: ComplaintState, number: int) -> Event | None:
    """None: so old that it no longer travels with the complaint."""
    event = next((event for event in c.events if event.sequence == number), None)
    if number > c.sequence or (event and event.kind != EventKind.LETTER):
        raise RefusedError(Code.NO_SUCH_NUMBER, f"letter: the complaint has no letter {number}.")
    return event
