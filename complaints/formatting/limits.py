"""Limits of what people type. This module imports nothing, so that the script starts soon."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
"""The years, both included, of every day and instant that we accept."""
MAX_PENCE = 100_000_000
STAFF_ID = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}"
STAFF_ID_EXAMPLE = "an id of up to 100 letters, digits and . _ @ + -"
REFERENCE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
REFERENCE_EXAMPLE = "a reference of up to 64 letters, digits and . _ -"
