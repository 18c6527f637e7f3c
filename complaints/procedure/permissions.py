"""By whom an act may be done (R11). Each act of the table says it; `steps/who_may_act.py` checks it."""

from enum import StrEnum

POST_ROOM = "post.room"
"""The product itself, where it says what became of a letter."""


class Permission(StrEnum):
    """Who does an act, always somebody whom the staff directory knows as active."""

    STAFF_HERE = "staff_here"
    """Whoever has the role of the tier at which it is done."""
    CASE_HANDLER = "case_handler"
    """Whoever has the role of the case handler's step (R10)."""
    REVIEWER = "reviewer"
    """Whoever has the role of the tier that reviews: the Independent Assessor (R8)."""
    HOLDER_OR_LEAD = "holder_or_lead"
    """Whoever holds the complaint, or leads the tier; of the case handler's step, the first tier's lead."""
    LEAD = "lead"
    """Whoever leads a tier."""
    RECEIVING_LEAD = "receiving_lead"
    """Whoever leads the tier that receives the complaint (R7, R9)."""
    SERVICE_LEAD = "service_lead"
    """Whoever leads a tier that replies: the service's, where the Independent Assessor recommends (R8)."""
    OWNER_OR_LEAD = "owner_or_lead"
    """Whoever gave the undertaking, or leads a tier that answers for it (R8)."""
    STAFF = "staff"
    """An operator, or anybody else of the staff; no system."""
    ANYBODY = "anybody"
    """Whoever keys what the complainant says, and the system that says what happened."""
    POST_ROOM = "post_room"
    """The product itself, and anybody who says what became of a letter."""
