"""Policies: every figure is data, and every error names its key."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.policies.loader import load_policy, read_policy
from complaints.procedure.acts import (
    AcceptReview,
    Acknowledge,
    AnswerRecommendation,
    AskManager,
    CarryOut,
    Escalate,
    GiveOpinion,
    Reply,
    Settle,
)
from complaints.procedure.dates.calendar import BeyondCalendarError
from complaints.procedure.policy import Policy, PolicyError
from tests.procedure.builders import BY_HAND, COMPENSATION, FOS, HOUSING, at, day, opened

FOLDER = Path(__file__).parents[2] / "complaints" / "policies"


def toml(**replaced: str) -> str:
    """The first policy's file with some texts replaced by others."""
    text = (FOLDER / "financial-ombudsman-service.toml").read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new, 1)
    return text


def errors(text: str) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        read_policy(text)
    return str(raised.value).splitlines()


def policy_of(*tiers: dict[str, Any], **given: Any) -> Policy:
    data = FOS.model_dump() | {"tiers": tiers, "case_handler": None, "outside_body": "Go to court."} | given
    if not any("review" in tier for tier in tiers):
        data["annual_report"] = None
    return Policy.model_validate(data)


def stage(number: int, **given: Any) -> dict[str, Any]:
    reply = {"within": {"working_days": number}, "chase_every": {"working_days": 5}} | given.pop("reply", {})
    return {"id": f"stage_{number}", "title": f"Stage {number}", "reply": reply} | given


def test_every_error_names_its_key() -> None:
    text = toml(
        **{
            "reminder_before = { working_days = 1 }": "reminder_before = { working_days = 0 }",
            'time_zone = "Europe/London"': 'time_zone = "Europe/Londn"',
            "chase_every = { working_days = 5 }": "chase_each = { working_days = 5 }",
            "within = { working_days = 10 }": "within = { working_days = 10, months = 1 }",
        }
    )
    assert [line.partition(":")[0] for line in errors(text)] == [
        "time_zone",
        "reminder_before.working_days",
        "undertakings.chase_every",
        "undertakings.chase_each",
        "tiers[1].reply.within",
    ]


def test_the_error_of_a_misspelt_time_zone_gives_an_example() -> None:
    assert errors(toml(**{"Europe/London": "Europe/Londn"})) == [
        "time_zone: there is no such time zone; give one such as Europe/London"
    ]


def test_errors_between_keys_are_reported_together() -> None:
    text = toml(
        **{
            'id = "customer_complaints_team"': 'id = "manager"',
            "window = { months = 1 }\n\n[tiers.reply]": "[tiers.reply]",
            "data_protection = ": "# data_protection = ",
            "reminder_before = { working_days = 1 }": "reminder_before = { months = 1 }",
            "in_time_within = { months = 3 }": "in_time_within = { working_days = 60 }",
        }
    )
    assert errors(text) == [
        "tiers: two have the same id; give each its own",
        "tiers: manager needs a window to the next tier",
        "signposts: say where data_protection is taken",
        "reminder_before: give working_days, hours or seconds",
        "in_time_within: give months, weeks or calendar_days, without roll; the answer may be older than any calendar",
    ]


def test_the_last_tier_has_neither_window_nor_automatic_escalation_and_names_the_outside_body() -> None:
    escalating = stage(1, window={"months": 1}, reply={"escalate_after_lapse": {"working_days": 5}})
    with pytest.raises(ValueError, match="stage_1 is the last tier; leave out its window") as raised:
        policy_of(escalating, outside_body=None)
    assert "leave out escalate_after_lapse" in str(raised.value)
    assert "outside_body: say where a complainant can go" in str(raised.value)


def test_only_the_last_tier_may_review_and_not_alone() -> None:
    review = FOS.tiers[-1].model_dump()
    with pytest.raises(ValueError, match="reviews; only the last tier may"):
        policy_of(review | {"window": {"months": 1}}, stage(1))
    with pytest.raises(ValueError, match="a tier that reviews needs one before it"):
        policy_of(review)


@pytest.mark.parametrize(
    ("tier", "error"),
    [
        ({"reply": None}, "either reply or review"),
        (
            stage(1, reply={"counts_from": "acknowledgement"}),
            "acknowledge_within: is needed where the reply counts from the acknowledgement",
        ),
        (FOS.tiers[-1].model_dump() | {"acknowledge_within": {"working_days": 2}}, "a review is not acknowledged"),
    ],
)
def test_an_inconsistent_tier_is_refused(tier: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        policy_of(stage(2, window={"months": 1}), {"id": "last", "title": "Last"} | tier)


@pytest.mark.parametrize(
    "allowance",
    [
        {"working_days": 401},
        {"calendar_days": 701},
        {"weeks": 101},
        {"months": 601},
        {"hours": 16_001},
        {"seconds": 100_001},
    ],
)
def test_an_allowance_stays_within_the_reach_of_every_calendar(allowance: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="less than or equal to"):
        policy_of(stage(1), undertakings={"within": allowance, "chase_every": {"working_days": 5}})


def test_a_file_that_is_not_toml_is_one_error() -> None:
    assert errors("id = ")[0].startswith("not valid TOML: ")


def test_the_error_of_an_unknown_policy_or_region_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"give a \.toml file, or one of financial-ombudsman-service, housing"):
        load_policy("water")
    file = tmp_path / "mine.toml"
    file.write_text(toml(**{"england-and-wales": "cornwall"}), encoding="utf-8")
    with pytest.raises(PolicyError, match="there is no 'cornwall'; give one of england-and-wales, scotland"):
        load_policy(str(file))
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(str(tmp_path / "none.toml"))


def test_errors_in_a_file_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(toml(**{'id = "manager"': 'id = "Manager"'}), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"mine.toml:\ntiers\[1\].id: "):
        load_policy(str(file))


def test_the_housing_code_runs_through_the_same_code() -> None:
    story = opened(policy=HOUSING)
    assert story.deadline("acknowledgement").due_on == day("2026-03-09")
    story.at("2026-03-05 10:00").does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-19")
    story.at("2026-03-19 10:00").does(Reply)
    story.at("2026-09-01 10:00").does(Escalate)
    assert story.deadline("acknowledgement").due_on == day("2026-09-08")
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-09-29")
    story.at("2026-10-01 10:00").does(Reply)
    assert (story.closed, story.deadline("reply").lapsed_at) == ("final_reply", at("2026-09-30 00:00"))


def test_a_manual_trial_takes_seconds() -> None:
    story = opened(policy=BY_HAND, received_at="2026-03-02 10:00")
    story.complaint.elapse(at("2026-03-02 10:02"))
    kinds = ("reminded", "lapsed", "chased", "escalated_on_lapse")
    events = [(f"{event.at:%M:%S}", event.kind) for event in story.state.events if event.kind in kinds]
    assert events == [
        ("00:15", "reminded"),
        ("00:20", "lapsed"),
        ("00:55", "reminded"),
        ("01:00", "lapsed"),
        ("01:20", "chased"),
        ("01:30", "escalated_on_lapse"),
        ("01:45", "reminded"),
        ("01:50", "lapsed"),
    ]


def test_a_manual_trial_runs_from_the_case_handler_to_the_assessor() -> None:
    story = opened(policy=BY_HAND, told_case_handler_on=None)
    story.does(Settle)
    story.does(AskManager)
    story.does(Reply, remedies=[COMPENSATION])
    story.does(Escalate)
    story.does(Reply)
    story.does(Escalate)
    story.does(AcceptReview)
    story.does(GiveOpinion, satisfactory=False, recommendations=[COMPENSATION])
    story.does(AnswerRecommendation, "lee", recommendation=1, accepted=True)
    story.does(CarryOut, "lee", undertaking=2)
    assert story.closed == "opinion_given"


def test_seconds_count_elapsed_time_for_undertakings_too() -> None:
    story = opened(policy=BY_HAND)
    story.does(Reply, remedies=[COMPENSATION])
    undertaking = story.state.undertakings[0]
    assert undertaking.by_at == story.now + timedelta(seconds=120)
    story.complaint.elapse(story.now + timedelta(seconds=300))
    assert [event.at - story.now for event in story.events("chased")] == [
        timedelta(seconds=seconds) for seconds in (150, 180, 210, 240, 270, 300)
    ]


def test_a_policy_with_four_tiers_escalates_automatically_from_tier_to_tier() -> None:
    on = {"window": {"months": 1}, "reply": {"escalate_after_lapse": {"working_days": 1}}}
    story = opened(policy=policy_of(*(stage(number, **on) for number in (1, 2, 3)), stage(4)))
    story.at("2026-03-31 10:00")
    assert story.times("escalated_on_lapse") == ["2026-03-05 00:00", "2026-03-11 00:00", "2026-03-18 00:00"]
    assert story.state.tier_id == "stage_4"
    story.does(Reply, "zoe")
    assert story.closed == "final_reply"


def test_a_policy_with_one_tier_ends_with_its_reply() -> None:
    story = opened(policy=policy_of(stage(3)))
    assert story.state.status == "awaiting_reply"
    story.does(Reply, "zoe")
    assert story.closed == "final_reply"


def test_a_tier_without_acknowledgements_awaits_the_reply_at_once() -> None:
    story = opened(policy=policy_of(stage(3)))
    assert story.state.status == "awaiting_reply"
    assert story.sends(Acknowledge, "zoe").code == "no_such_deadline"


def test_a_complaint_that_the_calendar_does_not_reach_is_not_opened() -> None:
    with pytest.raises(BeyondCalendarError):
        opened("2032-12-28 10:00", case={"answered_on": None}, told_case_handler_on="2032-12-01")
