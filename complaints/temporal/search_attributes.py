"""Search attributes of complaints and deliveries in Temporal: their keys and values.

Everybody who may open Temporal reads them as plain text, so they hold nothing personal.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from complaints.procedure.views.views import ComplaintView
from complaints.temporal.search_attribute_types import SEARCH_ATTRIBUTES

REFERENCE = SearchAttributeKey.for_keyword("ComplaintReference")
STATUS = SearchAttributeKey.for_keyword("ComplaintStatus")

_KEYS: Mapping[str, Callable[[str], SearchAttributeKey[Any]]] = MappingProxyType(
    {
        "Keyword": SearchAttributeKey.for_keyword,
        "KeywordList": SearchAttributeKey.for_keyword_list,
        "Datetime": SearchAttributeKey.for_datetime,
        "Bool": SearchAttributeKey.for_bool,
    }
)
_VALUES_BY_NAME: Mapping[str, Callable[[ComplaintView], Any]] = MappingProxyType(
    {
        "ComplaintReference": lambda view: view.reference,
        "ComplaintTier": lambda view: view.tier,
        "ComplaintStatus": lambda view: str(view.status),
        "ComplaintHolder": lambda view: view.holder,
        "ComplaintDue": lambda view: _truncate_to_milliseconds(view.due_at),
        "ComplaintNextEvent": lambda view: _truncate_to_milliseconds(view.next_due_at),
        "ComplaintOverdue": lambda view: view.overdue,
        "ComplaintLetterHeld": lambda view: bool(view.held_letters),
        "ComplaintAspects": lambda view: list(dict.fromkeys(map(str, view.aspects))),
    }
)
_VALUES: Mapping[SearchAttributeKey[Any], Callable[[ComplaintView], Any]] = MappingProxyType(
    {_KEYS[kind](name): _VALUES_BY_NAME[name] for name, kind in SEARCH_ATTRIBUTES.items()}
)
"""Each key, and its value for a complaint; None leaves the attribute out."""


def attributes_of(view: ComplaintView) -> TypedSearchAttributes:
    """Build the search attributes of a complaint; an unknown value is left out."""
    values = ((key, value_of(view)) for key, value_of in _VALUES.items())
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in values if value is not None])


def attributes_of_delivery(reference: str) -> TypedSearchAttributes:
    """Build the search attributes of a delivery.

    A search for a complaint's reference finds its letters and alerts, too.
    """
    return TypedSearchAttributes([SearchAttributePair(REFERENCE, reference)])


def updates_between(
    current: TypedSearchAttributes, wanted: TypedSearchAttributes
) -> Sequence[SearchAttributeUpdate[Any]]:
    """List the updates that turn `current` into `wanted`; empty if they are equal."""
    updates: list[SearchAttributeUpdate[Any]] = []
    for key in _VALUES:
        before, value = current.get(key), wanted.get(key)
        if before != value:
            updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates


def no_op_update(attributes: TypedSearchAttributes) -> Sequence[SearchAttributeUpdate[Any]]:
    """Return an upsert that changes nothing."""
    return [STATUS.value_set(attributes[STATUS])]


def _truncate_to_milliseconds(at: datetime | None) -> datetime | None:
    """Truncate to the visibility store's precision."""
    return at and at.replace(microsecond=at.microsecond // 1_000 * 1_000)
