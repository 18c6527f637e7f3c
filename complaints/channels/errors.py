"""How a channel fails: for good, or for now.

Their sentences are for an operator, and stand in histories, logs and pages: they name no person and no address, and
repeat nothing that a server said but its codes. Raise them `from None`: what caused them may quote all that.
"""


class ChannelRefusedError(Exception):
    """This letter or alert will never be taken as it is: trying again is of no use, somebody must look at it."""


class ChannelAwayError(Exception):
    """It was not taken now, for a reason that may pass or that an operator can mend: to be tried again until it is.

    All that is wrong with the channel itself is of this kind, a wrong password too: it meets every letter alike, and
    once it is mended they all go, with no need to send each again by hand.
    """
