"""A worklist has somebody's tasks, next due first, each with its next command."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Outcome, RemedyKind
from complaints.procedure.remedies import Remedy
from complaints.procedure.views.views import transition_since
from complaints.records.transitions import write_transition
from complaints.records.worklists import read_worklist
from complaints.staff.worklist import Task, build_worklist
from tests.fixtures.staff import DIRECTORY, DIRECTORY_RESULT, directory_result
from tests.records.sample_complaints import ACTION, RECEIVED, at, long_story, opened

COMPENSATION = Remedy(kind=RemedyKind.COMPENSATION, pence=5_000)
REPLY = acts.Reply(id="2", by="mary", outcome=Outcome.UPHELD, findings="It was slow.", remedies=(ACTION,))


async def entered(engine: AsyncEngine, reference: str, *steps: tuple[datetime, Act]) -> Complaint:
    complaint = opened(reference)
    for now, act in steps:
        assert complaint.apply(act, now, DIRECTORY_RESULT).code == "done"
    await write_transition(engine, transition_since(complaint, 0))
    return complaint


async def of(engine: AsyncEngine, staff: str, *leads: str, now: datetime = RECEIVED) -> list[Task]:
    authority = DIRECTORY.members[staff].authority.model_copy(update={"leads": leads})
    found = await read_worklist(engine, staff, leads, authority.roles)
    return build_worklist(authority, ((state, max(now, state.events[-1].at)) for state in found))


async def test_tasks_are_in_due_order_with_the_next_command(engine: AsyncEngine) -> None:
    acknowledged = (RECEIVED, acts.Acknowledge(id="1", by="mary"))
    await entered(engine, "C-1", acknowledged)
    more_time = acts.Extend(id="3", by="mary", to=date(2027, 1, 15), explanation="The file is away.")
    await entered(engine, "C-0", acknowledged, (RECEIVED, more_time))
    await entered(engine, "C-2", (RECEIVED, acts.Reassign(id="1", by="lena", to="mary", reason="For her.")))
    await entered(engine, "C-3", (RECEIVED, acts.Acknowledge(id="1", by="mark")))
    tasks = await of(engine, "mary")
    assert [(task.reference, task.due, task.due_on, task.next) for task in tasks] == [
        ("C-2", "acknowledgement", date(2026, 12, 18), "acknowledge"),
        ("C-1", "reply", date(2027, 1, 4), "reply"),
        ("C-0", "reply", date(2027, 1, 15), "reply"),
    ]
    assert tasks[0].command == "complaints acknowledge C-2 --as mary"
    assert tasks[1].command == (
        "complaints reply C-1 --as mary --outcome upheld|partly_upheld|not_upheld --findings TEXT"
    )
    assert tasks[1].also == ["extend", "classify", "reassign"]


async def test_a_task_is_listed_while_what_is_due_is_not_on_the_record_yet(engine: AsyncEngine) -> None:
    await entered(engine, "C-1", (RECEIVED, acts.Acknowledge(id="1", by="mary")))
    [task] = await of(engine, "mary", now=at(1, 5))
    assert (task.due, task.overdue, task.next) == ("reply", True, "reply")


async def test_overdue_tasks_say_so_and_tasks_of_others_come_last(engine: AsyncEngine) -> None:
    await entered(engine, "C-1", (RECEIVED, REPLY.model_copy(update={"remedies": ()})))
    late = opened("C-2")
    late.elapse(at(1, 6))
    assert late.apply(acts.Acknowledge(id="1", by="mary"), at(1, 6), DIRECTORY_RESULT).code == "done"
    await write_transition(engine, transition_since(late, 0))
    assert [(task.reference, task.overdue, task.next) for task in await of(engine, "mary")] == [
        ("C-2", True, "reply"),
        ("C-1", False, None),
    ]


async def test_a_closed_complaint_stays_until_its_undertakings_are_carried_out(engine: AsyncEngine) -> None:
    complaint = await entered(engine, "C-1", (RECEIVED, REPLY), (RECEIVED, acts.Resolve(id="3", by="intake")))
    [task] = await of(engine, "mary")
    assert (task.due, task.command) == ("undertaking 1", "complaints carry-out C-1 1 --as mary")
    complaint.apply(acts.CarryOut(id="4", by="mary", undertaking=1), at(1, 4), DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    assert await of(engine, "mary") == []


async def test_a_lead_has_the_complaints_without_a_holder(engine: AsyncEngine) -> None:
    await entered(engine, "C-1")
    await entered(engine, "C-2", (RECEIVED, acts.Acknowledge(id="1", by="mary")))
    [task] = await of(engine, "lena", "manager")
    assert (task.holder, task.command) == (None, "complaints reassign C-1 --as lena --to ID --reason TEXT")
    assert task.also == ["classify"]
    assert await of(engine, "lena", "customer_complaints_team") == []


async def test_all_who_may_take_a_complaint_have_it_until_somebody_holds_it(engine: AsyncEngine) -> None:
    complaint = await entered(engine, "C-1")
    [task] = await of(engine, "mark", "manager")
    assert (task.holder, task.due, task.command) == (None, "acknowledgement", "complaints acknowledge C-1 --as mark")
    assert [each.reference for each in await of(engine, "mary")] == ["C-1"]
    assert await of(engine, "carl") == []
    assert complaint.apply(acts.Acknowledge(id="1", by="mary"), RECEIVED, DIRECTORY_RESULT).code == "done"
    await write_transition(engine, transition_since(complaint, 0))
    assert await of(engine, "mark", "manager") == []


async def test_somebody_who_was_involved_before_does_not_have_it(engine: AsyncEngine) -> None:
    passed_on = (at(1, 20), acts.Escalate(id="2", by="intake"))
    await entered(
        engine, "C-1", (RECEIVED, REPLY.model_copy(update={"id": "1", "by": "ann", "remedies": ()})), passed_on
    )
    assert await of(engine, "ann", now=at(1, 20)) == []
    assert [task.next for task in await of(engine, "bob", now=at(1, 20))] == ["acknowledge"]


async def test_the_first_tiers_lead_has_a_complaint_without_a_case_handler(engine: AsyncEngine) -> None:
    complaint = await entered(engine, "H-1")
    query = complaint.directory_query((), RECEIVED)
    assert query
    complaint.apply_directory_result(query, directory_result(None), RECEIVED)
    await write_transition(engine, transition_since(complaint, 0))
    [of_lead], [of_handler] = await of(engine, "lena", "manager"), await of(engine, "hanna")
    assert of_lead.command == "complaints reassign H-1 --as lena --to ID --reason TEXT"
    assert of_handler.next == "settle"
    assert await of(engine, "lena", "customer_complaints_team") == []


def test_the_command_is_that_of_the_undertaking_due_first() -> None:
    complaint = opened()
    answered = acts.Reply.model_validate(REPLY.model_dump() | {"remedies": (ACTION, COMPENSATION)})
    assert complaint.apply(answered, RECEIVED, DIRECTORY_RESULT).code == "done"
    first, second = complaint.state.undertakings
    second.by, second.by_at = first.by - timedelta(days=7), first.by_at - timedelta(days=7)
    mary = DIRECTORY.members["mary"].authority
    [task] = build_worklist(mary, [(complaint.state, RECEIVED)])
    assert (task.due, task.due_on, task.command) == ("undertaking 2", second.by, "complaints carry-out C-1 2 --as mary")
    first.owner, second.carried_out_at = "mark", RECEIVED
    [task] = build_worklist(mary, [(complaint.state, RECEIVED)])
    assert (task.due, task.next, task.also) == (None, None, ["correct", "reassign"])


@pytest.mark.parametrize(
    ("staff", "leads", "next_acts"),
    [("lena", ["manager"], ["answer_recommendation"]), ("ida", ["independent_assessor"], [None]), ("tess", [], [])],
)
async def test_leads_and_not_the_assessor_answer_a_recommendation(
    engine: AsyncEngine, staff: str, leads: list[str], next_acts: list[str | None]
) -> None:
    reviewed = next(complaint for complaint in long_story() if complaint.state.recommendations)
    await write_transition(engine, transition_since(reviewed, 0))
    assert [task.next for task in await of(engine, staff, *leads)] == next_acts


async def test_an_act_that_is_due_is_not_listed_again_for_another_number(engine: AsyncEngine) -> None:
    remedies = ({"kind": "action", "what": "Ring back."}, {"kind": "action", "what": "Send the file."})
    reply = acts.Reply(id="1", by="mary", outcome="upheld", findings="So it was.", remedies=remedies)
    await entered(engine, "C-1", (RECEIVED, reply))
    [task] = await of(engine, "mary")
    assert (task.due, task.next) == ("undertaking 1", "carry_out")
    assert task.also == ["correct", "reassign", "reassign_undertaking"]


async def test_an_undertaking_stays_its_owners_when_another_holds_the_complaint(engine: AsyncEngine) -> None:
    gone_on = acts.Escalate(id="3", by="intake")
    taken_on = acts.Acknowledge(id="4", by="carl")
    complaint = await entered(engine, "C-1", (RECEIVED, REPLY), (RECEIVED, gone_on))
    [of_mary] = await of(engine, "mary")
    assert (of_mary.holder, of_mary.due, of_mary.next) == (None, "undertaking 1", "carry_out")
    assert of_mary.also == ["reassign_undertaking"]
    complaint.apply(taken_on, RECEIVED, DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    [of_mary], [of_carl] = await of(engine, "mary"), await of(engine, "carl")
    assert (of_mary.holder, of_mary.due, of_mary.next) == ("carl", "undertaking 1", "carry_out")
    assert of_mary.also == ["reassign_undertaking"]
    assert (of_carl.due, of_carl.next) == ("reply", "reply")
    assert "carry_out" not in of_carl.also


async def test_no_act_is_offered_that_would_be_refused(engine: AsyncEngine) -> None:
    """R11: she has another role by then."""
    await entered(engine, "C-1", (RECEIVED, acts.Acknowledge(id="1", by="mary")))
    [state] = await read_worklist(engine, "mary", ())
    [task] = build_worklist(
        StaffAuthority(id="mary", roles=("customer_complaints_team",)), [(state, state.events[-1].at)]
    )
    assert (task.reference, task.due, task.command, task.also) == ("C-1", "reply", None, [])
