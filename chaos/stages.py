"""The acts that bring a complaint from one stage of the procedure to the next."""

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


def speed_up(policy: Policy, factor: int) -> Policy:
    """Divide the policy's allowances in seconds by `factor`; each stays at least one second."""
    return Policy.model_validate(_speed_up(policy.model_dump(), factor))


def _speed_up(value: Any, times: int, key: str = "") -> Any:
    if key == "seconds" and value is not None:
        return max(1, value // times)
    if isinstance(value, dict):
        return {name: _speed_up(each, times, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_speed_up(each, times) for each in value]
    return value
