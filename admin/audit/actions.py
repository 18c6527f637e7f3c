"""Print what an audit of the record finds."""

import json
from collections.abc import Iterator
from typing import Any

from admin.shared.api import Api
from admin.shared.errors import CommandError, Exit
from admin.shared.json_stream import lines_of
from admin.shared.output import out, print_json
from complaints.formatting.plural import plural

AUDIT_TIMEOUT_SECONDS = 600.0
"""Between two lines of the answer: nothing is said while all is well."""
NOT_COMPLETE = "the service ended its answer early, so the audit is not complete; run it again"


def print_audit(reference: str | None, by: str | None, *, histories: bool, as_json: bool) -> None:
    """Audit one complaint, or all for None.

    Raises CommandError, with exit code 1 if something is not as it was recorded.
    """
    path = "/audit" if reference is None else f"/complaints/{reference}/audit"
    findings: list[dict[str, Any]] = []
    summary: dict[str, Any] | None = None
    with Api(by) as api:
        for line in _lines(api, path, histories=histories):
            if finding := line["finding"]:
                findings.append(finding)
                if not as_json:
                    out.print(_describe(finding))
            summary = line["summary"] or summary
    if summary is None:
        raise CommandError(Exit.FAILED, NOT_COMPLETE)
    if as_json:
        print_json({"findings": findings, **{name: summary[name] for name in summary if name != "findings"}})
    else:
        for sentence in _sentences(summary):
            out.print(sentence)
    if findings:
        verdict = f"{plural(len(findings), 'finding')}: the record is not as it was recorded"
        raise CommandError(Exit.FAILED, *([] if as_json else [verdict]))


def _lines(api: Api, path: str, *, histories: bool) -> Iterator[dict[str, Any]]:
    params = {"histories": "true"} if histories else {}
    with api.stream("GET", path, params=params, timeout=AUDIT_TIMEOUT_SECONDS) as answer:
        for line in lines_of(answer.iter_bytes()):
            yield json.loads(line)


def _describe(finding: dict[str, Any]) -> str:
    return f"{finding['reference'] or 'Roots'}: {finding['sentence']}."


def _sentences(summary: dict[str, Any]) -> Iterator[str]:
    """Say what was checked, and what could not be."""
    checked = f"Checked {plural(summary['complaints'], 'complaint')} with {plural(summary['events'], 'event')}"
    yield f"{checked}, {summary['histories']} of them against Temporal's history."
    if summary["without_words"]:
        yield f"{plural(summary['without_words'], 'complaint')} without words, as anonymised or erased."
    if not summary["roots"]:
        yield "No root is signed yet: a chain that somebody computed again is not found. See docs/audit.md."
        return
    against = f", and {summary['files']} in the folder" if summary["files"] is not None else ""
    yield f"Checked {plural(summary['roots'], 'signed root')}{against}; the newest is of {summary['last_root']}."
    if not summary["are_signatures_checked"]:
        yield "No signature was checked: the service has no COMPLAINTS_AUDIT_PUBLIC_KEY."
    if summary["files"] is None:
        yield "The folder of roots was not compared: the service has no COMPLAINTS_AUDIT_ROOTS."
