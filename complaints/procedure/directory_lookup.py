"""R11: queries to the staff directory, and their results."""

from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from complaints.procedure.enums import Aspect
from complaints.procedure.field_types import StaffId


class LeanModel(BaseModel):
    """A model of whose fields the JSON has only those that are not as by default.

    A history keeps an answer of the directory for each act.
    """

    @model_serializer(mode="wrap")
    def _leave_out_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        return {name: value for name, value in written.items() if getattr(self, name) != defaults[name]}


class StaffAuthority(LeanModel):
    """Id, roles and active period of a member of staff or a system; neither name nor address."""

    model_config = ConfigDict(frozen=True)

    id: StaffId
    is_system: bool = False
    """A case system or an intake system: it reports facts and decides nothing."""
    roles: tuple[str, ...] = ()
    """The steps at which they act: ids of tiers, or the id of the case handler's step."""
    leads: tuple[str, ...] = ()
    """Ids of the tiers that they lead."""
    active_from: date | None = None
    """The first day on which they may act; None: no limit."""
    active_until: date | None = None
    """The last day on which they may act; None: no limit."""
    is_confirmed: bool = True
    """False: the record was restored to an older state, and nobody has confirmed them since."""

    def is_active(self, on: date) -> bool:
        """Return whether they may act on the day. Both limits are included."""
        return (self.active_from is None or self.active_from <= on) and (
            self.active_until is None or on <= self.active_until
        )


class AssignmentRequest(BaseModel):
    """A request for a holder, for a complaint that nobody holds at its tier."""

    tier: str
    aspects: tuple[Aspect, ...]
    """Of the complaint's concerns."""
    involved: tuple[str, ...]
    """Ids of staff who may not hold it, such as the case handler and the holders at earlier tiers."""
    named: str | None = None
    """The case handler that the form names, who holds it if the directory knows them (R10)."""


class LetterDelivery(LeanModel):
    """What the record has of a letter's delivery to the complainant."""

    letter: int
    """The sequence of its event."""
    is_held: bool = False
    sent_at: datetime | None = None


class DirectoryQuery(BaseModel):
    """Everything that a complaint asks of the directory at one time."""

    on: date
    """Today, in the policy's time zone."""
    actors: tuple[str, ...] = ()
    """Ids of staff whose authority is needed."""
    assignment: AssignmentRequest | None = None
    holder: str | None = None
    """The id of a holder who should be available from `on` to `until`."""
    until: date | None = None
    reference: str | None = None
    """The complaint whose letters these are."""
    letters: tuple[int, ...] = ()
    """Letters of which a signal says, as the product itself, that they are held or have gone."""

    @property
    def staff_ids(self) -> tuple[str, ...]:
        """The ids that the query names: the actors, the holder and the case handler."""
        named = self.assignment.named if self.assignment else None
        return (*self.actors, *filter(None, (self.holder, named)))


class DirectoryResult(LeanModel):
    """The directory's answer to a query."""

    authorities: tuple[StaffAuthority, ...] = ()
    """Of the actors; an actor without one is unknown to the directory."""
    assignee: str | None = None
    """The id of the holder to be: eligible, present, not involved, with the fewest open complaints. None: nobody."""
    holder_available: bool = True
    """Whether the holder is active to `until`, and absent on no day from `on` to it."""
    deliveries: tuple[LetterDelivery, ...] = ()
    """Of the letters, those that the record has."""


class NotChecked(Enum):
    """Type of `NOT_CHECKED`."""

    NOT_CHECKED = "not_checked"


NOT_CHECKED: Final = NotChecked.NOT_CHECKED
"""Given in place of a `DirectoryResult`, to try an act without checking its actor's permission."""
