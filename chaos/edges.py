"""Short sequences of acts at the edges of the procedure, such as a slip that is taken back."""

from collections.abc import Mapping
from typing import Any

from chaos.stages import UPHELD
from complaints.procedure import acts
from complaints.procedure.acts import Act

HOLDER = None
"""Instead of an actor: the one who acts at the complaint's tier."""

Edge = tuple[tuple[type[Act], str | None, Mapping[str, Any]], ...]

EDGES: Mapping[str, Edge] = {
    "letter held, then sent": (
        (acts.LetterHeld, "op", {"reason": "It came back."}),
        (acts.LetterSent, "op", {}),
    ),
    "case reopened": (
        (acts.CaseReopened, "intake", {}),
        (acts.CaseClosed, "intake", {}),
        (acts.CaseReopened, "intake", {}),
    ),
    "reply corrected": (
        (acts.Reply, HOLDER, UPHELD),
        (acts.Correct, "lee", {"outcome": "not_upheld", "findings": "We were in time.", "reason": "Another file."}),
    ),
    "complaint reopened": (
        (acts.Withdraw, "intake", {}),
        (acts.Reopen, "lee", {"reason": "It was another complaint."}),
    ),
}
"""An edge is passed when its last act takes effect; earlier acts may be refused."""
