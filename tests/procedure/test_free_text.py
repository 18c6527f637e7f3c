"""Free text, and nothing else, holds what people wrote or chose (R12)."""

from hypothesis import given, settings
from pydantic_core import to_jsonable_python

from complaints.procedure.anonymisation import anonymise_state, anonymise_view
from complaints.procedure.views.views import transition_since
from tests.fixtures.marked import find_marks, live_marked
from tests.fixtures.random_complaints import RandomComplaint, random_complaints


@settings(max_examples=30)
@given(random_complaint=random_complaints(longest=8))
def test_no_event_quotes_what_somebody_wrote_or_chose(random_complaint: RandomComplaint) -> None:
    complaint = live_marked(random_complaint)
    events = complaint.state.events
    assert find_marks([event.free_text for event in events])
    for event in events:
        assert not find_marks(event.model_dump_json(exclude={"free_text"})), event
    transition = transition_since(complaint, 0)
    recorded = transition.recorded_state()
    state = anonymise_state(recorded.model_dump(mode="json"))
    assert not find_marks(state)
    assert not find_marks(anonymise_view(to_jsonable_python(transition.view(recorded)), state))
