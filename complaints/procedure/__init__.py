"""The rules R1 to R14 as pure code, without clock or I/O: time is an argument.

Begin with `complaint.py`. This package imports only pydantic and the standard library.
"""
