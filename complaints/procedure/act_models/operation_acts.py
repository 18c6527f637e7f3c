"""Acts of the product and its operators: what became of letters, and recalculation."""

from complaints.procedure.act_models.act_types import Act
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import Instant, LongText, Number, ShortText
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.procedure.permissions import Permission


class LetterHeld(Act):
    name = "letter_held"
    description = "Hold a letter that cannot be sent until somebody puts that right."
    requires = Permission.POST_ROOM

    letter: Number
    """The sequence of its event."""
    reason: ShortText


class LetterSent(Act):
    name = "letter_sent"
    description = "Record that a held or late letter has gone."
    requires = Permission.POST_ROOM

    letter: Number
    sent_at: Instant | None = None
    """None: now."""
    channel: Channel | None = None
    """None: as it was owed."""


class Recalendar(Act):
    name = "recalendar"
    description = "Count every open date again by a changed calendar."
    requires = Permission.ADMINISTRATION

    calendar: SharedCalendar
    """For the complaint's policy; begins no later than the complaint's own calendar."""
    reason: LongText


class ChangePolicy(Act):
    name = "change_policy"
    description = "Move the complaint to another policy, or to another version of its own."
    requires = Permission.ADMINISTRATION

    policy: SharedPolicy
    calendar: SharedCalendar
    """For that policy."""
    reason: LongText
