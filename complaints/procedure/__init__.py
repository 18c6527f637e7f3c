"""The rules R1 to R14 as pure code: no clock, no I/O. Time is an argument, an aware datetime.

Begin with `complaint.py`. This package imports only pydantic and the standard library.
"""
