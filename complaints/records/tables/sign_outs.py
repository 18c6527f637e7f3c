"""The table `signed_out`."""

from sqlalchemy import BigInteger, Column, Table, Text

from complaints.records.tables.common import INSTANT, metadata

signed_out = Table(
    "signed_out",
    metadata,
    Column("session", Text, primary_key=True),  # the digest of the provider's session, or of the token
    Column("issued_until", BigInteger, nullable=False),  # seconds since 1970: tokens issued later are valid
    Column("ends_at", INSTANT, nullable=False),  # by then they all have expired
)
"""Sessions of staff that were signed out, until their access tokens expire."""
