"""Alerts to staff: the event, the next step, and the command for it."""

from types import MappingProxyType
from typing import NamedTuple

from complaints.channels.webhook_payloads import Notice
from complaints.formatting.command_hints import command_for
from complaints.formatting.shorten import shorten
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.enums import Alert, DeadlineKind, Status, describe_needs
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

BY_STATUS = MappingProxyType(
    {
        Status.WITH_CASE_HANDLER: ToDo(
            "Settle it with the complainant; if they want somebody else to look at it, pass it on with ask-manager.",
            acts.Settle,
        ),
        Status.AWAITING_ACKNOWLEDGEMENT: BY_DEADLINE[DeadlineKind.ACKNOWLEDGEMENT],
        Status.AWAITING_REPLY: BY_DEADLINE[DeadlineKind.REPLY],
        Status.AWAITING_COMPLAINANT: ToDo("Nothing now: the complainant has the answer."),
        Status.AWAITING_CASE_CLOSING: ToDo("Nothing yet: the review can begin once the case has closed."),
        Status.AWAITING_ADMISSION: ToDo("Accept the review, or decline it with a ground.", acts.AcceptReview),
        Status.AWAITING_OPINION: BY_DEADLINE[DeadlineKind.OPINION],
        Status.AWAITING_RECOMMENDATIONS: ToDo("Nothing now: the service answers the recommendations."),
    }
)
"""For alerts to those who are to act (R6), by the status at which they were owed."""

TO_ACT = (Alert.GIVEN, Alert.GOES_ON, Alert.NOBODY_TO_HOLD, Alert.REVIEW_REQUESTED)
WITH_NEEDS = (*TO_ACT, Alert.CONTACT_CHANGED)
"""Alerts that say what the complainant needs, because their recipients write to them (R9)."""
FIRST_HOLDS_IT = "The first to act holds it."
GIVE_IT = ToDo("Give it to somebody in your team; or leave it to the first who acts.", acts.Reassign)
"""For the lead of a tier at which nobody holds the complaint."""

BY_ALERT = MappingProxyType(
    {
        Alert.NO_CASE_HANDLER: ToDo("Find out who deals with the case, and give it to them.", acts.Reassign),
        Alert.RECOMMENDATIONS_MADE: ToDo(
            "Accept each with a date, or decline it with a reason.", acts.AnswerRecommendation
        ),
        Alert.ACTED_FOR_HOLDER: ToDo("See what somebody else did with the complaint that you hold."),
        Alert.LAPSE_WITHDRAWN: ToDo("Nothing: it had been done in time after all."),
        Alert.CASE_HANDLER_SILENT: ToDo(
            "Ask the case handler to settle it, or to ask the complainant whether somebody else should look at it."
        ),
        Alert.SIGNPOSTED_FOR_READING: ToDo("Read the form; move what is about service.", acts.Classify),
        Alert.TOO_EARLY: ToDo("The complainant may ask again after your team's reply; see what is still to be done."),
        Alert.WHO_MAY_ACT: ToDo("Give the complaint to somebody who may act at this tier.", acts.Reassign),
        Alert.HOLDER_AWAY: ToDo("Give it to somebody who is there.", acts.Reassign),
        Alert.INFORMATION_ADDED: ToDo("Read what came; with --words, show has the text."),
        Alert.CONTACT_CHANGED: ToDo("See how the complainant wants to hear from you, and what they need."),
        Alert.PASSED_ON: ToDo("Nothing more is for you to do: it has left your tier. See why no reply was sent."),
    }
)
"""For alerts that concern no deadline, undertaking or letter."""


MAX_WHAT = 200
"""Characters."""


def build_notice(state: ComplaintState, event: Event, to: str) -> Notice:
    """Build the alert that an event owes to `to`; `state` may be a later one.

    An alert holds nothing that the complainant wrote.
    """
    to_do = _to_do(state, event, to)
    reference = state.reference
    by = to.removeprefix("staff:") if to.startswith("staff:") else "ID"
    command = command_for(to_do.act, reference, to_do.number, by) if to_do.act else f"complaints show {reference}"
    needs = describe_needs(state.form.complainant.needs.kinds) if event.detail.get("occasion") in WITH_NEEDS else ""
    return Notice(
        key=f"{reference}.{event.sequence}.{to}",
        kind=str(event.detail.get("occasion") or event.kind),
        reference=reference,
        since=event.at,
        what=shorten(event.what, MAX_WHAT),
        to_do=f"{to_do.what} {needs}".strip(),
        command=command,
        otherwise=command_for(to_do.otherwise, reference, by=by) if to_do.otherwise else None,
    )


def _to_do(state: ComplaintState, event: Event, to: str) -> ToDo:
    detail = event.detail
    occasion = Alert(detail["occasion"]) if "occasion" in detail else None
    if occasion in TO_ACT:
        return _to_act(event, to)
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


def _to_act(event: Event, to: str) -> ToDo:
    to_do = BY_STATUS[Status(event.detail.get("status", Status.AWAITING_ADMISSION))]
    if to.startswith("lead:") and to_do.act:
        return GIVE_IT
    is_held = event.detail["to"][0].startswith("staff:")
    return to_do if is_held or to_do.act is None else to_do._replace(what=f"{to_do.what} {FIRST_HOLDS_IT}")
