"""Complaints that owe the letters of the first tiers."""

from typing import Any

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    CarryOut,
    CaseReopened,
    Classify,
    CloseInError,
    Correct,
    Escalate,
    Extend,
    LetterHeld,
    Reopen,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.permissions import POST_ROOM
from tests.procedure.builders import ACTION, APOLOGY, COMPENSATION, HOUSING, LEAD, MANAGER, Story, opened

FINDINGS = (
    "You told us on 5 January that you had moved.\r\nWe wrote to your old address until 20 February.\n\nWe were slow."
)
"""Findings of three lines and an empty one."""
GOOD_SERVICE = "We looked at every letter and call. Each was answered within five working days."
"""Findings of good service."""
CASE_HANDLER_NOT_INFORMED: dict[str, Any] = {"told_case_handler_on": None}
FOR_SOMEBODY_ELSE: dict[str, Any] = {
    "complainant": {"capacity": "representative", "represents": "Siobhán O'Neill", "authority": "a power of attorney"}
}
ALL_REMEDIES: dict[str, Any] = {"remedies": [APOLOGY, COMPENSATION, ACTION, {"kind": "compensation", "pence": 7_550}]}
PARTLY_UPHELD: dict[str, Any] = {
    "outcome": "partly_upheld",
    "remedies": [{"kind": "compensation", "pence": 123_456}],
    "carry_out_by": "2026-03-31",
}
NOT_UPHELD: dict[str, Any] = {"outcome": "not_upheld", "findings": GOOD_SERVICE}
MIXED_ASPECTS: dict[str, Any] = {"aspects": ["delay", "outcome", "not_kept_updated", "data_protection"]}


def acknowledged(**form: Any) -> Story:
    story = opened(**form).at("2026-03-03 10:00")
    story.does(Acknowledge)
    return story


def manager_replied(when: str = "2026-03-05 10:00", *, reply: dict[str, Any] | None = None, **form: Any) -> Story:
    """A manager, or a landlord's first stage, has replied."""
    story = opened(**form).at(when)
    story.does(Reply, **({"findings": FINDINGS} | (reply or {})))
    return story


def team_replied(reply: dict[str, Any] | None = None, **form: Any) -> Story:
    story = manager_replied(**form).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-10 10:00").does(Reply, **({"findings": FINDINGS} | (reply or {})))
    return story


def acknowledged_for_earlier_tier() -> Story:
    """Send a signal on the last day while no worker runs until the complaint has passed on."""
    story = opened().at("2026-03-24 10:00")
    story.sends(Acknowledge, "mark", made_at="2026-03-23 09:00")
    return story


def replied_for_earlier_tier() -> Story:
    story = opened().at("2026-03-24 10:00")
    story.sends(Reply, "mark", findings=FINDINGS, remedies=[COMPENSATION], made_at="2026-03-23 09:00")
    return story


def acknowledged_late() -> Story:
    story = opened().at("2026-03-18 10:00")
    story.does(Acknowledge)
    return story


def extended() -> Story:
    story = acknowledged().at("2026-03-12 10:00")
    story.does(Extend, to="2026-03-31", explanation="We wait for the file.\nIt is with a solicitor.")
    return story


def escalated(when: str = "2026-03-06 10:00", **form: Any) -> Story:
    story = manager_replied().at(when)
    story.does(Escalate, **form)
    return story


def acknowledged_by_team() -> Story:
    story = escalated().at("2026-03-09 10:00")
    story.does(Acknowledge)
    return story


def accepted_late() -> Story:
    story = manager_replied().at("2026-04-10 10:00")
    story.does(AcceptLate, LEAD)
    return story


def escalated_too_late() -> Story:
    story = manager_replied().at("2026-04-10 10:00")
    story.sends(Escalate)
    return story


def settled(**form: Any) -> Story:
    story = opened(**(CASE_HANDLER_NOT_INFORMED | form)).at("2026-03-04 10:00")
    story.does(Settle, explanation=FINDINGS)
    return story


def concern_moved_to_outcome() -> Story:
    story = acknowledged(aspects=["delay", "other_service"])
    story.does(Classify, concern=2, aspect="outcome")
    return story


def only_concern_moved_to_outcome() -> Story:
    story = acknowledged()
    story.does(Classify, concern=1, aspect="outcome")
    return story


def taken_up_again() -> Story:
    story = opened(aspects=["outcome"]).at("2026-03-05 10:00")
    story.does(Classify, LEAD, concern=1, aspect="delay")
    return story


def taken_up_again_out_of_time(**form: Any) -> Story:
    story = opened(case={"answered_on": "2025-11-20"}, **form).at("2026-03-05 10:00")
    story.does(AcceptLate, LEAD)
    if story.state.is_with_case_handler_step:
        story.assign(story.state.form.case.handler)
    return story


def closed_in_error() -> Story:
    story = acknowledged()
    story.does(CloseInError, LEAD)
    return story


def extended_after_lapse(**form: Any) -> Story:
    story = acknowledged(**form).at("2026-03-18 10:00")
    story.does(Extend, to="2026-03-31", explanation="We wait for the file.")
    return story


def extended_at_landlords_last_stage() -> Story:
    story = manager_replied(policy=HOUSING, case={"open": False}).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-24 10:00").does(Extend, to="2026-04-17", explanation="We wait for the surveyor.")
    return story


def extended_by_team() -> Story:
    story = escalated().at("2026-03-12 10:00")
    story.does(Extend, to="2026-03-31", explanation="We wait for the file.")
    return story


def never_replied_at_landlords_last_stage() -> Story:
    story = manager_replied(policy=HOUSING, case={"open": False}).at("2026-03-06 10:00")
    story.does(Escalate)
    return story.at("2026-05-01 10:00")


def never_replied_by_team() -> Story:
    return escalated().at("2026-03-27 10:00")


def passed_on_and_replied() -> Story:
    """It passed on; a reply sent before is keyed before the letter goes."""
    story = acknowledged().at("2026-03-24 08:00")
    story.does(Reply, MANAGER, sent_at="2026-03-23 17:00", tier="manager")
    return story.at("2026-03-24 10:00")


def window_revived() -> Story:
    """The case is opened again after the window's end and before the closing letter goes."""
    story = manager_replied().at("2026-04-06 10:00")
    story.does(CaseReopened)
    return story.at("2026-04-08 10:00")


def withdrawn_by_mistake(**form: Any) -> Story:
    story = opened(**form).at("2026-03-03 10:00")
    story.does(Withdraw)
    story.at("2026-03-06 10:00").does(Reopen, LEAD)
    return story


def reply_withdrawn_by_mistake() -> Story:
    story = manager_replied()
    story.does(Withdraw)
    story.at("2026-03-09 10:00").does(Reopen, LEAD)
    return story


def out_of_time() -> Story:
    return opened(case={"answered_on": "2025-11-20"})


def resolved_with_undertaking() -> Story:
    story = manager_replied(reply={"remedies": [COMPENSATION]}).at("2026-03-09 10:00")
    story.does(Resolve)
    return story


def withdrawn() -> Story:
    story = acknowledged()
    story.does(Withdraw)
    return story


def corrected(story: Story, **given: Any) -> Story:
    """The reply is corrected two days after."""
    story.at("2026-03-12 10:00").does(Correct, **given)
    return story


def corrected_after_one_was_carried_out() -> Story:
    story = manager_replied(reply={"remedies": [COMPENSATION, ACTION]})
    story.at("2026-03-10 10:00").does(CarryOut, undertaking=1)
    more = {"kind": "compensation", "pence": 7_550}
    return corrected(story, outcome="partly_upheld", findings=FINDINGS, remedies=[COMPENSATION, more])


def corrected_while_reply_is_held() -> Story:
    story = manager_replied(reply=ALL_REMEDIES)
    story.does(LetterHeld, POST_ROOM, letter=story.events("letter", occasion="reply")[0].sequence)
    return corrected(story, outcome="partly_upheld", remedies=[ACTION])


def final_reply() -> Story:
    story = manager_replied(policy=HOUSING).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-10 10:00").does(Reply, findings=FINDINGS, remedies=[APOLOGY])
    return story
