"""Members of staff, and their absences."""

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

from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Aspect
from complaints.procedure.field_types import (
    Day,
    InputModel,
    MailAddress,
    ShortText,
    StaffId,
    check_text,
    pattern_validator,
)
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import Policy
from complaints.procedure.validation_messages import validation_errors

MAX_ITEMS = 50
"""Of roles, tiers led, aspects and teams."""


Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(check_text)
]


Subject = Annotated[str, AfterValidator(pattern_validator(r"[!-~]{1,255}", "up to 255 letters, digits and signs"))]


class InvalidMemberError(ValueError):
    """A member of staff is invalid."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
        """Each as `field: the problem; the remedy`."""


class Absence(InputModel):
    """Days on which somebody is away, the first and the last included."""

    since: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise ValueError("the last day is before the first; give the first day first")
        return self


class Member(InputModel):
    """A member of staff. Lists are sorted and without repeats, so that equals compare equal."""

    id: StaffId
    name: ShortText
    email: MailAddress | None = None
    """None: ID@domain, with the domain of COMPLAINTS_STAFF_DOMAIN."""
    subject: Subject | None = None
    """The `sub` of their tokens at the identity provider; None: they are recognised by their email."""
    roles: Annotated[tuple[Label, ...], Field(max_length=MAX_ITEMS)] = ()
    """The steps at which they act, by id; also `administrator` and `auditor`."""
    leads: Annotated[tuple[Label, ...], Field(max_length=MAX_ITEMS)] = ()
    """Ids of the tiers that they lead."""
    aspects: Annotated[tuple[Aspect, ...], Field(max_length=MAX_ITEMS)] = ()
    """Concerns that they are suited to; empty: all."""
    teams: Annotated[tuple[Label, ...], Field(max_length=MAX_ITEMS)] = ()
    """Where they work: for people who look for somebody. No rule uses it."""
    active_from: Day | None = None
    active_until: Day | None = None
    absences: Annotated[tuple[Absence, ...], Field(max_length=500)] = ()

    @field_validator("roles", "leads", "aspects", "teams")
    @classmethod
    def _sort(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(items)))

    @field_validator("roles", "leads")
    @classmethod
    def _check_policy(cls, ids: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Check ids against the policy in the context; none is given for members from the record."""
        if info.context is not None:
            are_leads = info.field_name == "leads"
            _check_known(ids, info.context, are_leads=are_leads)
            _check_assessor({*ids, *info.data.get("roles", ())} if are_leads else {*ids}, info.context)
        return ids

    @field_validator("absences")
    @classmethod
    def _sort_absences(cls, absences: tuple[Absence, ...]) -> tuple[Absence, ...]:
        return tuple(sorted(set(absences), key=lambda absence: (absence.since, absence.until)))

    @field_validator("active_until")
    @classmethod
    def _check_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("active_from")
        if since and until and until < since:
            raise ValueError(f"this is before the first day; give {since} or a later day")
        return until

    @classmethod
    def of(cls, fields: Mapping[str, Any], policy: Policy, before: Self | None = None) -> Self:
        """Make a member; `fields` replace those of `before`. Raises InvalidMemberError."""
        unchanged = before.model_dump() if before else {}
        try:
            return cls.model_validate({**unchanged, **fields}, context=policy)
        except ValidationError as error:
            raise InvalidMemberError(validation_errors(error)) from error

    @property
    def authority(self) -> StaffAuthority:
        """Their roles, tiers led and active period, as the procedure checks them."""
        return StaffAuthority(
            id=self.id,
            roles=self.roles,
            leads=self.leads,
            active_from=self.active_from,
            active_until=self.active_until,
        )

    def is_available(self, since: date, until: date) -> bool:
        """Whether they are active on both days, and absent on none between them."""
        authority = self.authority
        return (
            authority.is_active(since)
            and authority.is_active(until)
            and not any(absence.since <= until and since <= absence.until for absence in self.absences)
        )


def _check_known(ids: tuple[str, ...], policy: Policy, *, are_leads: bool) -> None:
    """Raise ValueError for an id that is no role, or for leads no tier."""
    known = [tier.id for tier in policy.tiers] if are_leads else [*policy.steps, *OfficeRole]
    if unknown := [each for each in ids if each not in known]:
        near = nearest_name(unknown[0], known) if len(unknown) == 1 else None
        advice = f"{near}?" if near else f"give any of {', '.join(known)}"
        raise ValueError(f"there is no {', '.join(unknown)}; {advice}")


def _check_assessor(ids: set[str], policy: Policy) -> None:
    """Raise ValueError if the Assessor holds another role (R11); she may lead her own tier."""
    for tier in policy.tiers:
        if tier.review and tier.id in ids and ids != {tier.id}:
            raise ValueError(f"the {tier.title} holds no other role; give {tier.id} alone, or leave it out")
