"""Search attributes of complaints and deliveries in Temporal: their types and values.

Everybody who may open Temporal reads them as plain text, so they hold nothing personal.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from complaints.procedure.views.views import ComplaintView

REFERENCE = SearchAttributeKey.for_keyword("ComplaintReference")
STATUS = SearchAttributeKey.for_keyword("ComplaintStatus")

_VALUES: Mapping[SearchAttributeKey[Any], Callable[[ComplaintView], Any]] = MappingProxyType(
    {
        REFERENCE: lambda view: view.reference,
        SearchAttributeKey.for_keyword("ComplaintTier"): lambda view: view.tier,
        STATUS: lambda view: str(view.status),
        SearchAttributeKey.for_keyword("ComplaintHolder"): lambda view: view.holder,
        SearchAttributeKey.for_datetime("ComplaintDue"): lambda view: _truncate_to_milliseconds(view.due_at),
        SearchAttributeKey.for_datetime("ComplaintNextEvent"): lambda view: _truncate_to_milliseconds(view.next_due_at),
        SearchAttributeKey.for_bool("ComplaintOverdue"): lambda view: view.overdue,
        SearchAttributeKey.for_bool("ComplaintLetterHeld"): lambda view: bool(view.held_letters),
        SearchAttributeKey.for_keyword_list("ComplaintAspects"): lambda view: list(
            dict.fromkeys(map(str, view.aspects))
        ),
    }
)
"""The table: each key, and its value for a complaint; None leaves the attribute out."""

SEARCH_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {key.name: key.indexed_value_type.name.title().replace("_", "") for key in _VALUES}
)
"""Name to type, as `temporal operator search-attribute create` takes them: `Keyword`, `KeywordList`."""


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
