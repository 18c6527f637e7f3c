"""What of a complaint is about people, and what is left when that is taken out of it.

Dates, aspects, tiers, findings by their codes, and amounts stay: every figure of a report is made of those.
"""

from typing import Any

from complaints.procedure.enums import Channel, RemedyKind

ANONYMISED = "Anonymised"
NOWHERE = {Channel.EMAIL: {"email": "anonymised@example.invalid"}, Channel.POST: {"address": ANONYMISED}}
"""A form has an address for the channel that its complainant preferred."""
PROMISES = ("undertakings", "recommendations")


def state_without_people(state: dict[str, Any]) -> dict[str, Any]:
    """A ComplaintState as JSON, in which nothing tells who complained, of which case, or what anybody said."""
    promises = {field: [_without_words(promise) for promise in state[field]] for field in PROMISES}
    return {**state, **promises, "form": _form(state["form"])}


def view_without_people(view: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """A ComplaintView as JSON, made equal to its state without people."""
    return view | {
        field: [shown | {"what": promise["what"]} for shown, promise in zip(view[field], state[field], strict=True)]
        for field in PROMISES
    }


def _without_words(promise: dict[str, Any]) -> dict[str, Any]:
    """What an action is to do is told in people's words; an apology and an amount are not."""
    return promise | {"what": RemedyKind.ACTION.value} if promise["kind"] == RemedyKind.ACTION else promise


def _form(form: dict[str, Any]) -> dict[str, Any]:
    complainant = form["complainant"]
    prefers = Channel(complainant["prefers"])
    return {
        **form,
        "complainant": {
            "name": ANONYMISED,
            "capacity": complainant["capacity"],
            "prefers": prefers.value,
            **NOWHERE[prefers],
        },
        "case": form["case"] | {"reference": ANONYMISED},
        "concerns": [concern | {"what_happened": ANONYMISED} for concern in form["concerns"]],
        "communication": [],
        "put_right": None,
    }
