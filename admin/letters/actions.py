"""List letters and alerts, and send them again, through the HTTP service."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from admin.shared.api import Api, ServiceError
from admin.shared.errors import CommandError, Exit
from admin.shared.json_stream import JsonArray, lines_of
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_note, print_records
from admin.shared.typed_dates import TypedDates, given
from complaints.formatting.plural import plural

FIELDS: Mapping[str, str] = MappingProxyType({"ids": "ID", "of": "--of", "channel": "--channel"})
ROWS_IN_A_TABLE = 500
HEADINGS = ["id", "what", "by", "owed", "status", "why"]
NOT_SENT_AGAIN = "not_sent_again"


def print_deliveries(of: str | None, status: str | None, by: str | None, *, as_json: bool) -> None:
    """Print deliveries as they come, so that any number takes little memory.

    Raises CommandError.
    """
    number = 0
    with Api(by, FIELDS) as api:
        local = TypedDates(api).dates.zone
        array = JsonArray()
        rows: list[tuple[str, ...]] = []
        for delivery in _deliveries(api, of, status):
            number += 1
            if as_json:
                array.add(delivery)
                continue
            rows.append(_row(delivery, local))
            if len(rows) == ROWS_IN_A_TABLE:
                print_records("", HEADINGS, rows)
                rows = []
    if rows:
        print_records("", HEADINGS, rows)
    if as_json:
        array.end()
    elif number:
        print_note(f"{number:,} letters and alerts.")
    else:
        out.print("There are no letters or alerts.")


def _deliveries(api: Api, of: str | None, status: str | None) -> Iterator[dict[str, Any]]:
    with api.stream("GET", "/letters", params={"of": of, "status": status}) as answer:
        for line in lines_of(answer.iter_bytes()):
            delivery = json.loads(line)
            yield {name: value for name, value in delivery.items() if name != "waits" or value}


def _row(delivery: Mapping[str, Any], local: ZoneInfo) -> tuple[str, ...]:
    key = "{reference}.{sequence}.{to}".format_map(delivery["key"])
    at = delivery["sent_at"] or delivery["held_at"]
    status = "sent" if delivery["sent_at"] else "held" if delivery["held_at"] else "waiting"
    waits = delivery.get("waits")
    return (
        key,
        humanize_code(delivery["occasion"] or delivery["kind"]),
        delivery["channel"],
        _instant(delivery["owed_at"], local),
        f"{status} {_instant(at, local)}" if at else status,
        _explain(waits, local) if waits else delivery["why"] or "",
    )


def _explain(waits: Mapping[str, Any], local: ZoneInfo) -> str:
    """Say in one line why a message waits, with the tries so far and the next one."""
    parts = [waits["why"]]
    if waits["since"] and waits["tries"]:
        parts.append(f"{plural(waits['tries'], 'try', 'tries')} since {_instant(waits['since'], local)}")
    if waits["next_try_at"]:
        parts.append(f"next {_instant(waits['next_try_at'], local)}")
    return "; ".join(parts)


def _instant(text: str, local: ZoneInfo) -> str:
    return instant(datetime.fromisoformat(text), local)


def send_again(ids: list[str], channel: str | None, by: str | None, *, as_json: bool) -> None:
    """Send messages again, or none of them. Raises CommandError."""
    with Api(by, FIELDS) as api:
        try:
            sent = api.post("/letters/again", json=given(ids=ids, channel=channel))
        except ServiceError as error:
            if error.problem_code != NOT_SENT_AGAIN:
                raise
            raise CommandError(Exit.REFUSED, *error.problem["detail"].splitlines()) from None
    if as_json:
        print_json(sent)
    else:
        out.print(f"On the way again: {', '.join(sent['again'])}. To see the result: complaints letters")
