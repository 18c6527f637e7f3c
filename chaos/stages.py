"""The stages of the procedure: by which acts a complaint comes to each, one after another."""

from collections.abc import Mapping
from typing import Any

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.policy import Policy

MANAGER, TEAM, ASSESSOR = "staff.manager", "staff.customer_complaints_team", "staff.independent_assessor"
UPHELD = {
    "outcome": "upheld",
    "findings": "We were slow.",
    "remedies": [{"kind": "apology"}, {"kind": "compensation", "pence": 5_000}],
}
OPINION = {
    "satisfactory": False,
    "explanation": "They were kept waiting.",
    "recommendations": [{"kind": "apology"}, {"kind": "action", "what": "Ring back."}],
}

STAGES: tuple[tuple[type[Act], str, Mapping[str, Any]], ...] = (
    (acts.AskManager, "intake", {}),
    (acts.Acknowledge, MANAGER, {}),
    (acts.Reply, MANAGER, UPHELD),
    (acts.Escalate, "intake", {}),
    (acts.Acknowledge, TEAM, {}),
    (acts.Reply, TEAM, UPHELD),
    (acts.Escalate, "intake", {}),
    (acts.AcceptReview, ASSESSOR, {}),
    (acts.GiveOpinion, ASSESSOR, OPINION),
    (acts.AnswerRecommendation, "lee", {"recommendation": 1, "accepted": True}),
    (acts.AnswerRecommendation, "lee", {"recommendation": 2, "accepted": True}),
)


def hurried(policy: Policy, times: int) -> Policy:
    """All its seconds so many times as few, but at least one."""
    return Policy.model_validate(_hurried(policy.model_dump(), times))


def _hurried(value: Any, times: int, key: str = "") -> Any:
    if key == "seconds" and value is not None:
        return max(1, value // times)
    if isinstance(value, dict):
        return {name: _hurried(each, times, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_hurried(each, times) for each in value]
    return value
