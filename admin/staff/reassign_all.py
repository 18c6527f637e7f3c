"""Gives away all that somebody holds: an act for each complaint, with an id of its own."""

import hashlib
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, unreachable
from admin.shared.output import as_json_line, out, print_error, printable
from complaints.procedure.acts import Reassign
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery
from complaints.procedure.state import ComplaintState
from complaints.records import directory
from complaints.records.worklists import Holding, held_by
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from starter.client.send_act import ActRefusedError, IdTakenError, update


@dataclass(frozen=True)
class BulkReassignment:
    """Whose complaints go to whom."""

    of: str
    to: str | None
    """None: whom the directory chooses for each."""
    by: str
    reason: str
    name: str | None
    """Of which the acts' ids are made; None: of all the rest."""

    def act_id(self, holding: Holding) -> str:
        """The same whenever the same handover is tried again, for as long as the complaint has stayed where it was."""
        said = "\n".join((self.of, self.to or "", self.by, self.reason))
        name = self.name or f"reassign-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
        return f"{name}.{holding.since}"


@dataclass(frozen=True)
class ReassignmentResult:
    """What became of one complaint."""

    code: Exit
    told: dict[str, str]
    """With its sentence."""


async def reassign_all(reach: Connections, handover: BulkReassignment, *, as_json: bool) -> None:
    """Raises CommandError: the worst that became of any; or a server is out of reach."""
    async with reach.record() as engine:
        holdings = await held_by(engine, handover.of)
        known = await directory.whole(engine)
    client = await reach.temporal()
    worst = Exit.DONE
    for holding in holdings:
        result = await give(client, handover, holding, known)
        worst = max(worst, result.code)
        _print(result, as_json=as_json)
    if not holdings and not as_json:
        out.print(f"{handover.of} holds no open complaint.")
    if worst is not Exit.DONE:
        raise CommandError(worst)


async def give(client: Client, handover: BulkReassignment, holding: Holding, known: Directory) -> ReassignmentResult:
    """Raises CommandError where no worker answers."""
    reference = holding.state.reference
    to = handover.to or _chosen(holding.state, handover.of, known)
    if to is None:
        return _refused(reference, "nobody", "nobody is there who is well placed and was not involved; give --to")
    act = Reassign(id=handover.act_id(holding), by=handover.by, to=to, reason=handover.reason)
    try:
        answer = await update(client, reference, act)
    except ActRefusedError as error:
        return _refused(reference, error.refusal.code, error.refusal.sentence)
    except IdTakenError as error:
        return _refused(reference, "id_taken", str(error))
    except NoAnswerError as error:
        raise unreachable(f"{reference}: {error}; repeat the command, it goes on where it stopped") from error
    except (CannotAnswerError, RPCError) as error:
        return ReassignmentResult(Exit.FAILED, {"reference": reference, "code": "failed", "sentence": f"{error}"})
    known.held[to] = known.held.get(to, 0) + 1
    return ReassignmentResult(
        Exit.DONE, {"reference": reference, "code": answer.code, "sentence": answer.sentence, "id": act.id}
    )


def _chosen(state: ComplaintState, leaves: str, known: Directory) -> str | None:
    earlier = [staff for stay in state.tier_periods if stay.tier != state.tier_period.tier for staff in stay.involved]
    involved = (leaves, *earlier, *filter(None, [state.form.case.handler]))
    vacancy = AssignmentRequest(tier=state.tier_period.tier, aspects=tuple(state.aspects), involved=involved)
    return known.answer(DirectoryQuery(on=state.calendar.day_of(now()), assignment=vacancy)).assignee


def _refused(reference: str, code: str, sentence: str) -> ReassignmentResult:
    return ReassignmentResult(Exit.REFUSED, {"reference": reference, "code": code, "sentence": sentence})


def _print(result: ReassignmentResult, *, as_json: bool) -> None:
    """A line for each; what was not done goes to standard error."""
    if as_json:
        print(as_json_line(result.told))
        return
    line = f"{result.told['reference']}: {result.told['sentence']}"
    if result.code is Exit.DONE:
        out.print(printable(line))
    else:
        print_error(f"{line} ({result.told['code']})")
