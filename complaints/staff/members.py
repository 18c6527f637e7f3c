"""Members of staff and their absences, validated."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from complaints.channels.addresses import MailAddress
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Aspect
from complaints.procedure.field_types import Day, InputModel, ShortText, StaffId, plain
from complaints.procedure.policy import Policy
from complaints.procedure.validation_messages import validation_errors

MAX_ITEMS = 50
"""Of anything that a member of staff has several of."""


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(plain)]


class InvalidMemberError(ValueError):
    """Not to be entered so."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
        """Each as `field: what would be right`."""


class Absence(InputModel):
    """From one day to another, both included."""

    since: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise ValueError("an absence ends no earlier than it begins")
        return self


class Member(InputModel):
    """A member of staff. Lists are kept in order and without repeats, so that the same said otherwise is the same."""

    id: StaffId
    name: ShortText
    email: MailAddress | None = None
    """None: as COMPLAINTS_STAFF_DOMAIN says."""
    roles: Annotated[tuple[Title, ...], Field(max_length=MAX_ITEMS)] = ()
    """The steps of the policy at which they act: ids of tiers, or the case handler's step's."""
    leads: Annotated[tuple[Title, ...], Field(max_length=MAX_ITEMS)] = ()
    """The tiers that they lead."""
    aspects: Annotated[tuple[Aspect, ...], Field(max_length=MAX_ITEMS)] = ()
    """What they are well placed for; empty: anything."""
    teams: Annotated[tuple[Title, ...], Field(max_length=MAX_ITEMS)] = ()
    """Where they work, for whoever looks for somebody: nothing is decided by it."""
    active_from: Day | None = None
    active_until: Day | None = None
    absences: Annotated[tuple[Absence, ...], Field(max_length=500)] = ()

    @field_validator("roles", "leads", "aspects", "teams")
    @classmethod
    def _once_each(cls, several: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(several)))

    @field_validator("roles", "leads")
    @classmethod
    def _of_the_policy(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Where a policy is the context: what is read from the record was so when it was written."""
        if info.context is not None:
            of_leads = info.field_name == "leads"
            _refuse_unknown(given, info.context, of_leads=of_leads)
            _refuse_assessor_elsewhere({*given, *info.data.get("roles", ())} if of_leads else {*given}, info.context)
        return given

    @field_validator("absences")
    @classmethod
    def _by_day(cls, absences: tuple[Absence, ...]) -> tuple[Absence, ...]:
        return tuple(sorted(set(absences), key=lambda absence: (absence.since, absence.until)))

    @field_validator("active_until")
    @classmethod
    def _after_the_first_day(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("active_from")
        if since and until and until < since:
            raise ValueError("the last day is no earlier than the first")
        return until

    @classmethod
    def of(cls, fields: Mapping[str, Any], policy: Policy, before: Self | None = None) -> Self:
        """With `fields` in the place of what was known before. Raises MistakenMemberError."""
        known = before.model_dump() if before else {}
        try:
            return cls.model_validate({**known, **fields}, context=policy)
        except ValidationError as error:
            raise InvalidMemberError(validation_errors(error)) from error

    @property
    def standing(self) -> StaffAuthority:
        return StaffAuthority(
            id=self.id,
            roles=self.roles,
            leads=self.leads,
            active_from=self.active_from,
            active_until=self.active_until,
        )

    def is_there(self, since: date, until: date) -> bool:
        """Active on both days, and absent on none from the one to the other."""
        standing = self.standing
        return (
            standing.is_active(since)
            and standing.is_active(until)
            and not any(absence.since <= until and since <= absence.until for absence in self.absences)
        )


def _refuse_unknown(given: tuple[str, ...], policy: Policy, *, of_leads: bool) -> None:
    """Raises ValueError."""
    first = [policy.case_handler.id] if policy.case_handler and not of_leads else []
    known = [*first, *(tier.id for tier in policy.tiers)]
    if strange := [each for each in given if each not in known]:
        raise ValueError(f"there is no {', '.join(strange)}; give any of {', '.join(known)}")


def _refuse_assessor_elsewhere(everything: set[str], policy: Policy) -> None:
    """R11; she may be her own lead. Raises ValueError."""
    for tier in policy.tiers:
        if tier.review and tier.id in everything and everything != {tier.id}:
            raise ValueError(f"whoever is {tier.title} ({tier.id}) holds no other role")
