"""The commands of reviews, undertakings and letters, made as those of `cli.py`."""

from typing import Annotated

from admin.acts.command_factory import ActCommands
from admin.acts.parse import read_remedies
from admin.acts.typed_values import Fields, code, day, instant, number_of
from admin.shared.options import (
    By,
    ChannelOption,
    Explanation,
    Panel,
    Reason,
    Recommended,
    SentAt,
    flag,
    needed,
    number,
    option,
    staff_option,
)
from complaints.procedure.enums import Channel, Ground

LetterNumber = Annotated[str, number("The letter's number: 7 in C-1001.7.complainant of complaints letters.")]

command = ActCommands()
app = command.app


@command.by_staff("C-1001 --as i.assessor", Panel.ASSESSOR)
def accept_review(
    exceptionally: Annotated[str | None, option("TEXT", "Why now, if the case is still open.")] = None,
) -> Fields:
    """Accept the complaint for independent review."""
    return {"exceptionally": exceptionally}


@command.by_staff(
    "C-1001 --as i.assessor --ground enquiry_only --explanation 'You asked how.'",
    Panel.ASSESSOR,
)
def decline_review(
    ground: Annotated[str | None, needed("GROUND", f"The ground: {', '.join(Ground)}.")] = None,
    explanation: Explanation = None,
) -> Fields:
    """Decline the independent review."""
    return {"ground": code(ground, Ground), "explanation": explanation}


@command.by_staff(
    "C-1001 --as i.assessor --unsatisfactory --explanation 'You were kept waiting.' --recommend compensation:250.00",
    Panel.ASSESSOR,
)
def give_opinion(
    satisfactory: Annotated[
        bool | None, flag("The opinion on the service. (needed)", "--satisfactory/--unsatisfactory")
    ] = None,
    explanation: Explanation = None,
    recommend: Recommended = None,
) -> Fields:
    """Give the opinion on the service."""
    return {
        "satisfactory": satisfactory,
        "explanation": explanation,
        "recommendations": read_remedies("--recommend", recommend),
    }


@command.by_staff("C-1001 1 --as lead.manager --accept --by 2027-02-26")
def answer_recommendation(
    recommendation: Annotated[str, number("The recommendation's number.")],
    accepted: Annotated[bool | None, flag("The service's answer. (needed)", "--accept/--decline")] = None,
    carry_out_by: By = None,
    reason: Annotated[str | None, option("TEXT", "Why it is declined; needed with --decline.")] = None,
) -> Fields:
    """Accept or decline a recommendation, for the service."""
    return {
        "recommendation": number_of(recommendation),
        "accepted": accepted,
        "carry_out_by": day(carry_out_by),
        "reason": reason,
    }


@command.by_staff("C-1001 1 --as lead.manager")
def carry_out(
    undertaking: Annotated[str, number("The undertaking's number.")],
) -> Fields:
    """Record that an undertaking has been carried out."""
    return {"undertaking": number_of(undertaking)}


@command.by_staff("C-1001 1 --as lead.manager --reason 'It was another complaint.'")
def not_carried_out(
    undertaking: Annotated[str, number("The undertaking's number.")],
    reason: Reason = None,
) -> Fields:
    """Take back that an undertaking was carried out, as a lead who answers for it."""
    return {"undertaking": number_of(undertaking), "reason": reason}


@command.by_staff("C-1001 1 --as lead.manager --to m.silva --reason 'She has left.'")
def reassign_undertaking(
    undertaking: Annotated[str, number("The undertaking's number.")],
    to: Annotated[str | None, staff_option("The new owner. (needed)")] = None,
    reason: Reason = None,
) -> Fields:
    """Give an undertaking to another member of staff, who then owns it."""
    return {"undertaking": number_of(undertaking), "to": to, "reason": reason}


@command.by_staff("C-1001 7 --as m.okafor --reason 'It came back.'", Panel.POST_ROOM)
def letter_held(letter: LetterNumber, reason: Reason = None) -> Fields:
    """Hold a letter that cannot be sent until somebody puts that right."""
    return {"letter": number_of(letter), "reason": reason}


@command.by_staff("C-1001 7 --as m.okafor --channel post", Panel.POST_ROOM)
def letter_sent(
    letter: LetterNumber,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
) -> Fields:
    """Record that a held or late letter has gone."""
    return {"letter": number_of(letter), "sent_at": instant(sent_at), "channel": code(channel, Channel)}
