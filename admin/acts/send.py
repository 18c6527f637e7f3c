"""Send an act to the service: it is answered, or with --signal only sent.

On a terminal the act is shown first, and sent only after a yes.
"""

import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from admin.acts.confirm import confirm, print_preview
from admin.acts.draft import ActDraft, OptionNames, ReadAct
from admin.acts.render import print_answer, print_sent
from admin.shared.api import Api, ServiceError
from admin.shared.ask import nothing_done, stdin_is_terminal
from admin.shared.errors import CommandError, Exit, bad_input, refused, unreachable
from admin.shared.local_dates import LocalDates
from complaints.runtime.clock import now

DEFAULT_DATES = (ZoneInfo("Europe/London"), True)
"""Zone, and whether days come first, until the complaint's own clock is read."""
TIER_LETTERS = ("acknowledge", "reply", "extend", "correct")
"""Acts whose letter cannot have gone before its tier began (R4)."""
OPTIONS = OptionNames()
CONFLICT = 409
ANY_REFERENCE = "X"


def send(draft: ActDraft) -> None:
    """Send the act and print the answer. Raises CommandError, also for a refusal or a no.

    With --preview, only show what it would do.
    """
    options = draft.options
    read = draft.read(LocalDates(*DEFAULT_DATES, now()))
    errors = [*draft.identifier_errors, *read.errors]
    if errors:
        raise bad_input(*errors, *_further_errors(draft, read))
    asks = stdin_is_terminal() and not options.yes
    with Api(options.staff, OPTIONS) as api:
        if read.has_dates:
            read = draft.read(_dates_of(api, draft, read))
            if read.errors:
                raise bad_input(*read.errors)
        if options.preview or asks:
            preview = _preview(api, draft, read)
            if options.preview:
                print_preview(_shown(preview), read.notes, as_json=options.json)
                if preview and preview["refused"]:
                    raise _refused(draft, preview["code"], preview["refused"])
                return
            _confirm(draft, read, preview)
        _send(api, draft, read)


def _shown(preview: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if preview is None:
        raise unreachable("the record does not have the complaint yet, or is unavailable; repeat the command")
    return preview


def _further_errors(draft: ActDraft, read: ReadAct) -> list[str]:
    """List what else is wrong, by the service, apart from what could not be read.

    It checks an act before it looks for the complaint.
    """
    try:
        with Api(draft.options.staff, OPTIONS) as api:
            api.post(f"/complaints/{ANY_REFERENCE}/acts/{draft.act}/preview", json=read.json)
    except ServiceError as error:
        problems = error.problem.get("errors", [])
        if error.code is not Exit.BAD_INPUT:
            return []
        return [
            line
            for line, each in zip(error.lines, problems, strict=False)
            if each["field"] not in read.invalid and (each["field"] or not read.invalid)
        ]
    except CommandError:  # nobody is signed in, or the service does not answer
        pass
    return []


def _dates_of(api: Api, draft: ActDraft, read: ReadAct) -> LocalDates:
    """Return the complaint's own dates. Raises CommandError."""
    try:
        clock = api.get(f"/complaints/{draft.options.reference}/clock")
    except ServiceError as error:
        errors = _further_errors(draft, read) if error.code is Exit.BAD_INPUT else []
        raise bad_input(*errors) if errors else _translated(draft, error) from error
    tier = draft.fields.get("tier")
    starts = [each["started_at"] for each in clock["tiers"] if tier in (None, each["tier"])]
    earliest = datetime.fromisoformat(starts[-1]) if starts and draft.act in TIER_LETTERS else None
    return LocalDates(ZoneInfo(clock["time_zone"]), clock["day_first"], datetime.fromisoformat(clock["now"]), earliest)


def _preview(api: Api, draft: ActDraft, read: ReadAct) -> Mapping[str, Any] | None:
    """Fetch what the act would do; None: the service cannot say now. Raises CommandError."""
    try:
        preview: Mapping[str, Any] = api.post(f"{draft.path}/preview", json=read.json)
    except ServiceError as error:
        if error.code is Exit.UNREACHABLE:
            return None
        raise _translated(draft, error) from error
    return preview


def _confirm(draft: ActDraft, read: ReadAct, preview: Mapping[str, Any] | None) -> None:
    """Show the act, and ask.

    Raises CommandError for a no, and for what would be refused without a trace.
    """
    if preview and preview["refused"] and not preview["is_recorded"]:
        # Nothing would change. A repeat of an earlier act gets that act's answer, which only the workflow knows.
        if draft.options.id is None:
            raise _refused(draft, preview["code"], preview["refused"])
    elif not confirm(draft.act, preview, read.notes):
        raise nothing_done()


def _send(api: Api, draft: ActDraft, read: ReadAct) -> None:
    options = draft.options
    headers = {"Prefer": "respond-async"} if options.signal else {}
    try:
        answer = api.post(draft.path, json=read.json, headers=headers)
    except ServiceError as error:
        raise _translated(draft, error) from error
    if options.signal:
        print_sent(draft.act, answer, read.notes, options.json)
    else:
        print_answer(answer, read.notes, options.json)


def _translated(draft: ActDraft, error: ServiceError) -> CommandError:
    """Say a refusal in the words of the command, and what to do where no answer came."""
    if error.code is Exit.REFUSED and error.status == CONFLICT:
        hints = [f"{OPTIONS.get(each['field'])}: {each['detail']}" for each in error.problem.get("errors", [])]
        return _refused(draft, error.problem_code, str(error.problem["detail"]), *hints)
    if error.code is Exit.UNREACHABLE:
        ask = f"complaints answer {draft.options.reference} {shlex.quote(draft.id)}"
        return unreachable(f"{error.lines[0]} The act may still take effect. To ask: {ask}")
    return error


def _refused(draft: ActDraft, code: str, sentence: str, *hints: str) -> CommandError:
    hint = hints[0] if hints else None
    return refused(code, _by_option(sentence), hint, id=draft.id, reference=draft.options.reference)


def _by_option(sentence: str) -> str:
    """Name the option in place of the field where a refusal is about one."""
    field, colon, rest = sentence.partition(": ")
    is_field = colon and field.isascii() and field.replace(".", "_").isidentifier() and field.islower()
    return f"{OPTIONS.get(field)}: {rest}" if is_field else sentence
