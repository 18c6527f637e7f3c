"""JSON payloads of alerts, one template for each kind of receiver, in `webhooks/`."""

import json
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from string import Template
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from complaints.formatting.shorten import shorten
from complaints.procedure.field_types import InputModel, Instant, Reference, ShortText, pattern_validator

MAX_HEADLINE = 150
"""Characters that Slack takes in a header."""


class WebhookKind(StrEnum):
    PLAIN = "plain"
    SLACK = "slack"
    TEAMS = "teams"


CommandLine = Annotated[str, Field(min_length=1, max_length=500)]
"""Long enough for every act of the longest reference: a command that is cut is of no use."""


class Notice(InputModel):
    """An alert; it holds no text of the complainant's."""

    key: Annotated[
        str, AfterValidator(pattern_validator(r"[A-Za-z0-9._:@+-]{1,250}", "a key of letters, digits and . _ : @ + -"))
    ]
    """The same for every attempt to send this alert, and unique to it: `C-1003.7.webhook`."""
    kind: Annotated[str, AfterValidator(pattern_validator(r"[a-z_]{1,50}", "a code such as reply_lapsed"))]
    reference: Reference | None
    """None: it is about the whole record."""
    since: Instant
    what: ShortText
    to_do: Annotated[str, Field(min_length=1, max_length=400)]
    command: CommandLine
    """The command that does it."""
    otherwise: CommandLine | None = None
    """The command that a lead, who may not do it, can use instead."""


def render_payload(notice: Notice, kind: WebhookKind) -> bytes:
    """Render an alert; equal alerts give equal bytes."""
    template = json.loads((files(__package__) / "webhooks" / f"{kind}.json").read_text(encoding="utf-8"))
    values = {name: _format(value) for name, value in notice if value is not None}
    values.setdefault("reference", "")
    values["about"] = f"Complaint {notice.reference}" if notice.reference else "All complaints"
    values["headline"] = shorten(notice.what, MAX_HEADLINE)
    return json.dumps(_fill_in(template, values), ensure_ascii=False, separators=(",", ":")).encode()


def _format(value: str | datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


def _fill_in(template: Any, values: dict[str, str]) -> Any:
    """Fill in each text of the parsed template, so that no value can change its structure."""
    if isinstance(template, dict):
        return {name: _fill_in(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [_fill_in(part, values) for part in template]
    return Template(template).substitute(values) if isinstance(template, str) else template
