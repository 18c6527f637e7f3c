"""Remove personal data from a complaint.

Dates, aspects, tiers, codes of outcomes and amounts stay, because the figures of reports need them.
"""

from typing import Any

from complaints.procedure.enums import Channel, RemedyKind

ANONYMISED = "Anonymised"
PLACEHOLDER_CONTACT = {Channel.EMAIL: {"email": "anonymised@example.invalid"}, Channel.POST: {"address": ANONYMISED}}
"""A form needs an address for the channel that the complainant prefers."""
COMMITMENTS = ("undertakings", "recommendations")


def anonymise_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return a ComplaintState as JSON without personal data or free text."""
    commitments = {field: [_anonymise_action(commitment) for commitment in state[field]] for field in COMMITMENTS}
    return {**state, **commitments, "form": _form(state["form"]), "words_salt": ""}


def public_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a RecordedState as JSON that the record holds in clear.

    It is anonymised but for the case handler's id, by which nobody decides alone on complaints of their own (R11).
    """
    public = anonymise_state(state)
    case = public["form"]["case"] | {"handler": state["form"]["case"].get("handler")}
    return public | {"form": public["form"] | {"case": case}}


def anonymise_view(view: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """Return a ComplaintView as JSON that agrees with its anonymised state.

    Of the readers, no person is named: the case handler's id comes from the form, and no words are left to read.
    """
    readers = [each for each in view.get("readers", ()) if not each.startswith("staff:")]
    return with_texts_of(state, view) | {"readers": readers}


def with_texts_of(state: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """Return a ComplaintView as JSON with the texts of its state, which may be the public one."""
    return view | {
        field: [each | {"what": commitment["what"]} for each, commitment in zip(view[field], state[field], strict=True)]
        for field in COMMITMENTS
    }


def hides_text(view: dict[str, Any]) -> bool:
    """Return whether a public ComplaintView as JSON lacks a text that its state has."""
    return any(each["what"] == RemedyKind.ACTION.value for field in COMMITMENTS for each in view[field])


def _anonymise_action(commitment: dict[str, Any]) -> dict[str, Any]:
    """Replace the text of an action, the only kind of remedy with free text."""
    return commitment | {"what": RemedyKind.ACTION.value} if commitment["kind"] == RemedyKind.ACTION else commitment


def _form(form: dict[str, Any]) -> dict[str, Any]:
    """Return a form with only what reports and dates need, whatever else it may hold."""
    complainant, case = form["complainant"], form["case"]
    prefers = Channel(complainant["prefers"])
    return {
        **{field: form.get(field) for field in ("reference", "received_at", "told_case_handler_on")},
        "complainant": {
            "name": ANONYMISED,
            "capacity": complainant["capacity"],
            "prefers": prefers.value,
            **PLACEHOLDER_CONTACT[prefers],
        },
        "case": {"reference": ANONYMISED, "open": case["open"], "answered_on": case["answered_on"]},
        "concerns": [{"aspect": concern["aspect"], "what_happened": ANONYMISED} for concern in form["concerns"]],
    }
