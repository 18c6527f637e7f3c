"""The stories of the demo, in the order in which they are told."""

from local.demo.stories.first_tiers import (
    ANSWERED_IN_TIME,
    MIXED,
    OUT_OF_TIME,
    SETTLED,
    WITHDRAWN,
)
from local.demo.stories.taken_further import NEVER_ANSWERED, STRAIGHT_TO_THE_TOP, THE_LONG_WAY

STORIES = (
    ANSWERED_IN_TIME,
    SETTLED,
    OUT_OF_TIME,
    MIXED,
    WITHDRAWN,
    NEVER_ANSWERED,
    STRAIGHT_TO_THE_TOP,
    THE_LONG_WAY,
)
