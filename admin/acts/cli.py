"""One command for each act, with the options that only this act has.

A command's name is its function's, and its help the docstring: the act's own, which a test compares.
"""

from pathlib import Path
from typing import Annotated

from admin.acts.command_factory import ActCommands
from admin.acts.parse import group, read_findings, read_needs, read_remedies
from admin.acts.typed_values import Fields, code, day, instant, number_of, tier_id
from admin.shared.options import (
    By,
    ChannelOption,
    Explanation,
    On,
    Panel,
    Reason,
    ReasonIfAny,
    ReceivedAt,
    Remedies,
    SentAt,
    TierOption,
    flag,
    needed,
    number,
    option,
)
from complaints.procedure.enums import Aspect, Channel, Outcome

OutcomeOption = Annotated[str | None, needed("upheld|partly_upheld|not_upheld", "The outcome.")]
Findings = Annotated[str | None, needed("TEXT", "The findings; or --findings-file.")]
FindingsFile = Annotated[Path | None, option("FILE", "A file with the findings, in UTF-8.")]
LetterNumber = Annotated[str, number("The letter's number: 7 in C-1001.7.complainant of complaints letters.")]

command = ActCommands()
app = command.app


@command.by_staff("C-1001 --as m.okafor")
def acknowledge(sent_at: SentAt = None, channel: ChannelOption = None, tier: TierOption = None) -> Fields:
    """Tell the complainant that the tier has received the complaint."""
    return {"sent_at": instant(sent_at), "channel": code(channel, Channel), "tier": tier_id(tier)}


@command.by_staff("C-1001 --as m.okafor --outcome upheld --findings 'We were slow.' --remedy compensation:75.00")
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
    """Reply fully, with findings, an outcome and remedies."""
    return {
        "outcome": code(outcome, Outcome),
        "findings": read_findings(findings, findings_file),
        "remedies": read_remedies("--remedy", remedy),
        "carry_out_by": day(carry_out_by),
        "sent_at": instant(sent_at),
        "channel": code(channel, Channel),
        "tier": tier_id(tier),
    }


@command.by_staff(
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
    """Correct the reply, and write to the complainant about it."""
    return {
        "outcome": code(outcome, Outcome),
        "findings": read_findings(findings, findings_file),
        "remedies": read_remedies("--remedy", remedy),
        "carry_out_by": day(carry_out_by),
        "reason": reason,
        "sent_at": instant(sent_at),
        "channel": code(channel, Channel),
    }


@command.by_staff("C-1001 --as m.okafor --to 2027-01-12 --explanation 'We wait for records.'")
def extend(
    to: Annotated[str | None, needed("DATE", "The new date for the reply, a working day.")] = None,
    explanation: Explanation = None,
    sent_at: SentAt = None,
    channel: ChannelOption = None,
    tier: TierOption = None,
) -> Fields:
    """Take more time for the reply, and tell the complainant why."""
    return {
        "to": day(to),
        "explanation": explanation,
        "sent_at": instant(sent_at),
        "channel": code(channel, Channel),
        "tier": tier_id(tier),
    }


@command.keyed("C-1001 --reason 'Nobody rang me back.'", Panel.COMPLAINANT)
def escalate(
    to: Annotated[str | None, option("TIER", "The tier to go to; else the next one.")] = None,
    reason: ReasonIfAny = None,
    received_at: ReceivedAt = None,
    from_complainant: Annotated[
        bool,
        flag("The complainant asked for this tier: they get a letter if it is too early.", "--from-complainant"),
    ] = False,
) -> Fields:
    """Take the complaint to the next tier, because the complainant is still unhappy."""
    return {
        "to": tier_id(to),
        "reason": reason,
        "received_at": instant(received_at),
        "from_complainant": from_complainant,
    }


@command.by_staff("C-1001 --as lead.manager --reason 'They were in hospital.'")
def accept_late(reason: Reason = None) -> Fields:
    """Take a complaint or an escalation that came out of time, as a lead."""
    return {"reason": reason}


@command.by_staff("C-1001 2 --as m.okafor --aspect delay --reason 'It is about the wait.'")
def classify(
    concern: Annotated[str, number("The concern's number on the form.")],
    aspect: Annotated[str | None, needed("ASPECT", f"The new aspect: {', '.join(Aspect)}.")] = None,
    reason: Reason = None,
) -> Fields:
    """Move a concern to another aspect."""
    return {"concern": number_of(concern), "aspect": code(aspect, Aspect), "reason": reason}


@command.keyed("C-1001", Panel.COMPLAINANT)
def resolve() -> Fields:
    """Close the complaint as resolved, because the complainant says so."""
    return {}


@command.keyed("C-1001 --reason 'They have moved on.'", Panel.COMPLAINANT)
def withdraw(reason: ReasonIfAny = None) -> Fields:
    """Withdraw the complaint for the complainant."""
    return {"reason": reason}


@command.keyed("C-1001 --on 2026-12-09T10:00Z", Panel.CASE_SYSTEM)
def case_closed(on: On = None) -> Fields:
    """Record that the case has closed."""
    return {"on": instant(on)}


@command.keyed("C-1001", Panel.CASE_SYSTEM)
def case_reopened(on: On = None) -> Fields:
    """Record that the case was opened again."""
    return {"on": instant(on)}


@command.keyed("C-1001", Panel.COMPLAINANT)
def ask_manager(received_at: ReceivedAt = None) -> Fields:
    """Pass the complaint to a manager, as the complainant asks: the formal procedure begins."""
    return {"received_at": instant(received_at)}


@command.by_staff("C-1001 --as h.lee --explanation 'We rang and put it right.'")
def settle(explanation: Explanation = None) -> Fields:
    """Record that the case handler has sorted it out."""
    return {"explanation": explanation}


@command.keyed("C-1001 --aspect delay --what-happened 'It took five weeks more.'", Panel.COMPLAINANT)
def add_information(
    aspect: Annotated[str | None, option("ASPECT", f"Of a further concern: {', '.join(Aspect)}.")] = None,
    what_happened: Annotated[str | None, option("TEXT", "What happened, of a further concern.")] = None,
    communication_on: Annotated[str | None, option("DATE", "The day of a communication.")] = None,
    communication_channel: Annotated[str | None, option("TEXT", "How it came, such as phone.")] = None,
    communication_summary: Annotated[str | None, option("TEXT", "What it said.")] = None,
    put_right: Annotated[str | None, option("TEXT", "How they would like it put right.")] = None,
    note: Annotated[str | None, option("TEXT", "A note for staff.")] = None,
) -> Fields:
    """Add what came later: a concern, a communication, how to put things right, or a note."""
    return {
        "concern": group("concern", aspect=code(aspect, Aspect), what_happened=what_happened),
        "communication": group(
            "communication", on=day(communication_on), channel=communication_channel, summary=communication_summary
        ),
        "put_right": put_right,
        "note": note,
    }


@command.keyed("C-1001 --email ada@example.org --needs 'large_print'", Panel.COMPLAINANT)
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
    """Change how to reach the complainant, or what they need."""
    return {"email": email, "address": address, "prefers": code(prefers, Channel), "needs": read_needs(needs)}


@command.by_staff("C-1001 --as lead.manager --reason 'Opened twice.'")
def close_in_error(reason: Reason = None) -> Fields:
    """Close a complaint that should not have been opened, as a lead."""
    return {"reason": reason}


@command.by_staff("C-1001 --as lead.manager --reason 'They had withdrawn another complaint.'")
def reopen(reason: Reason = None) -> Fields:
    """Reopen a complaint that was closed by mistake, as the lead of its tier."""
    return {"reason": reason}
