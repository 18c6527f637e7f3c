"""Ask a complaint for its answer to an act."""

from urllib.parse import quote

from admin.acts.render import print_answer
from admin.shared.api import Api
from admin.shared.errors import CommandError, Exit, refused


def print_answer_to(staff: str | None, reference: str, act_id: str, *, as_json: bool) -> None:
    """Print the answer. Raises CommandError, also where the act was refused or has not come."""
    with Api(staff) as api:
        outcome = api.get(f"/complaints/{reference}/acts/{quote(act_id, safe='')}")
    answer = outcome["answer"]
    if answer is None:
        what = "it still waits" if outcome["state"] == "waiting" else "the act has not come, or still waits"
        problem = f"ID: {reference} has no answer to {act_id}: {what}"
        raise CommandError(Exit.FAILED, f"{problem}; ask again, or repeat the act with --id {act_id}")
    if outcome["state"] == "refused":
        raise refused(answer["code"], answer["sentence"], id=act_id, reference=reference)
    print_answer(answer, (), as_json)
