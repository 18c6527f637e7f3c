"""The staff directory: who may act where, who leads, who is there, and who is to hold a complaint (R11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from complaints.channels.addresses import MailAddress
from complaints.procedure.fields import Day, Given, Line, StaffId, plain
from complaints.procedure.policy import Policy, TierId
from complaints.procedure.standing import Found, Question, Standing, Vacancy
from complaints.procedure.terms import Aspect

MOST = 50
"""Of anything that a member of staff has several of."""

Team = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(plain)]


class Absence(Given):
    """From one day to another, both included."""

    since: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise ValueError("an absence ends no earlier than it begins")
        return self


class Member(Given):
    """A member of staff. Lists are kept in order and without repeats, so that the same said otherwise is the same."""

    id: StaffId
    name: Line
    email: MailAddress | None = None
    """None: as COMPLAINTS_STAFF_DOMAIN says."""
    roles: Annotated[tuple[TierId, ...], Field(max_length=MOST)] = ()
    """The steps of the policy at which they act: ids of tiers, or the case handler's step's."""
    leads: Annotated[tuple[TierId, ...], Field(max_length=MOST)] = ()
    """The tiers that they lead."""
    aspects: Annotated[tuple[Aspect, ...], Field(max_length=MOST)] = ()
    """What they are well placed for; empty: anything."""
    teams: Annotated[tuple[Team, ...], Field(max_length=MOST)] = ()
    """Where they work, for whoever looks for somebody: nothing is decided by it."""
    active_from: Day | None = None
    active_until: Day | None = None
    absences: Annotated[tuple[Absence, ...], Field(max_length=500)] = ()

    @field_validator("roles", "leads", "aspects", "teams")
    @classmethod
    def _once_each(cls, several: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(several)))

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

    def mistakes_by(self, policy: Policy) -> list[str]:
        """What does not fit the procedure: `field: what would be right`."""
        tiers = [tier.id for tier in policy.tiers]
        steps = [*([policy.case_handler.id] if policy.case_handler else []), *tiers]
        mistakes = [_no_such("roles", role, steps) for role in self.roles if role not in steps]
        mistakes += [_no_such("leads", tier, tiers) for tier in self.leads if tier not in tiers]
        alone = next((tier for tier in policy.tiers if tier.review and tier.id in self.roles), None)
        if alone and {*self.roles, *self.leads} - {alone.id}:
            mistakes.append(f"roles: whoever is {alone.title} has no other role, and leads no other tier")
        return mistakes

    @property
    def standing(self) -> Standing:
        return Standing(
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


@dataclass(frozen=True)
class Directory:
    """All members, or those whom a question is about."""

    members: Mapping[str, Member]
    systems: frozenset[str] = frozenset()
    """Case systems and intake systems, which say what happened."""
    held: Mapping[str, int] = field(default_factory=dict)
    """How many open complaints somebody holds; whoever is missing holds none."""

    def answer(self, question: Question) -> Found:
        holder, until = question.holder, question.until or question.on
        return Found(
            standings=tuple(filter(None, map(self._standing, dict.fromkeys(question.actors)))),
            chosen=self._choose(question.vacancy, question.on) if question.vacancy else None,
            holder_is_there=holder is None or self._is_there(holder, question.on, until),
        )

    def _standing(self, actor: str) -> Standing | None:
        if actor in self.members:
            return self.members[actor].standing
        return Standing(id=actor, is_system=True) if actor in self.systems else None

    def _is_there(self, staff: str, since: date, until: date) -> bool:
        return staff in self.members and self.members[staff].is_there(since, until)

    def _choose(self, vacancy: Vacancy, on: date) -> str | None:
        """Those whose aspects it is about come before those who are there for anything; then the fewest complaints."""
        about = set(vacancy.aspects)
        fit = [
            (not about.intersection(member.aspects), self.held.get(member.id, 0), member.id)
            for member in self.members.values()
            if vacancy.tier in member.roles
            and member.id not in vacancy.involved
            and (not member.aspects or about.intersection(member.aspects))
            and member.is_there(on, on)
        ]
        return min(fit)[-1] if fit else None


def _no_such(field_name: str, given: str, known: list[str]) -> str:
    return f"{field_name}: there is no {given}; give one of {', '.join(known)}"
