"""What the staff directory is asked, and what it answers (R11). Its answers stand in the complaint's history."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from complaints.procedure.enums import Aspect
from complaints.procedure.field_types import StaffId


class StaffAuthority(BaseModel):
    """Somebody of the directory: a member of staff, or a system. Ids and roles; neither name nor address."""

    model_config = ConfigDict(frozen=True)

    id: StaffId
    is_system: bool = False
    """A case system or an intake system, which says what happened and decides nothing."""
    roles: tuple[str, ...] = ()
    """The steps at which they act: ids of tiers, or the case handler's step's."""
    leads: tuple[str, ...] = ()
    """The tiers that they lead."""
    active_from: date | None = None
    """The first day on which they may act; None: ever since."""
    active_until: date | None = None
    """The last one; None: it is not known yet."""

    def is_active(self, on: date) -> bool:
        """Both days included."""
        return (self.active_from is None or self.active_from <= on) and (
            self.active_until is None or on <= self.active_until
        )


class AssignmentRequest(BaseModel):
    """A complaint that has come to a tier and is held by nobody there."""

    tier: str
    aspects: tuple[Aspect, ...]
    """What it is about."""
    involved: tuple[str, ...]
    """Who may not hold it: the case handler, and whoever dealt with it earlier."""


class DirectoryQuery(BaseModel):
    """Everything that a complaint asks of the directory at one time."""

    on: date
    """Today, in the policy's time zone."""
    actors: tuple[str, ...] = ()
    """Whose standing is asked."""
    assignment: AssignmentRequest | None = None
    """For whom a holder is sought."""
    holder: str | None = None
    """Who is asked to be there from `on` to `until`."""
    until: date | None = None

    @property
    def staff_ids(self) -> tuple[str, ...]:
        """Who are asked about by their ids."""
        return (*self.actors, self.holder) if self.holder else self.actors


class DirectoryResult(BaseModel):
    """What the directory says."""

    authorities: tuple[StaffAuthority, ...] = ()
    """Of the actors; whoever is not among them is unknown."""
    assignee: str | None = None
    """Who is to hold it: well placed, present, not involved, with the fewest open complaints; None: nobody."""
    holder_available: bool = True
    """Active to `until`, and absent on no day from `on` to it."""
