"""What staff are told: what happened, to which complaint, since when, and what to do, with the command to do it."""

from types import MappingProxyType
from typing import NamedTuple

from complaints.channels.notices import Notice
from complaints.commands import command_for
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.terms import Alert, DeadlineKind


class ToDo(NamedTuple):
    """What to do, and the act by which it is done; None: look at the complaint first."""

    what: str
    act: type[Act] | None = None
    number: int | None = None


UNTIL_MET = MappingProxyType(
    {
        DeadlineKind.ACKNOWLEDGEMENT: ToDo("Tell the complainant that the complaint has come in.", acts.Acknowledge),
        DeadlineKind.REPLY: ToDo("Reply; or take more time, and tell the complainant why.", acts.Reply),
        DeadlineKind.OPINION: ToDo("Give the opinion.", acts.GiveOpinion),
        DeadlineKind.RECOMMENDATION_ANSWER: ToDo("Answer the recommendation.", acts.AnswerRecommendation),
    }
)

OF_OCCASION = MappingProxyType(
    {
        Alert.LAPSE_WITHDRAWN: ToDo("Nothing: it had been done in time after all."),
        Alert.CASE_HANDLER_SILENT: ToDo("Ask the case handler to sort it out, or to pass it on."),
        Alert.SIGNPOSTED_FOR_READING: ToDo("Read the form; move what is about service.", acts.Classify),
        Alert.TOO_EARLY: ToDo("See that the complainant is answered first."),
        Alert.WHO_MAY_ACT: ToDo("See who tried, and why."),
        Alert.NOBODY_TO_HOLD: ToDo("Give it to somebody.", acts.Reassign),
        Alert.HOLDER_AWAY: ToDo("Give it to somebody who is there.", acts.Reassign),
        Alert.PASSED_ON: ToDo("Take the complaint up where it is now.", acts.Acknowledge),
    }
)
"""Of those which are about no deadline, undertaking or letter."""


def notice_of(state: ComplaintState, event: Event, to: str) -> Notice:
    """Of an event by which staff are owed a message. `state` may be a later one. No words of the complainant's."""
    to_do = _to_do(state, event)
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
    )


def _to_do(state: ComplaintState, event: Event) -> ToDo:
    detail = event.detail
    occasion = Alert(detail["occasion"]) if "occasion" in detail else None
    if occasion and occasion in OF_OCCASION:
        return OF_OCCASION[occasion]
    if "letter" in detail:
        return ToDo("See why; once it has gone another way, say so.", acts.LetterSent, detail["letter"])
    if "undertaking" in detail:
        return ToDo("Carry it out, and say so.", acts.CarryOut, detail["undertaking"])
    deadline = next((each for each in state.deadlines if each.number == detail.get("deadline")), None)
    if deadline is None:
        return ToDo("See whether the case has closed.", acts.CaseClosed)
    return UNTIL_MET[deadline.kind]._replace(number=deadline.recommendation)
