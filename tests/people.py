"""Whom the staff directory knows in the tests: one cast for all of them."""

from complaints.procedure.standing import Found, Standing

CASE_HANDLER, MANAGER, TEAM, ASSESSOR = "case_handler", "manager", "customer_complaints_team", "independent_assessor"
FIRST, SECOND, THIRD = "stage_1", "stage_2", "stage_3"
SERVICE = (MANAGER, TEAM, FIRST, SECOND, THIRD)
"""The tiers of the tests' policies that reply."""


def _staff(roles: tuple[str, ...], *ids: str, leads: tuple[str, ...] = ()) -> list[Standing]:
    return [Standing(id=each, roles=roles, leads=leads) for each in ids]


PEOPLE: tuple[Standing, ...] = (
    *_staff((CASE_HANDLER,), "hanna", "h.lee", "harry", f"staff.{CASE_HANDLER}", f"also.{CASE_HANDLER}"),
    *_staff((MANAGER, FIRST), "mona", "mary", "m.silva", *(f"m.{number}" for number in range(50))),
    *_staff((MANAGER, FIRST), "mark", "m.okafor", leads=(MANAGER, FIRST)),
    *_staff((TEAM, SECOND), "tom", "cora", "t.abara", "t.jones"),
    *_staff((TEAM, SECOND), "tess", "carl", leads=(TEAM, SECOND)),
    *_staff((TEAM, SECOND), "lou", leads=(MANAGER, FIRST)),
    *_staff((FIRST, SECOND, THIRD, "stage_4"), "zoe"),
    *_staff((ASSESSOR,), "ida", "i.assessor"),
    *(member for tier in (*SERVICE, ASSESSOR) for member in _staff((tier,), f"staff.{tier}", f"also.{tier}")),
    *_staff((CASE_HANDLER, *SERVICE), "ann", "bob"),
    *_staff((), "lee", "lead", "lena", "l.one", leads=(*SERVICE, ASSESSOR)),
    *(Standing(id=system, is_system=True) for system in ("intake", "case-system", "cases")),
)
KNOWN = Found(standings=PEOPLE)
"""What the directory finds, whoever is asked for."""
