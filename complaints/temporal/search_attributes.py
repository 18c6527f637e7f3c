"""The search attributes of a complaint in Temporal, for every place which registers, checks or sets them.

They are plain text to everybody who may open Temporal: nothing personal goes into them.
"""

from collections.abc import Mapping
from types import MappingProxyType

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
