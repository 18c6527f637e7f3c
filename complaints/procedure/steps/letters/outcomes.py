"""R4, R5, R7: a letter is held, or goes late."""

from datetime import datetime

from complaints.procedure.acts import LetterHeld, LetterSent
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Alert, Channel, Code, EventKind
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.steps import window
from complaints.procedure.steps.letters import extension
from complaints.procedure.steps.letters.sendings import judge_letter
from complaints.procedure.steps.rules import SKEW, Effect, check_not_in_future


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
        judge_letter(c, act.letter, act.by, now)
        extension.suspend_extension(c, act.letter, act.by, now)
        window.suspend_window(c, act.letter, now)
        to = c.holder_and_lead(c.tier_period) if c.tier_periods else c.leads(c.policy.tiers[0].id)
        c.alert(Alert.LETTER_HELD, now, to, what, letter=act.letter)

    return effect


def letter_sent(c: ComplaintState, act: LetterSent, now: datetime) -> Effect:
    """Record when a letter went; its window counts from then. Raises RefusedError."""
    letter = _find_letter(c, act.letter)
    channel = act.channel or (Channel(letter.detail["channel"]) if letter else None)
    sent_at = _sent_at(c, act, letter, now)

    def effect() -> None:
        c.note(act.name, now, act.by, f"letter {act.letter} has gone", {"letter": act.letter, "sent_at": sent_at})
        was_held = act.letter in c.held
        if was_held:
            c.held.remove(act.letter)
        _date_sendings(c, act.letter, sent_at, was_held=was_held)
        judge_letter(c, act.letter, act.by, now)
        if was_held:
            extension.restore_extension(c, act.letter, sent_at, act.by, now)
        window.restart_window(c, act.letter, sent_at, channel, now)

    return effect


def _sent_at(c: ComplaintState, act: LetterSent, letter: Event | None, now: datetime) -> datetime:
    """Return when the letter went, not before it was written. Raises RefusedError.

    The product's own clock may lag behind that of the complaint.
    """
    sent_at = check_not_in_future(c, act.sent_at, now, "sent_at") if act.sent_at else act.instant(now)
    if letter and sent_at < letter.at - SKEW and act.by != POST_ROOM:
        on = format_date(c.calendar.day_of(letter.at))
        raise RefusedError(Code.BEFORE_CLOCK, f"sent_at: it lies before letter {act.letter} was written ({on}).")
    return max(sent_at, letter.at) if letter else sent_at


def _date_sendings(c: ComplaintState, letter: int, sent_at: datetime, *, was_held: bool) -> None:
    """Set when the letter went. If it is said twice, the earlier instant counts (R4)."""
    for deadline in c.deadlines:
        for sending in deadline.sendings:
            if sending.letter == letter:
                sending.sent_at = sent_at if was_held else min(sending.sent_at, sent_at)


def _find_letter(c: ComplaintState, number: int) -> Event | None:
    """Return the letter's event; None for one so old that the state has dropped it.

    Raises RefusedError for a number that is no letter.
    """
    event = next((event for event in c.events if event.sequence == number), None)
    if number > c.sequence or (event and event.kind != EventKind.LETTER):
        raise RefusedError(Code.NO_SUCH_NUMBER, f"letter: the complaint has no letter {number}.")
    return event
