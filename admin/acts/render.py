"""Print the answer to an act."""

from rich.text import Text

from admin.shared.output import humanize_code, out, print_json, printable
from complaints.procedure.acts import Act
from complaints.procedure.state import Answer


def print_answer(answer: Answer, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    out.print(Text(f"{answer.reference}: {answer.sentence}", style="green"))
    out.print(f"It is now {humanize_code(answer.status)}{f', held by {answer.holder}' if answer.holder else ''}.")
    due = f"Next due: {answer.next_due_at:%Y-%m-%d %H:%M}Z. " if answer.next_due_at else ""
    out.print(f"{due}Act id: {printable(answer.id)}")


def print_sent(reference: str, act: Act, as_json: bool) -> None:
    if as_json:
        print_json({"id": act.id, "reference": reference, "code": "sent"})
    else:
        out.print(f"{reference}: {humanize_code(act.name)} sent as a signal. To see its effect: show {reference}")
        out.print(f"Act id: {printable(act.id)}")
