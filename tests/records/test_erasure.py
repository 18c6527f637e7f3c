"""No table holds a text that came from outside, before an erasure or after it (R12)."""

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.messages.key import MessageKey
from complaints.records import queries
from complaints.records.deliveries import claim
from complaints.records.erasure import anonymise, create_tombstone, erase
from tests.fixtures.marked import Marks, find_marks
from tests.procedure.builders import LEAD
from tests.records.personal.marked_story import NOW, MarkedStory, record_marked
from tests.records.table_dump import everything


async def hold_alert(engine: AsyncEngine, story: MarkedStory) -> None:
    """Hold an alert for a reason that a channel gives."""
    alert = next(event for event in story.events("alerted") if event.detail["to"])
    key = MessageKey(reference=story.state.reference, sequence=alert.sequence, to=alert.detail["to"][0])
    async with claim(engine, key) as held:
        await held.mark_held(NOW, story.marks.text())


async def test_no_table_holds_a_text_from_outside(engine: AsyncEngine) -> None:
    marks = Marks()
    stories = [await record_marked(engine, reference, marks) for reference in ("M-1", "M-2")]
    case_handlers = {story.state.form.case.handler for story in stories}
    before = await everything(engine)
    assert {mark for rows in before.values() for mark in find_marks(rows)} <= case_handlers
    for read in (queries.read_state, queries.read_free_text, queries.read_history):
        assert len(set(find_marks(str(await read(engine, "M-1")))) - case_handlers) > 0
    for story in stories:
        await hold_alert(engine, story)
    await create_tombstone(engine, "M-1", NOW, LEAD, "She asked us to.")
    await erase(engine, "M-1", NOW)
    await anonymise(engine, ["M-2"], NOW, None, "policy")
    after = await everything(engine)
    assert [mark for rows in after.values() for mark in find_marks(rows)] == []
    [erased] = [row for row in after["complaints"] if "M-1" in row]
    assert "digest" not in str(erased).replace("form_digest", "")
