"""The directory chooses a holder, and says near a deadline whether they are available (R11)."""

from datetime import timedelta

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    AskManager,
    Classify,
    Escalate,
    Extend,
    Reassign,
    Reply,
    Withdraw,
)
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery, DirectoryResult
from tests.fixtures.staff import directory_result
from tests.procedure.builders import HANDLER, HOUSING, LEAD, MONDAY, Story, closed_untaken, day, opened, replied

TODAY = day("2026-03-02")


def asks(story: Story) -> DirectoryQuery | None:
    return story.complaint.directory_query((), story.now)


def hears(story: Story, answer: DirectoryResult) -> None:
    asked = asks(story)
    assert asked
    story.complaint.apply_directory_result(asked, answer, story.now)


def test_the_directory_chooses_the_holder_of_a_complaint_that_comes_to_a_manager() -> None:
    story = opened()
    vacancy = AssignmentRequest(tier="manager", aspects=("delay",), involved=(HANDLER,))
    assert asks(story) == DirectoryQuery(on=TODAY, assignment=vacancy)
    hears(story, directory_result("mona"))
    assert story.state.holder == "mona"
    [given] = story.events("given_to")
    assert given.detail["to"] == "mona"
    assert given.what.startswith("Manager: held by mona, chosen as well placed, present, not involved before")
    assert asks(story) is None


def test_an_assignment_request_names_each_service_aspect_once() -> None:
    asked = asks(opened(aspects=["delay", "outcome", "not_kept_updated", "delay"]))
    assert asked
    assert asked.assignment
    assert asked.assignment.aspects == ("delay", "not_kept_updated")


def test_somebody_who_dealt_with_the_complaint_earlier_may_not_hold_it() -> None:
    story = opened(told_case_handler_on=None)
    story.does(Reassign, LEAD, to="harry")
    story.does(AskManager)
    asked = asks(story)
    assert asked
    assert asked.assignment
    assert asked.assignment.involved == (HANDLER, "harry")


def test_the_lead_is_alerted_once_if_nobody_is_available() -> None:
    story = opened()
    hears(story, directory_result(None))
    assert story.state.holder is None
    assert story.alerts_to_act() == [("nobody_to_hold", ["lead:manager", "role:manager"])]
    assert asks(story) is None


def test_somebody_who_acted_before_the_directorys_answer_holds_the_complaint() -> None:
    story = opened()
    asked = asks(story)
    assert asked
    story.does(Acknowledge, "mark")
    story.complaint.apply_directory_result(asked, directory_result("mona"), story.now)
    assert story.state.holder == "mark"
    assert story.kinds().count("given_to") == 1


def test_a_directory_result_that_is_out_of_date_is_queried_again() -> None:
    story = opened()
    asked = asks(story)
    assert asked
    elsewhere = asked.model_copy(
        update={"assignment": AssignmentRequest(tier="manager", aspects=("other_service",), involved=())}
    )
    story.complaint.apply_directory_result(elsewhere, directory_result("mona"), story.now)
    assert story.state.holder is None
    assert asks(story) == asked


def test_only_tiers_that_allocate_get_a_holder_and_no_closed_complaint_gets_one() -> None:
    assert asks(opened(policy=HOUSING)) is None
    story = replied()
    story.does(Escalate)
    assert asks(story) is None
    withdrawn = opened()
    withdrawn.does(Withdraw)
    assert asks(withdrawn) is None
    late = closed_untaken()
    late.does(AcceptLate, "tess")
    assert asks(late) is None


def test_a_new_holder_is_alerted_unless_they_took_the_complaint() -> None:
    story = opened()
    hears(story, directory_result("mona"))
    story.does(Reassign, LEAD, to="mary")
    story.does(Reassign, "mary", to="mark")
    assert story.alerts_to_act() == [("given", [f"staff:{name}"]) for name in ("mona", "mary", "mark")]
    taken = opened(policy=HOUSING)
    taken.does(Acknowledge, "mark")
    assert taken.alerts_to_act() == [("nobody_to_hold", ["lead:stage_1", "role:stage_1"])]


def test_a_complaint_keyed_late_is_given_first_and_lapses_then() -> None:
    story = opened("2026-03-18 16:00", received_at=MONDAY)
    assert story.events("lapsed") == []
    hears(story, directory_result("mona"))
    kinds = story.kinds()
    assert kinds.index("given_to") < kinds.index("alerted") < kinds.index("lapsed")
    assert story.alerts() == [
        (occasion, ["staff:mona", "lead:manager"]) for occasion in ("acknowledgement_lapsed", "reply_lapsed")
    ]


def test_a_complaint_keyed_late_lapses_without_a_holder_if_the_directory_does_not_answer() -> None:
    story = opened("2026-03-18 16:00", received_at=MONDAY).at("2026-03-18 16:05")
    assert story.times("lapsed") == ["2026-03-18 16:05", "2026-03-18 16:05"]
    hears(story, directory_result("mona"))
    [given] = story.events("alerted", occasion="given")
    assert given.what == "Manager: given to mona; acknowledgement due by the end of Wed 4 Mar 2026"


def test_a_tier_that_does_not_allocate_alerts_its_lead_and_its_role_when_the_complaint_arrives() -> None:
    story = replied("2026-03-04 10:00")
    story.does(Escalate)
    team = ["lead:customer_complaints_team", "role:customer_complaints_team"]
    assert story.alerts_to_act()[-1] == ("nobody_to_hold", team)
    assert story.events("alerted")[-1].what == (
        "Customer Complaints team: nobody holds it; acknowledgement due by the end of Fri 6 Mar 2026"
    )


def test_an_act_by_another_than_the_holder_says_so_and_alerts_the_holder_once() -> None:
    story = opened().assign("mona")
    answer = story.does(Acknowledge, "mark")
    assert answer.sentence == "Manager: acknowledged; mona holds the complaint and gets an alert"
    assert story.alerts() == [("acted_for_holder", ["staff:mona"])]
    assert story.does(Reply, "mona").sentence == "Manager: replied, upheld"
    assert len(story.alerts()) == 1


def test_a_late_letter_by_another_alerts_the_holder_at_that_tier() -> None:
    story = opened().assign("mona").at("2026-04-01 10:00")
    assert story.state.tier_id == "customer_complaints_team"
    story.does(Reply, "mark", tier="manager", sent_at="2026-03-20 10:00")
    assert story.alerts()[-1] != ("acted_for_holder", ["staff:tess"])
    assert ("acted_for_holder", ["staff:mona"]) in story.alerts()


def test_a_complaint_that_is_taken_up_again_alerts_its_holder_again() -> None:
    story = opened().assign("mona")
    story.does(Classify, "mona", concern=1, aspect="outcome")
    story.does(Classify, LEAD, concern=1, aspect="delay")
    assert [alert[0] for alert in story.alerts_to_act()] == ["given", "goes_on"]
    assert story.alerts_to_act()[-1] == ("goes_on", ["staff:mona"])


def held() -> Story:
    """By mona; the reply is due on Monday 16 March, and the reminder goes on the Friday before."""
    story = opened()
    hears(story, directory_result("mona"))
    story.does(Acknowledge, "mona")
    return story


def test_a_reminder_queries_whether_the_holder_is_available_until_the_due_day() -> None:
    story = held().at("2026-03-13 08:59")
    assert asks(story) is None
    story.at("2026-03-13 09:00")
    assert asks(story) == DirectoryQuery(on=day("2026-03-13"), holder="mona", until=day("2026-03-16"))
    before = story.state.sequence
    hears(story, directory_result(holder_available=True))
    assert (story.state.sequence, asks(story)) == (before, None)


def test_the_lead_is_alerted_if_the_holder_is_away() -> None:
    story = held().at("2026-03-13 09:00")
    hears(story, directory_result(holder_available=False))
    assert story.alerts() == [("holder_away", ["lead:manager"])]
    assert story.events("alerted")[-1].what == "Manager: the holder is away before the reply is due Mon 16 Mar 2026"
    assert asks(story) is None


def test_availability_is_not_queried_if_nobody_holds_the_complaint() -> None:
    story = opened()
    hears(story, directory_result(None))
    story.at("2026-03-13 09:00")
    assert story.events("reminded")
    assert asks(story) is None


def test_availability_is_queried_for_the_new_holder_after_a_reassignment() -> None:
    story = held().at("2026-03-13 09:00")
    asked = asks(story)
    assert asked
    story.does(Reassign, LEAD, to="mary")
    story.complaint.apply_directory_result(asked, directory_result(holder_available=False), story.now)
    assert story.alerts() == []
    again = asks(story)
    assert again
    assert again.holder == "mary"


def test_availability_is_not_queried_after_a_deadline_is_met_moved_or_lapsed() -> None:
    met, moved, lapsed = (held().at("2026-03-13 09:00") for _ in range(3))
    met.does(Reply, "mona")
    moved.does(Extend, "mona", to="2026-03-20")
    lapsed.at("2026-03-17 00:00")
    assert [asks(story) for story in (met, moved, lapsed)] == [None, None, None]
    moved.at("2026-03-19 09:00")
    assert asks(moved)


def test_the_actors_of_pending_acts_are_queried_together_and_once_each() -> None:
    story = opened()
    waiting = [story.act(Acknowledge, "mark"), story.act(Reassign, LEAD, to="mona"), story.act(Reply, "mark")]
    asked = story.complaint.directory_query(waiting, story.now + timedelta(days=1))
    assert asked
    assert (asked.on, asked.actors) == (day("2026-03-03"), ("mark", LEAD, "mona"))


def test_a_lead_who_classifies_holds_the_complaint_only_with_the_role_of_its_tier() -> None:
    for lead, holder in ((LEAD, None), ("mark", "mark")):
        story = opened(aspects=["delay", "delay"])
        hears(story, directory_result(None))
        story.does(Classify, lead, concern=2, aspect="outcome")
        assert story.state.holder == holder
        assert lead in story.state.tier_period.involved
