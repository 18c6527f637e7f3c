"""Simulate a year of complaints in virtual time, and compute how many workers carry it."""
