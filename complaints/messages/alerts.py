"""What staff are told: what happened, to which complaint, since when, and what to do, with the command to do it."""

from types import MappingProxyType
from typing import NamedTuple

from complaints.channels.webhook_payloads import Notice
from complaints.formatting.command_hints import command_for
from complaints.messages.key import WEBHOOK
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.enums import Alert, DeadlineKind
from complaints.procedure.state import ComplaintState, Event


class ToDo(NamedTuple):
    """What to do, and the act by which it is done; None: look at the complaint first."""

    what: str
    act: type[Act] | None = None
    number: int | None = None
    otherwise: type[Act] | None = None


UNTIL_MET = MappingProxyType(
    {
        DeadlineKind.ACKNOWLEDGEMENT: ToDo("Tell the complainant that the complaint has come in.", acts.Acknowledge),
        DeadlineKind.REPLY: ToDo("Reply; or take more time, and tell the complainant why.", acts.Reply),
        DeadlineKind.OPINION: ToDo("Give the opinion.", acts.GiveOpinion),
        DeadlineKind.RECOMMENDATION_ANSWER: ToDo("Answer the recommendation.", acts.AnswerRecommendation),
    }
)

OR_GIVE = "Or give the complaint to somebody in your team who does."
"""For a lead, who may act only with the tier's own role (R11)."""

OF_OCCASION = MappingProxyType(
    {
        Alert.LAPSE_WITHDRAWN: ToDo("Nothing: it had been done in time after all."),
        Alert.CASE_HANDLER_SILENT: ToDo(
            "Ask the case handler to settle it, or to ask the complainant whether somebody else should look at it."
        ),
        Alert.SIGNPOSTED_FOR_READING: ToDo("Read the form; move what is about service.", acts.Classify),
        Alert.TOO_EARLY: ToDo(
            "The complainant is told to ask again after your team's reply; see where the complaint stands."
        ),
        Alert.WHO_MAY_ACT: ToDo("Give the complaint to somebody who may act at this tier.", acts.Reassign),
        Alert.NOBODY_TO_HOLD: ToDo("Give it to somebody.", acts.Reassign),
        Alert.HOLDER_AWAY: ToDo("Give it to somebody who is there.", acts.Reassign),
        Alert.PASSED_ON: ToDo("Give it to somebody in your team, who acknowledges it.", acts.Reassign),
    }
)
"""Of those which are about no deadline, undertaking or letter."""

HAS_LEFT = ToDo("Nothing more is for you to do: it has left your tier. See why no reply was sent.")
"""For those at the tier that a complaint has left by itself."""


def notice_of(state: ComplaintState, event: Event, to: str) -> Notice:
    """Of an event by which staff are owed a message. `state` may be a later one. No words of the complainant's."""
    to_do = _to_do(state, event, to)
    reference = state.reference
    command = command_for(to_do.act, reference, to_do.number) if to_do.act else f"complaints show {reference}"
    return Notice(
        key=f"{reference}.{event.sequence}.{to}",
        kind=str(event.detail.get("occasion") or event.kind),
        reference=reference,
        since=event.at,
        what=event.what[:200],
        to_do=to_do.what,
        command=command[:200],
        otherwise=command_for(to_do.otherwise, reference) if to_do.otherwise else None,
    )


def _to_do(state: ComplaintState, event: Event, to: str) -> ToDo:
    detail = event.detail
    occasion = Alert(detail["occasion"]) if "occasion" in detail else None
    if occasion is Alert.PASSED_ON and to not in (f"lead:{detail['tier']}", WEBHOOK):
        return HAS_LEFT
    if occasion and occasion in OF_OCCASION:
        return OF_OCCASION[occasion]
    if "letter" in detail:
        return ToDo("See why; once it has gone another way, say so.", acts.LetterSent, detail["letter"])
    if "undertaking" in detail:
        return ToDo("Carry it out, and say so.", acts.CarryOut, detail["undertaking"])
    deadline = next((each for each in state.deadlines if each.number == detail.get("deadline")), None)
    if deadline is None:
        return ToDo("See whether the case has closed.", acts.CaseClosed)
    to_do = UNTIL_MET[deadline.kind]
    if to.startswith("lead:") and not deadline.recommendation:
        return to_do._replace(what=f"{to_do.what} {OR_GIVE}", otherwise=acts.Reassign)
    return to_do._replace(number=deadline.recommendation)
