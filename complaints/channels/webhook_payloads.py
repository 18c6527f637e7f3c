"""What a webhook is told, as the JSON that its kind of receiver reads: one template for each, in `webhooks/`."""

import json
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from string import Template
from typing import Annotated, Any

from pydantic import AfterValidator

from complaints.procedure.field_types import InputModel, Instant, Reference, ShortText, pattern_validator


class WebhookKind(StrEnum):
    PLAIN = "plain"
    SLACK = "slack"
    TEAMS = "teams"


class Notice(InputModel):
    """An alert, without a word of the complainant's."""

    key: Annotated[str, AfterValidator(pattern_validator(r"[A-Za-z0-9._:@-]{1,120}", "a key of letters, digits and . _ : @ -"))]
    """One and the same for all attempts at it, and for nothing else: such as `C-1003.7.alert`."""
    kind: Annotated[str, AfterValidator(pattern_validator(r"[a-z_]{1,50}", "a code such as reply_lapsed"))]
    reference: Reference
    since: Instant
    what: ShortText
    to_do: ShortText
    command: ShortText
    """What to type, to do it."""
    otherwise: ShortText | None = None
    """What a lead may type instead, who may not do it."""


def render_payload(notice: Notice, kind: WebhookKind) -> bytes:
    """The same bytes each time."""
    template = json.loads((files(__package__) / "webhooks" / f"{kind}.json").read_text(encoding="utf-8"))
    values = {name: _written(value) for name, value in notice if value is not None}
    return json.dumps(_filled_in(template, values), ensure_ascii=False, separators=(",", ":")).encode()


def _written(value: str | datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


def _filled_in(template: Any, values: dict[str, str]) -> Any:
    """Each text of the template by itself, after the JSON was read: no value can change its form."""
    if isinstance(template, dict):
        return {name: _filled_in(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [_filled_in(part, values) for part in template]
    return Template(template).substitute(values) if isinstance(template, str) else template
