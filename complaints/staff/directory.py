"""The staff directory: who may act where, who leads, who is there, and who is to hold a complaint (R11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery, DirectoryResult, StaffAuthority
from complaints.staff.members import Member


@dataclass(frozen=True)
class Directory:
    """All members, or those whom a question is about."""

    members: Mapping[str, Member]
    systems: Mapping[str, StaffAuthority] = field(default_factory=dict)
    """Case systems and intake systems, which say what happened."""
    held: dict[str, int] = field(default_factory=dict)
    """How many open complaints somebody holds; whoever is missing holds none."""

    def knows(self, names: Iterable[str]) -> bool:
        return all(name in self.members or name in self.systems for name in names)

    def answer(self, question: DirectoryQuery) -> DirectoryResult:
        holder, until = question.holder, question.until or question.on
        return DirectoryResult(
            authorities=tuple(filter(None, map(self._standing, dict.fromkeys(question.actors)))),
            assignee=self._choose(question.assignment, question.on) if question.assignment else None,
            holder_available=holder is None or self._is_there(holder, question.on, until),
        )

    def _standing(self, actor: str) -> StaffAuthority | None:
        """What is a system is nobody else: by a key of its own nothing is decided that staff decide."""
        if actor in self.systems or actor not in self.members:
            return self.systems.get(actor)
        return self.members[actor].standing

    def _is_there(self, staff: str, since: date, until: date) -> bool:
        return staff in self.members and self.members[staff].is_there(since, until)

    def _choose(self, vacancy: AssignmentRequest, on: date) -> str | None:
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
