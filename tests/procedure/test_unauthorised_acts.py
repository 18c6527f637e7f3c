"""Acts without permission change nothing but the record (R11)."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.procedure.complaint import DONE
from complaints.procedure.directory_lookup import DirectoryResult, StaffAuthority
from complaints.procedure.permissions import Permission
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import ASSESSOR, CASE_HANDLER, DIRECTORY_RESULT, SERVICE_TIERS

RECORD = {"events", "answers", "sequence", "refusal_notices"}
EVERYTHING = (CASE_HANDLER, *SERVICE_TIERS, ASSESSOR)
STRANGERS = (
    StaffAuthority(id="gone", roles=EVERYTHING, leads=EVERYTHING, active_until=date(2024, 12, 31)),
    StaffAuthority(id="without.role"),
    StaffAuthority(id="system", roles=EVERYTHING, leads=EVERYTHING, is_system=True),
)
FOUND = DirectoryResult(authorities=(*DIRECTORY_RESULT.authorities, *STRANGERS))
MAY_KEY = ("without.role", "system")
"""They may key acts of the complainant and the case system."""


@settings(max_examples=100)
@given(
    random_complaint=random_complaints(),
    stranger=st.sampled_from(["unknown", *(stranger.id for stranger in STRANGERS)]),
)
def test_an_act_without_permission_changes_only_the_record(random_complaint: RandomComplaint, stranger: str) -> None:
    """There is a refusal with its alert; there is no letter and no other alert."""
    for number, (complaint, act, now) in enumerate(play(random_complaint)):
        state = complaint.state
        if not (stranger in MAY_KEY and act.requires in (Permission.ANYBODY, Permission.POST_ROOM)):
            before, sequence = state.model_dump(exclude=RECORD), state.sequence
            answer = complaint.apply(act.model_copy(update={"id": f"wrong {number}", "by": stranger}), now, FOUND)
            assert answer.code != DONE
            assert state.model_dump(exclude=RECORD) == before
            first, *others = [event.kind for event in complaint.events_after(sequence)]
            assert first == "refused"
            assert set(others) <= {"alerted"}
        complaint.apply(act, now, FOUND)
