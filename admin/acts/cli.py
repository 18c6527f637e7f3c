"""One command for each act, with the options that only this act has."""

from pathlib import Path
from typing import Annotated

from admin.acts.command_factory import ActCommands, Fields
from admin.acts.parse import group, read_findings, read_needs, read_remedies
from admin.shared.options import (
    By,
    ChannelOption,
    Explanation,
    On,
    Panel,
    Reason,
    ReasonIfAny,
    ReceivedAt,
    Recommended,
    Remedies,
    SentAt,
    TierOption,
    flag,
    needed,
    number,
    option,
    staff_option,
)
from complaints.procedure import acts
from complaints.procedure.enums import Aspect, Ground

OutcomeOption = Annotated[str | None, needed("upheld|partly_upheld|not_upheld", "The outcome.")]
Findings = Annotated[str | None, needed("TEXT", "The findings; or --findings-file.")]
FindingsFile = Annotated[Path | None, option("FILE", "A file with the findings, in UTF-8.")]
LetterNumber = Annotated[str, number("The letter's number: 7 in C-1001.7.complainant of complaints letters.")]

command = ActCommands()
app = command.app


@command.by_staff(acts.Acknowledge, "C-1001 --as m.okafor")
def acknowledge(sent_at: SentAt = None, channel: ChannelOption = None, tier: TierOption = None) -> Fields:
    return {"sent_at": sent_at, "channel": channel, "tier": tier}


@command.by_staff(
    acts.Reply, "C-1001 --as m.okafor --outcome upheld --findings 'We were slow.' --remedy compensation:75.00"
)
def reply(
    outcome: OutcomeOption = None,
    findings: Findings = None,
    findings_file: FindingsFile = None,
    remedy: Remedies = None,
    carry_out_by: By = None,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
    tier: TierOption = None,
) -> Fields:
    return {
        "outcome": outcome,
        "findings": read_findings(findings, findings_file),
        "remedies": read_remedies("--remedy", remedy),
        "carry_out_by": carry_out_by,
        "sent_at": sent_at,
        "channel": channel,
        "tier": tier,
    }


@command.by_staff(
    acts.Correct,
    "C-1001 --as m.okafor --outcome not_upheld --findings 'We were in time.' --reason 'It was another file.'",
)
def correct(
    outcome: OutcomeOption = None,
    findings: Findings = None,
    findings_file: FindingsFile = None,
    remedy: Remedies = None,
    carry_out_by: By = None,
    reason: Reason = None,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
) -> Fields:
    return {
        "outcome": outcome,
        "findings": read_findings(findings, findings_file),
        "remedies": read_remedies("--remedy", remedy),
        "carry_out_by": carry_out_by,
        "reason": reason,
        "sent_at": sent_at,
        "channel": channel,
    }


@command.by_staff(acts.Extend, "C-1001 --as m.okafor --to 2027-01-12 --explanation 'We wait for records.'")
def extend(
    to: Annotated[str | None, needed("DATE", "The new date for the reply, a working day.")] = None,
    explanation: Explanation = None,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
    tier: TierOption = None,
) -> Fields:
    return {"to": to, "explanation": explanation, "sent_at": sent_at, "channel": channel, "tier": tier}


@command.keyed(acts.Escalate, "C-1001 --reason 'Nobody rang me back.'", Panel.COMPLAINANT)
def escalate(
    to: Annotated[str | None, option("TIER", "The tier to go to; else the next one.")] = None,
    reason: ReasonIfAny = None,
    received_at: ReceivedAt = None,
    from_complainant: Annotated[
        bool,
        flag("The complainant asked for this tier: they get a letter if it is too early.", "--from-complainant"),
    ] = False,
) -> Fields:
    return {"to": to, "reason": reason, "received_at": received_at, "from_complainant": from_complainant}


@command.by_staff(acts.AcceptLate, "C-1001 --as lead.manager --reason 'They were in hospital.'")
def accept_late(reason: Reason = None) -> Fields:
    return {"reason": reason}


@command.by_staff(acts.Classify, "C-1001 2 --as m.okafor --aspect delay --reason 'It is about the wait.'")
def classify(
    concern: Annotated[str, number("The concern's number on the form.")],
    aspect: Annotated[str | None, needed("ASPECT", f"The new aspect: {', '.join(Aspect)}.")] = None,
    reason: Reason = None,
) -> Fields:
    return {"concern": concern, "aspect": aspect, "reason": reason}


@command.keyed(acts.Resolve, "C-1001", Panel.COMPLAINANT)
def resolve() -> Fields:
    return {}


@command.keyed(acts.Withdraw, "C-1001 --reason 'They have moved on.'", Panel.COMPLAINANT)
def withdraw(reason: ReasonIfAny = None) -> Fields:
    return {"reason": reason}


@command.keyed(acts.CaseClosed, "C-1001 --on 2026-12-09T10:00Z", Panel.CASE_SYSTEM)
def case_closed(on: On = None) -> Fields:
    return {"on": on}


@command.keyed(acts.CaseReopened, "C-1001", Panel.CASE_SYSTEM)
def case_reopened(on: On = None) -> Fields:
    return {"on": on}


@command.keyed(acts.AskManager, "C-1001", Panel.COMPLAINANT)
def ask_manager(received_at: ReceivedAt = None) -> Fields:
    return {"received_at": received_at}


@command.by_staff(acts.Settle, "C-1001 --as h.lee --explanation 'We rang and put it right.'")
def settle(explanation: Explanation = None) -> Fields:
    return {"explanation": explanation}


@command.keyed(
    acts.AddInformation, "C-1001 --aspect delay --what-happened 'It took five weeks more.'", Panel.COMPLAINANT
)
def add_information(
    aspect: Annotated[str | None, option("ASPECT", f"Of a further concern: {', '.join(Aspect)}.")] = None,
    what_happened: Annotated[str | None, option("TEXT", "What happened, of a further concern.")] = None,
    communication_on: Annotated[str | None, option("DATE", "The day of a communication.")] = None,
    communication_channel: Annotated[str | None, option("TEXT", "How it came, such as phone.")] = None,
    communication_summary: Annotated[str | None, option("TEXT", "What it said.")] = None,
    put_right: Annotated[str | None, option("TEXT", "How they would like it put right.")] = None,
    note: Annotated[str | None, option("TEXT", "A note for staff.")] = None,
) -> Fields:
    return {
        "concern": group("concern", aspect=aspect, what_happened=what_happened),
        "communication": group(
            "communication", on=communication_on, channel=communication_channel, summary=communication_summary
        ),
        "put_right": put_right,
        "note": note,
    }


@command.keyed(acts.ChangeContact, "C-1001 --email ada@example.org --needs 'large_print'", Panel.COMPLAINANT)
def change_contact(
    email: Annotated[str | None, option("ADDRESS", "The complainant's new email address.")] = None,
    address: Annotated[
        str | None, option("TEXT", "Their new postal address; lines may be separated by commas.")
    ] = None,
    prefers: Annotated[str | None, option("email|post", "How they prefer to be written to.")] = None,
    needs: Annotated[
        list[str] | None,
        option(
            "NEED", "All their needs: large_print, telephone, language:LANGUAGE, other:TEXT; or none; may be repeated."
        ),
    ] = None,
) -> Fields:
    return {"email": email, "address": address, "prefers": prefers, "needs": read_needs(needs)}


@command.by_staff(acts.AcceptReview, "C-1001 --as i.assessor", Panel.ASSESSOR)
def accept_review(
    exceptionally: Annotated[str | None, option("TEXT", "Why now, if the case is still open.")] = None,
) -> Fields:
    return {"exceptionally": exceptionally}


@command.by_staff(
    acts.DeclineReview,
    "C-1001 --as i.assessor --ground enquiry_only --explanation 'You asked how.'",
    Panel.ASSESSOR,
)
def decline_review(
    ground: Annotated[str | None, needed("GROUND", f"The ground: {', '.join(Ground)}.")] = None,
    explanation: Explanation = None,
) -> Fields:
    return {"ground": ground, "explanation": explanation}


@command.by_staff(
    acts.GiveOpinion,
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
    return {
        "satisfactory": satisfactory,
        "explanation": explanation,
        "recommendations": read_remedies("--recommend", recommend),
    }


@command.by_staff(acts.AnswerRecommendation, "C-1001 1 --as lead.manager --accept --by 2027-02-26")
def answer_recommendation(
    recommendation: Annotated[str, number("The recommendation's number.")],
    accepted: Annotated[bool | None, flag("The service's answer. (needed)", "--accept/--decline")] = None,
    carry_out_by: By = None,
    reason: Annotated[str | None, option("TEXT", "Why it is declined; needed with --decline.")] = None,
) -> Fields:
    return {"recommendation": recommendation, "accepted": accepted, "carry_out_by": carry_out_by, "reason": reason}


@command.by_staff(acts.CarryOut, "C-1001 1 --as lead.manager")
def carry_out(
    undertaking: Annotated[str, number("The undertaking's number.")],
) -> Fields:
    return {"undertaking": undertaking}


@command.by_staff(acts.NotCarriedOut, "C-1001 1 --as lead.manager --reason 'It was another complaint.'")
def not_carried_out(
    undertaking: Annotated[str, number("The undertaking's number.")],
    reason: Reason = None,
) -> Fields:
    return {"undertaking": undertaking, "reason": reason}


@command.by_staff(acts.ReassignUndertaking, "C-1001 1 --as lead.manager --to m.silva --reason 'She has left.'")
def reassign_undertaking(
    undertaking: Annotated[str, number("The undertaking's number.")],
    to: Annotated[str | None, staff_option("The new owner. (needed)")] = None,
    reason: Reason = None,
) -> Fields:
    return {"undertaking": undertaking, "to": to, "reason": reason}


@command.by_staff(acts.LetterHeld, "C-1001 7 --as post.room --reason 'It came back.'", Panel.POST_ROOM)
def letter_held(letter: LetterNumber, reason: Reason = None) -> Fields:
    return {"letter": letter, "reason": reason}


@command.by_staff(acts.LetterSent, "C-1001 7 --as post.room --channel post", Panel.POST_ROOM)
def letter_sent(
    letter: LetterNumber,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
) -> Fields:
    return {"letter": letter, "sent_at": sent_at, "channel": channel}


@command.by_staff(acts.CloseInError, "C-1001 --as lead.manager --reason 'Opened twice.'")
def close_in_error(reason: Reason = None) -> Fields:
    return {"reason": reason}


@command.by_staff(acts.Reopen, "C-1001 --as lead.manager --reason 'They had withdrawn another complaint.'")
def reopen(reason: Reason = None) -> Fields:
    return {"reason": reason}
