"""R11: the permission that each act requires. `steps/authorization.py` checks it."""

from enum import StrEnum

POST_ROOM = "post.room"
"""The actor of an act by which the product itself reports the delivery of a letter."""


class Permission(StrEnum):
    """Who may do an act. Everybody but the product itself must be active in the staff directory."""

    STAFF_HERE = "staff_here"
    """Staff with the role of the tier at which the act is done."""
    CASE_HANDLER = "case_handler"
    """Staff with the role of the case handler's step (R10)."""
    REVIEWER = "reviewer"
    """Staff with the role of the tier that reviews: the Independent Assessor (R8)."""
    HOLDER_OR_LEAD = "holder_or_lead"
    """The holder, or the tier's lead; at the case handler's step, the first tier's lead."""
    LEAD = "lead"
    """The lead of any tier."""
    RECEIVING_LEAD = "receiving_lead"
    """The lead of the tier that receives the complaint (R7, R9)."""
    TIER_LEAD = "tier_lead"
    """The lead of the complaint's tier; at the case handler's step, the first tier's lead."""
    SERVICE_LEAD = "service_lead"
    """The lead of a tier that replies; they answer the Independent Assessor's recommendations (R8)."""
    OWNER_OR_LEAD = "owner_or_lead"
    """The owner of the undertaking, or the lead of a tier that answers for it (R8)."""
    ANSWERING_LEAD = "answering_lead"
    """The lead of a tier that answers for the undertaking (R8)."""
    ADMINISTRATION = "administration"
    """An administrator, or the lead of any tier; not the complaint's case handler."""
    ANYBODY = "anybody"
    """Any member of staff who keys a complainant's act, and any system that reports facts."""
    POST_ROOM = "post_room"
    """The product itself, and anybody who reports the delivery of a letter."""


class OfficeRole(StrEnum):
    """Roles of the staff directory besides the policy's steps. No step may have such an id."""

    ADMINISTRATOR = "administrator"
    """Changes the staff directory, systems, the calendar and complaints' policies."""
    AUDITOR = "auditor"
    """Reads every complaint, and every change that administrators make."""
