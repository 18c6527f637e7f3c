"""Describe an act and its effects in lines, for people."""

import textwrap
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from complaints.procedure.acts import Act, ChangeContact, Correct
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.date_format import format_date, format_instant
from complaints.procedure.enums import Channel, EventKind, humanize_code
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.date_preview import DateChange
from starter.service.prospect import LetterPreview, Prospect

MAX_TEXT = 300
"""The most characters of a text that are shown."""
NOT_BY_STAFF = (Permission.ANYBODY, Permission.POST_ROOM)


def other_holder(state: ComplaintState, act: Act) -> str | None:
    """Say that somebody else holds the complaint at which a member of staff acts."""
    is_over = state.is_closed and not isinstance(act, Correct)
    if act.requires in NOT_BY_STAFF or is_over or state.holder in (None, act.by):
        return None
    return f"{state.holder} holds {state.reference}, not {act.by}."


def describe_complaint(state: ComplaintState) -> Iterator[str]:
    """Yield the complainant, and where the complaint is."""
    complainant, case = state.form.complainant, state.form.case
    capacity = humanize_code(complainant.capacity)
    if complainant.represents:
        capacity += f" of {complainant.represents}"
        capacity += f" ({complainant.authority})" if complainant.authority else ""
    yield f"{state.reference}: {complainant.name}, {capacity}, case {case.reference}"
    held = f"held by {state.holder}" if state.holder else "held by nobody"
    yield f"{state.tier_title}: {humanize_code(state.status)}, {held}"
    if needs := str(complainant.needs):
        yield f"The complainant needs: {needs}"


def describe_act(act: Act, zone: ZoneInfo, state: ComplaintState | None) -> Iterator[tuple[str, str]]:
    """Yield each field with its value, amounts and numbered things in full."""
    yield "by", act.by
    for name, field in type(act).model_fields.items():
        value = getattr(act, name)
        if name in ("id", "by", "made_at") or value == field.default:
            continue
        lines = list(_lines(value, zone))
        if state:
            lines += _numbered(state, name, value)
            lines = [_title(state, lines[0])] if name in ("tier", "to") else lines
        yield humanize_code(name), "\n".join(lines)


def _numbered(state: ComplaintState, field: str, number: Any) -> Iterator[str]:
    """Yield what a number means: the undertaking, recommendation, concern or letter."""
    if not isinstance(number, int):
        return
    if field == "undertaking":
        yield from (f"{each.what}, by {format_date(each.by)}" for each in state.undertakings if each.number == number)
    elif field == "recommendation":
        yield from (each.what for each in state.recommendations if each.number == number)
    elif field == "concern":
        yield from (_shorten(each.what_happened) for each in state.form.concerns[number - 1 : number])
    elif field == "letter":
        yield from (each.what for each in state.events if each.sequence == number and each.kind == EventKind.LETTER)


def _title(state: ComplaintState, text: str) -> str:
    """Return the title of a tier; any other text stays as it is."""
    return state.policy.title_of(text) if text in {tier.id for tier in state.policy.tiers} else text


def _lines(value: Any, zone: ZoneInfo) -> Iterator[str]:
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, datetime):
        yield format_instant(value, zone)
    elif isinstance(value, date):
        yield format_date(value)
    elif isinstance(value, StrEnum):
        yield humanize_code(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from _lines(each, zone)
    elif isinstance(value, Policy):
        yield value.name
    elif isinstance(value, WorkingCalendar):
        yield value.version
    elif isinstance(value, BaseModel) and type(value).__str__ is BaseModel.__str__:
        fields = [(name, each) for name, each in value if each not in (None, ())]
        yield "; ".join(f"{humanize_code(name)}: {' '.join(_lines(each, zone))}" for name, each in fields)
    else:
        yield _shorten(str(value))


def _shorten(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{textwrap.shorten(text, MAX_TEXT, placeholder=' …')} ({len(text):,} characters)"


def describe_effects(prospect: Prospect) -> Iterator[tuple[str, str]]:
    """Yield what the act would send and change."""
    before, after = prospect.preview.before, prospect.preview.after
    if prospect.preview.refusal:
        yield "refused", prospect.preview.refusal.sentence
    for letter in prospect.letters:
        yield "letter", "\n".join(_letter_lines(letter))
    again = list(_letters_again(prospect))
    yield from again
    if not (prospect.letters or again):
        yield "letter", "none goes to the complainant"
    if contact := [f"{field}: {was or 'none'} → {now or 'none'}" for field, was, now in contact_changes(prospect)]:
        yield "changes", "\n".join(contact)
    for change in prospect.preview.changes:
        tier, _, kind = change.of.partition(": ")
        yield f"{_title(before, tier)}: {kind}" if kind else tier, _moved(change)
    for was, undertaking in zip(before.undertakings, after.undertakings, strict=False):
        if undertaking.replaced_at and not was.replaced_at:
            yield f"undertaking {undertaking.number}", f"{undertaking.what}: replaced"
    for undertaking in after.undertakings[len(before.undertakings) :]:
        yield f"undertaking {undertaking.number}", f"{undertaking.what}, by {format_date(undertaking.by)}"
    if after.holder != before.holder:
        yield "holder", after.holder or "nobody"
    if after.status != before.status or after.tier_id != before.tier_id:
        closing = f": {humanize_code(after.closing.reason)}" if after.closing else ""
        yield "then", f"{after.tier_title}, {humanize_code(after.status)}{closing}"


def contact_changes(prospect: Prospect) -> Iterator[tuple[str, str, str]]:
    """Yield each field of the complainant that the act would change, before and after."""
    before, after = (state.form.complainant for state in (prospect.preview.before, prospect.preview.after))
    for field, was in before:
        if (now := getattr(after, field)) != was:
            yield field, _one_line(was), _one_line(now)


def _one_line(value: Any) -> str:
    return " ".join(str(value or "").split())


def _letters_again(prospect: Prospect) -> Iterator[tuple[str, str]]:
    """Yield the held letters that the act would let go again."""
    complainant = prospect.preview.after.form.complainant
    changes = [event for event in prospect.preview.events if event.kind == ChangeContact.name]
    for again in [each for event in changes for each in event.detail["again"]]:
        address = complainant.email if again["channel"] == Channel.EMAIL else complainant.address
        to = f"{complainant.name}, {_one_line(address)}"
        yield f"letter {again['letter']}", f"goes again by {again['channel']} to {to}"


def _letter_lines(letter: LetterPreview) -> Iterator[str]:
    yield f"by {letter.channel} to {letter.to}"
    if letter.letter:
        yield f"“{letter.letter.subject}”"
    elif letter.problem:
        yield f"{humanize_code(letter.occasion)}; it cannot be shown: {letter.problem}"


def _moved(change: DateChange) -> str:
    days = [format_date(day) if day else "none" for day in (change.from_on, change.to_on)]
    lapse = ", lapses" if change.is_late and not change.was_late else ""
    saved = ", no longer late" if change.was_late and not change.is_late else ""
    return f"{' → '.join(dict.fromkeys(days))}{lapse}{saved}"
