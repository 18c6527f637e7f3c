"""Gives away all that somebody holds: an act for each complaint, with an id of its own."""

import hashlib
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, unreachable
from admin.shared.output import as_json_line, out, print_error, printable
from complaints.procedure.acts import Reassign
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.holder import assignment_request
from complaints.records import directory
from complaints.records.worklists import HeldComplaint, list_held
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from starter.client.send_act import ActRefusedError, IdTakenError, send_update


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

    def act_id(self, holding: HeldComplaint) -> str:
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


async def reassign_all(connections: Connections, reassignment: BulkReassignment, *, as_json: bool) -> None:
    """Raises CommandError: the worst that became of any; or a server is out of reach."""
    async with connections.record() as engine:
        holdings = await list_held(engine, reassignment.of)
        known = await directory.read_directory(engine)
    client = await connections.temporal()
    worst = Exit.DONE
    for holding in holdings:
        result = await give(client, reassignment, holding, known)
        worst = max(worst, result.code)
        _print(result, as_json=as_json)
    if not holdings and not as_json:
        out.print(f"{reassignment.of} holds no open complaint.")
    if worst is not Exit.DONE:
        raise CommandError(worst)


async def give(client: Client, reassignment: BulkReassignment, holding: HeldComplaint, known: Directory) -> ReassignmentResult:
    """Raises CommandError where no worker answers."""
    reference = holding.state.reference
    to = reassignment.to or choose_assignee(holding.state, reassignment.of, known)
    if to is None:
        return _refused(reference, "nobody", "nobody is there who is well placed and was not involved; give --to")
    act = Reassign(id=reassignment.act_id(holding), by=reassignment.by, to=to, reason=reassignment.reason)
    try:
        answer = await send_update(client, reference, act)
    except ActRefusedError as error:
        return _refused(reference, error.refusal.code, error.refusal.sentence)
    except IdTakenError as error:
        return _refused(reference, "id_taken", str(error))
    except NoAnswerError as error:
        raise unreachable(f"{reference}: {error}; repeat the command, it goes on where it stopped") from error
    except (CannotAnswerError, RPCError) as error:
        return ReassignmentResult(Exit.FAILED, {"reference": reference, "code": "failed", "sentence": f"{error}"})
    known.holding_counts[to] = known.holding_counts.get(to, 0) + 1
    return ReassignmentResult(
        Exit.DONE, {"reference": reference, "code": answer.code, "sentence": answer.sentence, "id": act.id}
    )


def choose_assignee(state: ComplaintState, leaving: str, known: Directory) -> str | None:
    """Return the id of the new holder, by the request that the workflow also makes; None if nobody is eligible."""
    query = DirectoryQuery(on=state.calendar.day_of(now()), assignment=assignment_request(state, excluded=[leaving]))
    return known.answer(query).assignee


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
