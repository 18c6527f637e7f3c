"""Errors of a channel: permanent and temporary.

Operators read their messages in histories, logs and pages. So a message names no person and no address, and repeats
nothing that a server said but its codes. Raise them `from None`, as their causes may quote all that.
"""


class ChannelRefusedError(Exception):
    """The channel will never take this message as it is; somebody has to look at it."""


class ChannelUnavailableError(Exception):
    """The channel cannot take messages now; retry until it does.

    An error of the channel itself is temporary, a wrong password too: it concerns every message alike. Once an
    operator has corrected it, all messages go without being sent again by hand.
    """
