"""The permission that each act requires (R11). `steps/authorization.py` checks it."""

from enum import StrEnum

POST_ROOM = "post.room"
"""The actor of acts by which the product reports a letter's delivery."""


class Permission(StrEnum):
    """Who may do an act. The staff directory must know the actor as active."""

    STAFF_HERE = "staff_here"
    """Staff with the role of the tier at which the act is done."""
    CASE_HANDLER = "case_handler"
    """Staff with the role of the case handler's step (R10)."""
    REVIEWER = "reviewer"
    """Staff with the role of the tier that reviews: the Independent Assessor (R8)."""
    HOLDER_OR_LEAD = "holder_or_lead"
    """The holder or the tier's lead; at the case handler's step, the first tier's lead."""
    LEAD = "lead"
    """A lead of any tier."""
    RECEIVING_LEAD = "receiving_lead"
    """The lead of the tier that receives the complaint (R7, R9)."""
    SERVICE_LEAD = "service_lead"
    """A lead of a tier that replies, who answers recommendations for the service (R8)."""
    OWNER_OR_LEAD = "owner_or_lead"
    """The owner of the undertaking, or the lead of a tier that answers for it (R8)."""
    STAFF = "staff"
    """Any member of staff; no system."""
    ANYBODY = "anybody"
    """Any member of staff, or a system: for acts of the complainant and the case system."""
    POST_ROOM = "post_room"
    """The product itself, or any member of staff or system that reports a letter's delivery."""
