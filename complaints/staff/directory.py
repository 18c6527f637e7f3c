"""The staff directory: authority, availability and assignment (R11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery, DirectoryResult, StaffAuthority
from complaints.staff.members import Member


@dataclass(frozen=True)
class Directory:
    """All members of staff, or those that a query concerns."""

    members: Mapping[str, Member]
    systems: Mapping[str, StaffAuthority] = field(default_factory=dict)
    """Case systems and intake systems, which report what happened."""
    holding_counts: dict[str, int] = field(default_factory=dict)
    """How many open complaints each member holds; one who is missing holds none."""
    unconfirmed: frozenset[str] = frozenset()
    """Members and systems that nobody has confirmed since a restore: they may not act."""

    def has_all(self, names: Iterable[str]) -> bool:
        """Whether each name is a member's or a system's."""
        return all(name in self.members or name in self.systems for name in names)

    def resolve(self, query: DirectoryQuery) -> DirectoryResult:
        """Answer a query of the procedure's."""
        holder, until = query.holder, query.until or query.on
        return DirectoryResult(
            authorities=tuple(filter(None, map(self._authority, dict.fromkeys(query.actors)))),
            assignee=self._choose(query.assignment, query.on) if query.assignment else None,
            holder_available=holder is None or self._is_available(holder, query.on, until),
        )

    def _authority(self, actor: str) -> StaffAuthority | None:
        authority = self._recorded_authority(actor)
        return authority and authority.model_copy(update={"is_confirmed": actor not in self.unconfirmed})

    def _recorded_authority(self, actor: str) -> StaffAuthority | None:
        """Look up an actor. A system of a member's name never has that member's authority."""
        if actor in self.systems or actor not in self.members:
            return self.systems.get(actor)
        return self.members[actor].authority

    def _is_available(self, staff: str, since: date, until: date) -> bool:
        return staff in self.members and self.members[staff].is_available(since, until)

    def _choose(self, request: AssignmentRequest, on: date) -> str | None:
        """Choose an available member: first by aspects, then by the fewest complaints held.

        A case handler that the form names is only checked: whether they are active and have the role.
        """
        if request.named:
            member = self.members.get(request.named)
            is_eligible = member and member.authority.is_active(on) and request.tier in member.roles
            return request.named if is_eligible else None
        aspects = set(request.aspects)
        candidates = [
            (not aspects.intersection(member.aspects), self.holding_counts.get(member.id, 0), member.id)
            for member in self.members.values()
            if request.tier in member.roles
            and member.id not in request.involved
            and (not member.aspects or aspects.intersection(member.aspects))
            and member.is_available(on, on)
        ]
        return min(candidates)[-1] if candidates else None
