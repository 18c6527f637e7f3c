"""The error of a database's address."""


class AddressError(ValueError):
    """The address is wrong; the message quotes neither it nor a password."""
