"""The commands as `complaints --help` lists them, so that the help imports no command.

A test compares this with the commands themselves.
"""

from typing import NamedTuple

from admin.shared.options import Panel


class ListedCommand(NamedTuple):
    """A command, or a group of commands: where it is, and its line in the help."""

    name: str
    module: str
    """The module whose `app` has it."""
    panel: Panel
    help: str


COMMANDS = (
    ListedCommand(
        "open",
        "admin.intake.cli",
        Panel.INTAKE,
        "Open a complaint for each form. The same form twice opens one complaint.",
    ),
    ListedCommand(
        "acknowledge", "admin.acts.cli", Panel.STAFF, "Tell the complainant that the tier has received the complaint."
    ),
    ListedCommand("reply", "admin.acts.cli", Panel.STAFF, "Reply fully, with findings, an outcome and remedies."),
    ListedCommand(
        "correct", "admin.acts.cli", Panel.STAFF, "Correct the reply, and write to the complainant about it."
    ),
    ListedCommand(
        "extend", "admin.acts.cli", Panel.STAFF, "Take more time for the reply, and tell the complainant why."
    ),
    ListedCommand(
        "escalate",
        "admin.acts.cli",
        Panel.COMPLAINANT,
        "Take the complaint to the next tier, because the complainant is still unhappy.",
    ),
    ListedCommand(
        "accept-late",
        "admin.acts.cli",
        Panel.STAFF,
        "Take a complaint or an escalation that came out of time, as a lead.",
    ),
    ListedCommand("classify", "admin.acts.cli", Panel.STAFF, "Move a concern to another aspect."),
    ListedCommand(
        "resolve",
        "admin.acts.cli",
        Panel.COMPLAINANT,
        "Close the complaint as resolved, because the complainant says so.",
    ),
    ListedCommand("withdraw", "admin.acts.cli", Panel.COMPLAINANT, "Withdraw the complaint for the complainant."),
    ListedCommand("case-closed", "admin.acts.cli", Panel.CASE_SYSTEM, "Record that the case has closed."),
    ListedCommand("case-reopened", "admin.acts.cli", Panel.CASE_SYSTEM, "Record that the case was opened again."),
    ListedCommand(
        "ask-manager",
        "admin.acts.cli",
        Panel.COMPLAINANT,
        "Pass the complaint to a manager, as the complainant asks: the formal procedure begins.",
    ),
    ListedCommand("settle", "admin.acts.cli", Panel.STAFF, "Record that the case handler has sorted it out."),
    ListedCommand(
        "add-information",
        "admin.acts.cli",
        Panel.COMPLAINANT,
        "Add what came later: a concern, a communication, how to put things right, or a note.",
    ),
    ListedCommand(
        "change-contact", "admin.acts.cli", Panel.COMPLAINANT, "Change how to reach the complainant, or what they need."
    ),
    ListedCommand(
        "close-in-error",
        "admin.acts.cli",
        Panel.STAFF,
        "Close a complaint that should not have been opened, as a lead.",
    ),
    ListedCommand(
        "reopen",
        "admin.acts.cli",
        Panel.STAFF,
        "Reopen a complaint that was closed by mistake, as the lead of its tier.",
    ),
    ListedCommand(
        "accept-review", "admin.acts.review_cli", Panel.ASSESSOR, "Accept the complaint for independent review."
    ),
    ListedCommand("decline-review", "admin.acts.review_cli", Panel.ASSESSOR, "Decline the independent review."),
    ListedCommand("give-opinion", "admin.acts.review_cli", Panel.ASSESSOR, "Give the opinion on the service."),
    ListedCommand(
        "answer-recommendation",
        "admin.acts.review_cli",
        Panel.STAFF,
        "Accept or decline a recommendation, for the service.",
    ),
    ListedCommand(
        "carry-out", "admin.acts.review_cli", Panel.STAFF, "Record that an undertaking has been carried out."
    ),
    ListedCommand(
        "not-carried-out",
        "admin.acts.review_cli",
        Panel.STAFF,
        "Take back that an undertaking was carried out, as a lead who answers for it.",
    ),
    ListedCommand(
        "reassign-undertaking",
        "admin.acts.review_cli",
        Panel.STAFF,
        "Give an undertaking to another member of staff, who then owns it.",
    ),
    ListedCommand(
        "letter-held",
        "admin.acts.review_cli",
        Panel.POST_ROOM,
        "Hold a letter that cannot be sent until somebody puts that right.",
    ),
    ListedCommand(
        "letter-sent", "admin.acts.review_cli", Panel.POST_ROOM, "Record that a held or late letter has gone."
    ),
    ListedCommand(
        "reassign",
        "admin.staff.reassign_cli",
        Panel.STAFF,
        "Give a complaint to somebody else at its tier, or all that somebody has to others.",
    ),
    ListedCommand(
        "staff",
        "admin.staff.cli",
        Panel.STAFF,
        "The staff directory: who acts where, who leads which tier, who is away.",
    ),
    ListedCommand(
        "login",
        "admin.sign_in.cli",
        Panel.SIGNING_IN,
        "Sign in: open the address that is printed, and enter the code there.",
    ),
    ListedCommand(
        "logout", "admin.sign_in.cli", Panel.SIGNING_IN, "Sign out: the tokens of this sign-in are valid no more."
    ),
    ListedCommand("whoami", "admin.sign_in.cli", Panel.SIGNING_IN, "Print who is signed in, with their roles."),
    ListedCommand(
        "token",
        "admin.sign_in.cli",
        Panel.SIGNING_IN,
        "Print an access token, for a program that calls the service as you.",
    ),
    ListedCommand(
        "systems", "admin.systems.cli", Panel.SYSTEMS, "Systems that call the intake service, and their keys."
    ),
    ListedCommand(
        "show", "admin.lookup.cli", Panel.LOOKING, "Show a complaint: status, deadlines, and everything that happened."
    ),
    ListedCommand(
        "explain",
        "admin.lookup.cli",
        Panel.LOOKING,
        "Explain each deadline: its days counted and skipped, its moves, and how it ended.",
    ),
    ListedCommand(
        "readings",
        "admin.lookup.cli",
        Panel.LOOKING,
        "List who read what people said and wrote, by day; for auditors and leads.",
    ),
    ListedCommand(
        "list", "admin.lookup.cli", Panel.LOOKING, "List open complaints from the record, those due first on top."
    ),
    ListedCommand(
        "find",
        "admin.lookup.cli",
        Panel.LOOKING,
        "Find complaints, open and closed, by who complains, their case or the reference.",
    ),
    ListedCommand(
        "answer",
        "admin.acts.answer_cli",
        Panel.LOOKING,
        "Ask a complaint what became of an act whose command got no answer. Nothing is sent.",
    ),
    ListedCommand(
        "letters",
        "admin.letters.cli",
        Panel.LOOKING,
        "List letters and alerts, oldest first. To send one again: letters retry ID.",
    ),
    ListedCommand(
        "calculate",
        "admin.calendar.calculate",
        Panel.LOOKING,
        "Calculate a due date, and show each day counted or skipped, with the reason.",
    ),
    ListedCommand(
        "export",
        "admin.reports.cli",
        Panel.REPORTS,
        "Export the record of all complaints received from the first day to the last.",
    ),
    ListedCommand(
        "report", "admin.reports.cli", Panel.REPORTS, "The annual report to the Board, and a report on timeliness."
    ),
    ListedCommand(
        "erase",
        "admin.retention.cli",
        Panel.KEEPING,
        "Erase a closed complaint: personal data, letters and workflow runs. Statistics stay.",
    ),
    ListedCommand(
        "retention",
        "admin.retention.cli",
        Panel.KEEPING,
        "List closed complaints whose retention period has ended. Nothing is changed.",
    ),
    ListedCommand(
        "audit",
        "admin.audit.cli",
        Panel.KEEPING,
        "Check that nobody changed, added or took out what was recorded; for auditors.",
    ),
    ListedCommand(
        "calendar", "admin.calendar.cli", Panel.CALENDAR, "The holidays in force: show them, add one, strike one."
    ),
    ListedCommand(
        "recalendar",
        "admin.calendar.recalendar_cli",
        Panel.CALENDAR,
        "Recalculate every open date after a holiday was announced late (R14).",
    ),
    ListedCommand(
        "policy",
        "admin.policy.cli",
        Panel.CALENDAR,
        "Check a policy; compare it with those of open complaints; move a complaint to it.",
    ),
    ListedCommand(
        "advance",
        "admin.local_stack.advance_cli",
        Panel.TRYING,
        "Move one complaint's clock forward, on the local stack (make up), to try a deadline.",
    ),
    ListedCommand(
        "mail",
        "admin.local_stack.mail",
        Panel.TRYING,
        "List the mail that the local stack (make up) has caught, or show one message.",
    ),
)
"""In the order in which the help lists them."""
