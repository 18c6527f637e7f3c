"""The record: all that PostgreSQL stores, also after a complaint's workflow has ended."""
