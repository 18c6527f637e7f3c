"""A letter holds the facts of the instant at which it became owed, and has no gaps."""

import json

import pytest
from pydantic import ValidationError

from complaints.letters.fact_types import GoingOn, RemedyFacts
from complaints.letters.facts import ReplyFacts, Settlement
from complaints.letters.facts_builder import FactsError, address_lines, build_facts
from complaints.letters.text import render_text
from complaints.procedure.acts import CaseClosed, Escalate, Withdraw
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.enums import RemedyKind
from tests.letters.letter_cases import LETTERS
from tests.letters.render_letter import compose_letter, facts_for, owed_letter_of
from tests.letters.stories import manager_replied, team_replied
from tests.procedure.builders import APOLOGY, OPEN, POST, Story, at, day, opened

LETTERS_WITH_WINDOW = [name for name, (occasion, _) in LETTERS.items() if occasion in ("reply", "settlement")]


def going_on_facts(story: Story, occasion: str = "reply", sending_at: str | None = None) -> GoingOn:
    facts = facts_for(story, occasion, at(sending_at) if sending_at else None)
    assert isinstance(facts, ReplyFacts | Settlement)
    assert facts.going_on
    return facts.going_on


@pytest.mark.parametrize("name", LETTERS_WITH_WINDOW)
def test_the_letter_and_the_procedure_agree_on_the_last_day(name: str) -> None:
    occasion, story = LETTERS[name]
    complaint = story()
    facts = facts_for(complaint, occasion)
    assert isinstance(facts, ReplyFacts | Settlement)
    window = complaint.state.window
    assert (facts.going_on is None) == (window is None)
    if window and facts.going_on:
        assert facts.going_on.case_open == (window.ends_at is None)
        assert facts.going_on.by == last_day(complaint.state.calendar, window.ends_at or window.month_ends_at)


def test_a_letter_that_waited_gives_no_less_time() -> None:
    story = manager_replied()
    assert going_on_facts(story).by == day("2026-04-05")
    assert going_on_facts(story, sending_at="2026-03-09 08:00").by == day("2026-04-09")


def test_the_month_after_a_letter_by_post_runs_from_two_working_days_later() -> None:
    story = manager_replied(complainant=POST)
    assert going_on_facts(story).by == day("2026-04-09")
    assert going_on_facts(story, sending_at="2026-04-02 10:00").by == day("2026-05-08")


def test_a_letter_sent_after_later_acts_describes_the_state_when_it_became_owed() -> None:
    story = manager_replied(case=OPEN, reply={"remedies": [APOLOGY]})
    before = render_text(compose_letter(story, "reply"))
    story.at("2026-03-06 09:00").does(CaseClosed)
    story.does(Withdraw)
    assert render_text(compose_letter(story, "reply")) == before
    story.does(Escalate)
    assert render_text(compose_letter(story, "reply")) == before


def test_each_letter_quotes_its_own_event() -> None:
    story = team_replied({"findings": "The team was slow."})
    first, second = story.events("letter", occasion="reply")
    assert [first.detail["reply"], second.detail["reply"]] == [event.sequence for event in story.events("reply")]
    assert "The team was slow." in render_text(compose_letter(story, "reply"))


def test_a_letter_without_its_free_text_is_not_written() -> None:
    story = manager_replied()
    state, owed = story.state, owed_letter_of(story, "reply")
    for free_text in ({}, {"findings": ""}):
        with pytest.raises(FactsError, match=r"^reply: .*findings$"):
            build_facts(state.form, state.policy, state.calendar, owed, free_text, story.now)


def test_an_action_needs_a_description_and_compensation_an_amount() -> None:
    for kind in (RemedyKind.ACTION, RemedyKind.COMPENSATION):
        with pytest.raises(ValidationError, match="give compensation an amount, and an action a description"):
            RemedyFacts(kind=kind)


def test_a_letter_is_dated_in_the_time_zone_of_the_policy() -> None:
    story = manager_replied("2026-07-01 23:30Z", received_at="2026-06-30 10:00")
    assert facts_for(story, "reply").sent_on == day("2026-07-02")


def test_an_address_in_one_line_is_split_at_its_commas() -> None:
    assert address_lines("1 High Street, Leeds") == ("1 High Street", "Leeds")
    assert address_lines(" Flat 2, 1 High Street \r\n\n Leeds\n") == ("Flat 2, 1 High Street", "Leeds")
    assert address_lines("") == ()


def test_a_letters_event_details_hold_no_free_text() -> None:
    """An event's detail is kept when free text is erased."""
    for _, story in LETTERS.values():
        events = story().state.events
        free_text = [text for event in events for text in event.free_text.values()]
        details = [str(event.detail) for event in events if event.kind == "letter"]
        assert not [text for text in free_text for detail in details if text in detail]


def test_letters_name_the_addresses_that_the_policy_gives() -> None:
    policy = opened().state.policy
    review = policy.tiers[-1].review
    assert policy.decision_process
    assert review
    assert review.terms_of_reference
    letters = {
        "signpost": opened(aspects=["outcome"]),
        "reply": team_replied(),
    }
    for occasion, story in letters.items():
        assert policy.decision_process in compose_letter(story, occasion).text
    assert review.terms_of_reference in compose_letter(letters["reply"], "reply").text
    assert policy.decision_process not in compose_letter(opened(aspects=["data_protection"]), "signpost").text


@pytest.mark.parametrize("address", ["www.example.org", "http://example.org", "https://example", "https://a.org/a b"])
def test_an_address_that_cannot_be_opened_is_an_error_of_the_policy(address: str) -> None:
    given = opened().state.policy.model_dump(mode="json", exclude_none=True)
    with pytest.raises(ValidationError, match="give an address such as https"):
        type(opened().state.policy).model_validate_json(json.dumps(given | {"decision_process": address}))
