"""Alerts to staff: the event, the next step, and the command for it."""

from types import MappingProxyType
from typing import NamedTuple

from complaints.channels.webhook_payloads import Notice
from complaints.formatting.command_hints import command_for
from complaints.formatting.shorten import shorten
from complaints.messages.key import WEBHOOK
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.enums import Alert, DeadlineKind
from complaints.procedure.state import ComplaintState, Event


class ToDo(NamedTuple):
    """An instruction, and the act that carries it out; None: look at the complaint first."""

    what: str
    act: type[Act] | None = None
    number: int | None = None
    """Of the letter, undertaking or recommendation that the act concerns."""
    otherwise: type[Act] | None = None
    """The act for a lead, who may not do the first."""


BY_DEADLINE = MappingProxyType(
    {
        DeadlineKind.ACKNOWLEDGEMENT: ToDo("Tell the complainant that the complaint has come in.", acts.Acknowledge),
        DeadlineKind.REPLY: ToDo("Reply; or take more time, and tell the complainant why.", acts.Reply),
        DeadlineKind.OPINION: ToDo("Give the opinion.", acts.GiveOpinion),
        DeadlineKind.RECOMMENDATION_ANSWER: ToDo("Answer the recommendation.", acts.AnswerRecommendation),
    }
)

OR_REASSIGN = "Or give the complaint to somebody in your team who does."
"""For a lead, who may act only with the tier's own role (R11)."""

BY_ALERT = MappingProxyType(
    {
        Alert.LAPSE_WITHDRAWN: ToDo("Nothing: it had been done in time after all."),
        Alert.CASE_HANDLER_SILENT: ToDo(
            "Ask the case handler to settle it, or to ask the complainant whether somebody else should look at it."
        ),
        Alert.SIGNPOSTED_FOR_READING: ToDo("Read the form; move what is about service.", acts.Classify),
        Alert.TOO_EARLY: ToDo("The complainant may ask again after your team's reply; see what is still to be done."),
        Alert.WHO_MAY_ACT: ToDo("Give the complaint to somebody who may act at this tier.", acts.Reassign),
        Alert.NOBODY_TO_HOLD: ToDo("Give it to somebody.", acts.Reassign),
        Alert.HOLDER_AWAY: ToDo("Give it to somebody who is there.", acts.Reassign),
        Alert.PASSED_ON: ToDo("Give it to somebody in your team, who acknowledges it.", acts.Reassign),
    }
)
"""For alerts that concern no deadline, undertaking or letter."""

TIER_LEFT = ToDo("Nothing more is for you to do: it has left your tier. See why no reply was sent.")
"""For staff of the tier that an automatic escalation has left."""


MAX_WHAT = 200
"""Characters."""


def build_notice(state: ComplaintState, event: Event, to: str) -> Notice:
    """Build the alert that an event owes to `to`; `state` may be a later one.

    An alert holds nothing that the complainant wrote.
    """
    to_do = _to_do(state, event, to)
    reference = state.reference
    command = command_for(to_do.act, reference, to_do.number) if to_do.act else f"complaints show {reference}"
    return Notice(
        key=f"{reference}.{event.sequence}.{to}",
        kind=str(event.detail.get("occasion") or event.kind),
        reference=reference,
        since=event.at,
        what=shorten(event.what, MAX_WHAT),
        to_do=to_do.what,
        command=command,
        otherwise=command_for(to_do.otherwise, reference) if to_do.otherwise else None,
    )


def _to_do(state: ComplaintState, event: Event, to: str) -> ToDo:
    detail = event.detail
    occasion = Alert(detail["occasion"]) if "occasion" in detail else None
    if occasion is Alert.PASSED_ON and to not in (f"lead:{detail['tier']}", WEBHOOK):
        return TIER_LEFT
    if occasion and occasion in BY_ALERT:
        return BY_ALERT[occasion]
    if "letter" in detail:
        return ToDo("See why; once it has gone another way, say so.", acts.LetterSent, detail["letter"])
    if "undertaking" in detail:
        return ToDo("Carry it out, and say so.", acts.CarryOut, detail["undertaking"])
    deadline = next((each for each in state.deadlines if each.number == detail.get("deadline")), None)
    if deadline is None:
        return ToDo("See whether the case has closed.", acts.CaseClosed)
    to_do = BY_DEADLINE[deadline.kind]
    if to.startswith("lead:") and not deadline.recommendation:
        return to_do._replace(what=f"{to_do.what} {OR_REASSIGN}", otherwise=acts.Reassign)
    return to_do._replace(number=deadline.recommendation)
