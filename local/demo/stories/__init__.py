"""The stories of the demo, in order."""

from local.demo.stories.first_tiers import (
    ANSWERED_IN_TIME,
    MIXED,
    OUT_OF_TIME,
    SETTLED,
    WITHDRAWN,
)
from local.demo.stories.taken_further import ALL_THE_WAY, NEVER_ANSWERED, STRAIGHT_TO_THE_TOP

STORIES = (
    ANSWERED_IN_TIME,
    SETTLED,
    NEVER_ANSWERED,
    WITHDRAWN,
    MIXED,
    OUT_OF_TIME,
    STRAIGHT_TO_THE_TOP,
    ALL_THE_WAY,
)
