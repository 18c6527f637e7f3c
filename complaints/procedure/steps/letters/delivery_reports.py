"""R11: what the product itself reports of its letters must be on the record."""

from complaints.procedure.acts import Act, LetterHeld, LetterSent
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.steps.undertaking_authorization import unauthorised


def reported_letter(act: Act) -> int | None:
    """Return the letter of which the product itself reports the delivery; None: it does not act.

    Only its delivery workflow does so. Temporal does not say who sent a signal, so the record must confirm it.
    """
    return act.letter if act.by == POST_ROOM and isinstance(act, (LetterHeld, LetterSent)) else None


def check_delivery(act: Act, directory: DirectoryResult) -> None:
    """Check that the record has what the product itself reports of a letter.

    Raises RefusedError.
    """
    assert isinstance(act, (LetterHeld, LetterSent))
    delivery = next((each for each in directory.deliveries if each.letter == act.letter), None)
    is_recorded = delivery is not None and (
        delivery.is_held if isinstance(act, LetterHeld) else delivery.sent_at == act.sent_at is not None
    )
    if not is_recorded:
        state = "held" if isinstance(act, LetterHeld) else "sent then"
        raise unauthorised(
            Code.WRONG_ROLE, f"{POST_ROOM} is the product itself, and letter {act.letter} is not {state} on the record."
        )
