"""R11: who administers: the calendar, a complaint's policy, and its record."""

from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Code
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.undertaking_authorization import unauthorised


def check_not_case_handler(c: ComplaintState, staff: str) -> None:
    """Refuse the complaint's own case handler what others decide about it. Raises RefusedError."""
    if staff == c.form.case.handler:
        raise unauthorised(Code.WAS_CASE_HANDLER, f"{staff} was the case handler; somebody else decides this.")


def check_administration(staff: StaffAuthority) -> None:
    """Check that they are an administrator or lead a tier. Raises RefusedError."""
    if OfficeRole.ADMINISTRATOR not in staff.roles and not staff.leads:
        raise unauthorised(Code.WRONG_ROLE, f"{staff.id} is no administrator and leads no tier; only they may do this.")


def check_leads_a_tier(staff: StaffAuthority) -> None:
    """Check that they lead a tier. Raises RefusedError."""
    if not staff.leads:
        raise unauthorised(Code.WRONG_ROLE, f"{staff.id} leads no tier; only a lead may do this.")
