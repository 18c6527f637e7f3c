"""Decide who may look at payloads, and count each look at a complaint as a reading (R11)."""

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.subjects import SERVICES
from complaints.procedure.permissions import OfficeRole
from complaints.records.queries import ComplaintPart, read_part
from complaints.runtime.clock import monotonic
from starter.api.auth.staff import LEAD, StaffCaller
from starter.api.problems import translate_errors
from starter.service.reading_log import ReadingLog

LOOK_SECONDS = 60.0
"""Requests of one person for one complaint within this time are one look: a page sends one for each payload."""


class PayloadAccess:
    """Check access to payloads by subject."""

    def __init__(self, engine: AsyncEngine, readings: ReadingLog) -> None:
        self._engine = engine
        self._readings = readings
        self._looks: dict[tuple[str, str], float] = {}
        """By staff id and reference: the end of a look."""

    async def may_look(self, subject: str, caller: StaffCaller) -> bool:
        """Whether a member of staff may see the payloads of a subject.

        Raises ProblemError.
        """
        if caller.has(OfficeRole.AUDITOR):
            return True
        if subject == SERVICES:
            return caller.has(OfficeRole.ADMINISTRATOR) or caller.has(LEAD)
        if self._is_looking(subject, caller):
            return True
        with translate_errors():
            part = await read_part(self._engine, subject)
        return part is not None and _has_part(caller, part)

    def count_look(self, subject: str, caller: StaffCaller) -> None:
        """Count that they have seen payloads of a complaint.

        The services' payloads hold references only, and are not counted.
        """
        if subject == SERVICES or self._is_looking(subject, caller):
            return
        self._looks = {look: end for look, end in self._looks.items() if end > monotonic()}
        self._looks[(caller.id, subject)] = monotonic() + LOOK_SECONDS
        self._readings.count([subject], caller.id)

    def _is_looking(self, subject: str, caller: StaffCaller) -> bool:
        return self._looks.get((caller.id, subject), 0.0) > monotonic()


def _has_part(caller: StaffCaller, part: ComplaintPart) -> bool:
    """Whether they hold the complaint or lead its tier.

    The case handler's step has no lead: there the leads who have a part may look.
    """
    if caller.id == part.holder or (part.tier is not None and caller.leads(part.tier)):
        return True
    led = {tier for tier in caller.member.leads if f"lead:{tier}" in part.readers}
    return bool(led) and f"lead:{part.tier}" not in part.readers
