"""The search attributes of a complaint in Temporal, for every place which registers, checks or sets them.

They are plain text to everybody who may open Temporal: nothing personal goes into them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from complaints.procedure.views.views import ComplaintView

SEARCH_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "ComplaintTier": "Keyword",
        "ComplaintStatus": "Keyword",
        "ComplaintHolder": "Keyword",
        "ComplaintDue": "Datetime",
        "ComplaintOverdue": "Bool",
        "ComplaintAspects": "KeywordList",
    }
)
"""Name to type, the type as Temporal's own command wants it."""


TIER = SearchAttributeKey.for_keyword("ComplaintTier")


STATUS = SearchAttributeKey.for_keyword("ComplaintStatus")


HOLDER = SearchAttributeKey.for_keyword("ComplaintHolder")


DUE = SearchAttributeKey.for_datetime("ComplaintDue")


OVERDUE = SearchAttributeKey.for_bool("ComplaintOverdue")


ASPECTS = SearchAttributeKey.for_keyword_list("ComplaintAspects")


def attributes_of(view: ComplaintView) -> TypedSearchAttributes:
    """What is unknown or empty is left out."""
    values: list[tuple[SearchAttributeKey[Any], Any]] = [
        (TIER, view.tier),
        (STATUS, str(view.status)),
        (HOLDER, view.holder),
        (DUE, _to_the_millisecond(view.next_due_at)),
        (OVERDUE, view.overdue),
        (ASPECTS, list(dict.fromkeys(map(str, view.aspects)))),
    ]
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in values if value is not None])


def updates_between(
    now_set: TypedSearchAttributes, wanted: TypedSearchAttributes
) -> Sequence[SearchAttributeUpdate[Any]]:
    """What one upsert has to change; empty if nothing."""
    updates: list[SearchAttributeUpdate[Any]] = []
    keys: tuple[SearchAttributeKey[Any], ...] = (TIER, STATUS, HOLDER, DUE, OVERDUE, ASPECTS)
    for key in keys:
        was, value = now_set.get(key), wanted.get(key)
        if was != value:
            updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates


def no_op_update(attributes: TypedSearchAttributes) -> Sequence[SearchAttributeUpdate[Any]]:
    """An upsert that changes nothing."""
    return [STATUS.value_set(attributes[STATUS])]


def _to_the_millisecond(at: datetime | None) -> datetime | None:
    """The visibility store keeps no more."""
    return at and at.replace(microsecond=at.microsecond // 1_000 * 1_000)
