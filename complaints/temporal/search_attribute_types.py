"""Names and types of the search attributes, without Temporal's client (slow to import)."""

from collections.abc import Mapping
from types import MappingProxyType

SEARCH_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "ComplaintReference": "Keyword",
        "ComplaintTier": "Keyword",
        "ComplaintStatus": "Keyword",
        "ComplaintHolder": "Keyword",
        "ComplaintDue": "Datetime",
        "ComplaintNextEvent": "Datetime",
        "ComplaintOverdue": "Bool",
        "ComplaintLetterHeld": "Bool",
        "ComplaintAspects": "KeywordList",
    }
)
"""Name to type, as `temporal operator search-attribute create` takes them: `Keyword`, `KeywordList`."""
