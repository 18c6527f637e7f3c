"""Tests of the seeded fault runs."""
