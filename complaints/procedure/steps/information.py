"""R9: what comes later is added, and how to reach the complainant may change."""

from datetime import datetime
from typing import Any

from complaints.procedure.acts import AddInformation, ChangeContact
from complaints.procedure.enums import Alert, Channel, ClosingReason, Code
from complaints.procedure.form import MAX_COMMUNICATIONS, MAX_CONCERNS, Form
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import admission
from complaints.procedure.steps.rules import Effect

MAX_PUT_RIGHT = 10_000


def add_information(c: ComplaintState, act: AddInformation, now: datetime) -> Effect:
    """Add to the form what came later, and alert the holder. Raises RefusedError.

    A further concern does as `classify` does: one that is not about service is signposted, and one that is takes a
    signposted complaint up again.
    """
    if c.closing and c.closing.reason is not ClosingReason.SIGNPOSTED:
        c.refuse_if_closed()
    if act.communication and act.communication.on > c.calendar.day_of(now):
        raise RefusedError(Code.IN_FUTURE, "communication.on: it lies in the future; give a day that has come.")
    form = _with_additions(c.form, act)

    def effect() -> None:
        c.form = form
        added = [field for field in ("concern", "communication", "put_right", "note") if getattr(act, field)]
        detail: dict[str, Any] = {"added": added}
        if act.concern:
            c.aspects.append(act.concern.aspect)
            detail |= {"concern": len(c.aspects), "aspect": act.concern.aspect}
        what = f"added: {', '.join(field.replace('_', ' ') for field in added)}"
        c.note(act.name, now, act.by, what, detail, _free_text(c, act))
        if act.concern:
            admission.apply_new_concern(c, now, act.by)
        _alert(c, Alert.INFORMATION_ADDED, now, act.by, what)

    return effect


def change_contact(c: ComplaintState, act: ChangeContact, now: datetime) -> Effect:
    """Change the address, preference or needs; held letters go again. Raises RefusedError.

    A closed complaint accepts it, too: a letter may be held.
    """
    given = {field: getattr(act, field) for field in ("email", "address", "prefers", "needs")}
    changes = {field: value for field, value in given.items() if value is not None}
    complainant = c.form.complainant.model_copy(update=changes)
    if complainant.prefers is Channel.EMAIL and not complainant.email:
        raise RefusedError(Code.NO_ADDRESS, "email: is needed where the complainant prefers email.")
    if complainant.prefers is Channel.POST and not complainant.address:
        raise RefusedError(Code.NO_ADDRESS, "address: is needed where the complainant prefers post.")
    if complainant == c.form.complainant:
        raise RefusedError(Code.ALREADY_DONE, "The complaint has this already.")
    form = c.form.model_copy(update={"complainant": complainant})
    _refuse_if_full(form)

    def effect() -> None:
        c.form = form
        again = _letters_to_send_again(c, act)
        goes_again = [f"; letter {each['letter']} goes again" for each in again]
        what = f"changed: {', '.join(changes)}{''.join(goes_again)}"
        c.note(act.name, now, act.by, what, {"changed": [*changes], "again": again})
        if not c.is_closed:
            _alert(c, Alert.CONTACT_CHANGED, now, act.by, what)

    return effect


def _with_additions(form: Form, act: AddInformation) -> Form:
    """Return the form with what the act adds. Raises RefusedError if it grows too large."""
    changes: dict[str, Any] = {}
    if act.concern:
        changes["concerns"] = (*form.concerns, act.concern)
    if act.communication:
        changes["communication"] = (*form.communication, act.communication)
    if act.put_right:
        changes["put_right"] = f"{form.put_right}\n\n{act.put_right}" if form.put_right else act.put_right
    added = form.model_copy(update=changes)
    _refuse_if_full(added)
    return added


def _refuse_if_full(form: Form) -> None:
    is_full = (
        len(form.concerns) > MAX_CONCERNS
        or len(form.communication) > MAX_COMMUNICATIONS
        or len(form.put_right or "") > MAX_PUT_RIGHT
        or len(form.model_dump_json().encode()) > admission.MAX_FORM_BYTES
    )
    if is_full:
        raise RefusedError(Code.FORM_FULL, "The complaint's form can hold no more of this; add it as a note.")


def _letters_to_send_again(c: ComplaintState, act: ChangeContact) -> list[dict[str, Any]]:
    """List the held letters that may go now, each with its channel."""
    again = []
    for number in c.held:
        letter = next((event for event in c.events if event.sequence == number), None)
        prefers = c.form.complainant.prefers
        channel = Channel(letter.detail["channel"]) if letter and not act.prefers else prefers
        if act.prefers or (act.email and channel is Channel.EMAIL) or (act.address and channel is Channel.POST):
            again.append({"letter": number, "channel": channel})
    return again


def _alert(c: ComplaintState, occasion: Alert, now: datetime, by: str, what: str) -> None:
    """Alert the holder, or the lead where nobody holds it, unless they did it themselves."""
    lead = c.tier.id if c.tier and not c.is_closed else c.policy.tiers[0].id
    to = [f"staff:{c.holder}"] if c.holder and not c.is_closed else c.leads(lead)
    if to != [f"staff:{by}"]:
        c.alert(occasion, now, to, what)


def _free_text(c: ComplaintState, act: AddInformation) -> dict[str, str | None]:
    communication = act.communication
    return {
        f"concern {len(c.aspects)}": act.concern.what_happened if act.concern else None,
        f"communication {len(c.form.communication)}": (
            f"{communication.on}, {communication.channel}: {communication.summary}" if communication else None
        ),
        "put right": act.put_right,
        "note": act.note,
    }
