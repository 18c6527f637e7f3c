"""R7: a letter is held, or goes late."""

from datetime import datetime

from complaints.procedure.acts import LetterHeld, LetterSent
from complaints.procedure.enums import Alert, Channel, Code, EventKind
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.steps import window
from complaints.procedure.steps.rules import Effect, check_not_in_future


def letter_held(c: ComplaintState, act: LetterHeld, now: datetime) -> Effect:
    """Record that a letter cannot be sent, and alert the holder. Raises RefusedError.

    A closed complaint accepts it, too.
    """
    _find_letter(c, act.letter)
    if act.letter in c.held:
        raise RefusedError(Code.ALREADY_DONE, f"Letter {act.letter} is held already.")

    def effect() -> None:
        what = f"letter {act.letter} is held"
        c.note(act.name, now, act.by, what, {"letter": act.letter}, {"reason": act.reason})
        c.held.append(act.letter)
        window.suspend_window(c, act.letter, now)
        to = c.holder_and_lead(c.tier_period) if c.tier_periods else c.leads(c.policy.tiers[0].id)
        c.alert(Alert.LETTER_HELD, now, to, what, letter=act.letter)

    return effect


def letter_sent(c: ComplaintState, act: LetterSent, now: datetime) -> Effect:
    """Record when a letter went; its window counts from then. Raises RefusedError."""
    letter = _find_letter(c, act.letter)
    channel = act.channel or (Channel(letter.detail["channel"]) if letter else None)
    sent_at = check_not_in_future(act.sent_at, now, "sent_at") if act.sent_at else act.instant(now)

    def effect() -> None:
        c.note(act.name, now, act.by, f"letter {act.letter} has gone", {"letter": act.letter, "sent_at": sent_at})
        if act.letter in c.held:
            c.held.remove(act.letter)
        window.restart_window(c, act.letter, sent_at, channel, now)

    return effect


def _find_letter(c: ComplaintState, number: int) -> Event | None:
    """Return the letter's event; None for one so old that the state has dropped it.

    Raises RefusedError for a number that is no letter.
    """
    event = next((event for event in c.events if event.sequence == number), None)
    if number > c.sequence or (event and event.kind != EventKind.LETTER):
        raise RefusedError(Code.NO_SUCH_NUMBER, f"letter: the complaint has no letter {number}.")
    return event
