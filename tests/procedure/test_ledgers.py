"""Why each deadline is when it is, and how it ended (R2, R12)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.calendars.builder import calendar_between
from complaints.procedure.acts import Acknowledge, Extend, Reply, Withdraw
from complaints.procedure.dates.ledgers import DeadlineEnding, LedgerView, Margin, Source, ledgers_of
from complaints.procedure.policy import Policy
from tests.procedure.builders import BY_HAND, FOS, Story, at, calendar_of, day, opened

THURSDAY_BEFORE_EASTER_WEEK = "2026-03-26 10:00"


def ledgers(story: Story) -> tuple[LedgerView, ...]:
    return tuple(ledgers_of(story.complaint))


def test_every_day_is_counted_or_skipped_and_why() -> None:
    _, reply = ledgers(opened(THURSDAY_BEFORE_EASTER_WEEK))
    assert {str(line.on): line.skipped for line in reply.days if line.skipped and line.skipped != "weekend"} == {
        "2026-04-03": "Good Friday",
        "2026-04-06": "Easter Monday",
    }
    assert [line.number for line in reply.days if line.number] == list(range(1, 11))
    assert {line.source for line in reply.days if line.skipped == "weekend"} == {Source.WEEKEND}


def test_a_ledger_distinguishes_the_policys_own_days_from_bank_holidays() -> None:
    own = {"add": {"2026-03-31": "Founder's day"}, "strike": ["2026-04-06"]}
    policy = Policy.model_validate(FOS.model_dump() | {"id": "own-days", "holidays": own})
    calendar = calendar_between(policy, day("2025-01-01"), day("2030-12-31"))
    story = opened(THURSDAY_BEFORE_EASTER_WEEK)
    story.state.policy, story.state.calendar = policy, calendar
    lines = {str(line.on): line for line in ledgers(story)[1].days}
    assert (lines["2026-03-31"].skipped, lines["2026-03-31"].source) == ("Founder's day", Source.POLICY)
    assert (lines["2026-04-06"].skipped, lines["2026-04-06"].source) == (None, Source.POLICY)
    assert lines["2026-04-03"].source is Source.HOLIDAY


def test_a_ledger_has_the_margin_of_a_met_deadline() -> None:
    story = opened().at("2026-03-03 16:00")
    story.does(Acknowledge)
    acknowledgement, reply = ledgers(story)
    assert acknowledgement.ending is DeadlineEnding.MET
    assert acknowledgement.to_spare == Margin(working_days=1, seconds=32 * 3600)
    assert (reply.ending, reply.to_spare) == (DeadlineEnding.RUNNING, None)


def test_a_ledger_has_the_margin_against_the_first_and_the_current_date() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Extend, to="2026-03-20")
    story.at("2026-03-18 10:00").does(Reply)
    reply = ledgers(story)[1]
    assert reply.ending is DeadlineEnding.MET
    assert reply.to_spare == Margin(working_days=2, seconds=62 * 3600)
    assert reply.to_spare_at_first == Margin(working_days=-2, seconds=-34 * 3600)
    [move] = reply.moves
    assert (move.by, move.rule, str(move.from_on), str(move.to_on)) == ("mark", "R5", "2026-03-16", "2026-03-20")
    assert [event.kind for event in story.state.events if event.sequence == move.event] == ["extend"]


def test_a_ledger_lists_every_working_day_of_lateness() -> None:
    story = opened().at("2026-03-09 09:30")
    story.does(Acknowledge)
    acknowledgement = ledgers(story)[0]
    assert acknowledgement.ending is DeadlineEnding.MET_LATE
    assert acknowledgement.to_spare == Margin(working_days=-3, seconds=-105.5 * 3600)
    assert [(str(line.on), line.number) for line in acknowledgement.days_late] == [
        ("2026-03-05", 1),
        ("2026-03-06", 2),
        ("2026-03-07", None),
        ("2026-03-08", None),
        ("2026-03-09", 3),
    ]


def test_a_ledger_of_an_unmet_deadline_says_that_it_ended() -> None:
    story = opened().at("2026-03-05 10:00")
    assert ledgers(story)[0].ending is DeadlineEnding.OVERDUE
    story.does(Withdraw)
    acknowledgement, reply = ledgers(story)
    assert (acknowledgement.ending, reply.ending) == (DeadlineEnding.ENDED, DeadlineEnding.ENDED)
    assert acknowledgement.to_spare == Margin(working_days=-1, seconds=-10 * 3600)
    assert reply.to_spare
    assert reply.to_spare.working_days == 7


def test_an_allowance_in_seconds_has_no_working_days_to_spare() -> None:
    story = opened(policy=BY_HAND)
    story.does(Acknowledge)
    to_spare = ledgers(story)[0].to_spare
    assert to_spare
    assert to_spare.working_days is None
    assert to_spare.seconds > 0


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 23))
def test_the_margin_is_the_days_between_whenever_it_was_met(days: int, hour: int) -> None:
    story = opened(THURSDAY_BEFORE_EASTER_WEEK)
    started = at("2026-03-26 00:00").timestamp()
    sent = at("2026-03-26 10:00").fromtimestamp(started + days * 86_400 + hour * 3_600, tz=story.now.tzinfo)
    sent = max(sent, story.now)
    reply = story.deadline("reply")
    reply.met_at = sent
    ledger = ledgers(story)[1]
    assert ledger.to_spare
    on, due_on = calendar_of(FOS).day_of(sent), reply.due_on
    late = on > due_on
    first, last = (due_on, on) if late else (on, due_on)
    counted = sum(calendar_of(FOS).is_working_day(line.on) for line in calendar_of(FOS).ledger(first, last))
    assert ledger.to_spare.working_days == (-counted if late else counted)
    assert (ledger.ending is DeadlineEnding.MET) == (sent < reply.at)
